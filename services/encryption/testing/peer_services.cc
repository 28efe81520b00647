#include "services/encryption/testing/peer_services.h"

#include <string>

#include "absl/strings/strip.h"
#include "common/crypto/secret_bytes.h"
#include "common/integrity/crc32c.h"
#include "common/server/call_context.h"
#include "common/status/grpc_status.h"
#include "services/encryption/names.h"
#include "services/encryption/timestamps.h"

namespace keyward::encryption::testing {
namespace {

AccountName AccountOf(const std::string& identity) {
  return AccountName::FromTrustedId(std::string(absl::StripPrefix(identity, "identities/")));
}

grpc::Status Answer(const absl::StatusOr<AccountIdentity>& identity,
                    identity::v1::Identity* response) {
  if (!identity.ok()) return ToGrpcStatus(identity.status());
  response->set_name(identity->name);
  response->set_resource(identity->resource);
  response->set_subscription(identity->subscription);
  response->set_tenant(identity->tenant);
  response->set_principal_id(identity->principal);
  response->set_state(identity->principal.empty() ? identity::v1::Identity::STATE_DISABLED
                                                  : identity::v1::Identity::STATE_ENABLED);
  return grpc::Status::OK;
}

std::string BearerToken(const grpc::ServerContext& context) {
  const auto found = context.client_metadata().find("authorization");
  if (found == context.client_metadata().end()) return "";
  const std::string value(found->second.data(), found->second.size());
  return std::string(absl::StripPrefix(value, "Bearer "));
}

}  // namespace

grpc::Status FakeIdentityService::CreateIdentity(grpc::ServerContext*,
                                                 const identity::v1::CreateIdentityRequest* request,
                                                 identity::v1::Identity* response) {
  return Answer(
      fake_.Create({}, AccountName::FromTrustedId(request->identity_id()), request->subscription()),
      response);
}

grpc::Status FakeIdentityService::GetIdentity(grpc::ServerContext*,
                                              const identity::v1::GetIdentityRequest* request,
                                              identity::v1::Identity* response) {
  return Answer(fake_.Get({}, AccountOf(request->name())), response);
}

grpc::Status FakeIdentityService::EnableIdentity(grpc::ServerContext*,
                                                 const identity::v1::EnableIdentityRequest* request,
                                                 identity::v1::Identity* response) {
  return Answer(fake_.Enable({}, AccountOf(request->name())), response);
}

grpc::Status FakeIdentityService::DeleteIdentity(grpc::ServerContext*,
                                                 const identity::v1::DeleteIdentityRequest* request,
                                                 identity::v1::DeleteIdentityResponse*) {
  return ToGrpcStatus(fake_.Delete({}, AccountOf(request->name())));
}

grpc::Status FakeIdentityService::SelectIdentity(grpc::ServerContext*,
                                                 const identity::v1::SelectIdentityRequest* request,
                                                 identity::v1::Identity* response) {
  const auto account = AccountName::Parse(request->resource(), "resource");
  if (!account.ok()) return ToGrpcStatus(account.status());
  return Answer(fake_.Select({}, *account, request->identity()), response);
}

grpc::Status FakeTokenService::IssueToken(grpc::ServerContext*,
                                          const identity::v1::IssueTokenRequest* request,
                                          identity::v1::IssueTokenResponse* response) {
  if (request->audience() != "key_vault") {
    return {grpc::StatusCode::INVALID_ARGUMENT, "another audience"};
  }
  const auto account = AccountName::Parse(request->resource(), "resource");
  if (!account.ok()) return ToGrpcStatus(account.status());
  const auto token = fake_.IssueToken({}, KeyUser(*account, request->identity()));
  if (!token.ok()) return ToGrpcStatus(token.status());
  response->set_token(token->value);
  response->set_principal_id(token->principal);
  *response->mutable_expire_time() = ToProto(token->expire_time);
  return grpc::Status::OK;
}

grpc::Status FakeKeyService::InspectKey(grpc::ServerContext*,
                                        const keyvault::v1::InspectKeyRequest* request,
                                        keyvault::v1::InspectKeyResponse* response) {
  const auto inspection =
      fake_.Inspect({}, request->name(), request->tenant(), request->principal());
  if (!inspection.ok()) return ToGrpcStatus(inspection.status());
  response->set_sequence(inspection->sequence);
  response->set_vault_found(inspection->vault_found);
  response->set_vault_region(inspection->vault_region);
  response->set_soft_delete_retention_days(inspection->soft_delete_retention_days);
  response->set_purge_protection(inspection->purge_protection);
  for (const auto& permission : inspection->permissions) response->add_key_permissions(permission);
  response->set_key_found(inspection->key_found);
  if (!inspection->key_found) return grpc::Status::OK;
  response->set_key_type(keyvault::v1::KEY_TYPE_RSA_2048);
  response->mutable_version()->set_name(inspection->version);
  response->mutable_version()->set_enabled(inspection->enabled);
  for (const auto& operation : inspection->key_ops) {
    response->mutable_version()->add_key_ops(operation);
  }
  if (inspection->expire_time.has_value()) {
    *response->mutable_version()->mutable_expire_time() = ToProto(*inspection->expire_time);
  }
  return grpc::Status::OK;
}

grpc::Status FakeKeyUsageService::RegisterKeyUsage(
    grpc::ServerContext*, const keyvault::v1::RegisterKeyUsageRequest* request,
    keyvault::v1::KeyUsage* response) {
  response->set_key_version(request->name());
  response->set_user(request->user());
  return ToGrpcStatus(fake_.RegisterUsage({}, request->name(), request->user()));
}

grpc::Status FakeKeyUsageService::ReleaseKeyUsage(
    grpc::ServerContext*, const keyvault::v1::ReleaseKeyUsageRequest* request,
    keyvault::v1::ReleaseKeyUsageResponse*) {
  return ToGrpcStatus(fake_.ReleaseUsage({}, request->name(), request->user()));
}

grpc::Status FakeCryptographyService::WrapKey(grpc::ServerContext* context,
                                              const keyvault::v1::WrapKeyRequest* request,
                                              keyvault::v1::WrapKeyResponse* response) {
  const auto wrapped = fake_.Wrap({}, BearerToken(*context), request->name(),
                                  crypto::SecretBytes::CopyOf(request->plaintext()));
  if (!wrapped.ok()) return ToGrpcStatus(wrapped.status());
  response->set_key_version(wrapped->version);
  response->set_ciphertext(wrapped->ciphertext);
  response->mutable_ciphertext_crc32c()->set_value(integrity::Crc32c(wrapped->ciphertext));
  response->set_verified_plaintext_crc32c(
      integrity::MatchesCrc32c(request->plaintext(), request->plaintext_crc32c().value()));
  return grpc::Status::OK;
}

grpc::Status FakeCryptographyService::UnwrapKey(grpc::ServerContext* context,
                                                const keyvault::v1::UnwrapKeyRequest* request,
                                                keyvault::v1::UnwrapKeyResponse* response) {
  const auto plaintext =
      fake_.Unwrap({}, BearerToken(*context), request->name(), request->ciphertext());
  if (!plaintext.ok()) return ToGrpcStatus(plaintext.status());
  response->set_key_version(request->name());
  response->set_plaintext(std::string(plaintext->ExposeSecret()));
  response->mutable_plaintext_crc32c()->set_value(integrity::Crc32c(response->plaintext()));
  response->set_verified_ciphertext_crc32c(
      integrity::MatchesCrc32c(request->ciphertext(), request->ciphertext_crc32c().value()));
  return grpc::Status::OK;
}

}  // namespace keyward::encryption::testing
