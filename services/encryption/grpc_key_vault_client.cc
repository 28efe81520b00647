#include "services/encryption/grpc_key_vault_client.h"

#include <optional>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/crypto/secret_memory.h"
#include "common/integrity/crc32c.h"
#include "common/status/status_macros.h"
#include "services/encryption/errors.h"
#include "services/encryption/peer_call.h"

namespace keyward::encryption {
namespace {

namespace kv = keyvault::v1;

std::string DescribeType(kv::KeyType type) {
  constexpr absl::string_view kPrefix = "KEY_TYPE_";
  std::string name = kv::KeyType_Name(type).substr(kPrefix.size());
  for (char& c : name) {
    if (c == '_') c = '-';
  }
  return name;
}

std::optional<absl::Time> TimeFrom(bool present, const google::protobuf::Timestamp& time) {
  if (!present) return std::nullopt;
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

KeyInspection InspectionFrom(const kv::InspectKeyResponse& response) {
  KeyInspection inspection;
  inspection.sequence = response.sequence();
  inspection.vault_found = response.vault_found();
  if (!inspection.vault_found) return inspection;
  inspection.vault_region = response.vault_region();
  inspection.soft_delete_retention_days = response.soft_delete_retention_days();
  inspection.purge_protection = response.purge_protection();
  inspection.permissions = {response.key_permissions().begin(), response.key_permissions().end()};
  inspection.key_found = response.key_found();
  if (!inspection.key_found) return inspection;
  const kv::KeyVersion& version = response.version();
  inspection.key_type = DescribeType(response.key_type());
  inspection.is_rsa_2048 = response.key_type() == kv::KEY_TYPE_RSA_2048;
  inspection.version = version.name();
  inspection.enabled = version.enabled();
  inspection.key_ops = {version.key_ops().begin(), version.key_ops().end()};
  inspection.not_before = TimeFrom(version.has_not_before(), version.not_before());
  inspection.expire_time = TimeFrom(version.has_expire_time(), version.expire_time());
  return inspection;
}

// What is wrong with an answer whose bytes were damaged on their way. It says nothing about access,
// so it counts as no answer at all.
absl::Status Damaged(absl::string_view what) { return PeerUnavailable("key_vault", what); }

absl::Status CheckAnswer(bool verified, absl::string_view bytes, bool has_checksum,
                         int64_t checksum) {
  if (!verified)
    return Damaged("its answer does not say that it has checked the bytes it was sent");
  if (!has_checksum || !integrity::MatchesCrc32c(bytes, checksum)) {
    return Damaged("the bytes of its answer do not match their CRC32C");
  }
  return absl::OkStatus();
}

}  // namespace

GrpcKeyVaultClient::GrpcKeyVaultClient(const std::shared_ptr<grpc::Channel>& channel)
    : keys_(kv::KeyService::NewStub(channel)),
      cryptography_(kv::CryptographyService::NewStub(channel)),
      usages_(kv::KeyUsageService::NewStub(channel)) {}

absl::StatusOr<KeyInspection> GrpcKeyVaultClient::Inspect(const server::CallContext& call,
                                                          const std::string& key,
                                                          const std::string& tenant,
                                                          const std::string& principal) {
  kv::InspectKeyRequest request;
  request.set_name(key);
  request.set_tenant(tenant);
  request.set_principal(principal);
  KW_ASSIGN_OR_RETURN(
      const kv::InspectKeyResponse response,
      CallPeer(call, "", *keys_, &kv::KeyService::StubInterface::InspectKey, request));
  return InspectionFrom(response);
}

absl::StatusOr<KeyVaultClient::Wrapped> GrpcKeyVaultClient::Wrap(
    const server::CallContext& call, const std::string& token, const std::string& key,
    const crypto::SecretBytes& plaintext) {
  kv::WrapKeyRequest request;
  request.set_name(key);
  request.set_algorithm(kv::WRAP_ALGORITHM_RSA_OAEP_256);
  request.set_plaintext(std::string(plaintext.ExposeSecret()));
  request.mutable_plaintext_crc32c()->set_value(integrity::Crc32c(plaintext.ExposeSecret()));
  auto response = CallPeer(call, token, *cryptography_,
                           &kv::CryptographyService::StubInterface::WrapKey, request);
  crypto::WipeMemory(request.mutable_plaintext()->data(), request.plaintext().size());
  KW_RETURN_IF_ERROR(response.status());
  KW_RETURN_IF_ERROR(CheckAnswer(response->verified_plaintext_crc32c(), response->ciphertext(),
                                 response->has_ciphertext_crc32c(),
                                 response->ciphertext_crc32c().value()));
  return Wrapped{response->key_version(), response->ciphertext()};
}

absl::StatusOr<crypto::SecretBytes> GrpcKeyVaultClient::Unwrap(const server::CallContext& call,
                                                               const std::string& token,
                                                               const std::string& version,
                                                               const std::string& ciphertext) {
  kv::UnwrapKeyRequest request;
  request.set_name(version);
  request.set_algorithm(kv::WRAP_ALGORITHM_RSA_OAEP_256);
  request.set_ciphertext(ciphertext);
  request.mutable_ciphertext_crc32c()->set_value(integrity::Crc32c(ciphertext));
  KW_ASSIGN_OR_RETURN(kv::UnwrapKeyResponse response,
                      CallPeer(call, token, *cryptography_,
                               &kv::CryptographyService::StubInterface::UnwrapKey, request));
  crypto::SecretBytes plaintext = crypto::SecretBytes::TakeFrom(*response.mutable_plaintext());
  KW_RETURN_IF_ERROR(CheckAnswer(response.verified_ciphertext_crc32c(), plaintext.ExposeSecret(),
                                 response.has_plaintext_crc32c(),
                                 response.plaintext_crc32c().value()));
  return plaintext;
}

absl::Status GrpcKeyVaultClient::RegisterUsage(const server::CallContext& call,
                                               const std::string& version,
                                               const std::string& user) {
  kv::RegisterKeyUsageRequest request;
  request.set_name(version);
  request.set_user(user);
  request.set_description("its data is encrypted under the key");
  return CallPeer(call, "", *usages_, &kv::KeyUsageService::StubInterface::RegisterKeyUsage,
                  request)
      .status();
}

absl::Status GrpcKeyVaultClient::ReleaseUsage(const server::CallContext& call,
                                              const std::string& version, const std::string& user) {
  kv::ReleaseKeyUsageRequest request;
  request.set_name(version);
  request.set_user(user);
  return CallPeer(call, "", *usages_, &kv::KeyUsageService::StubInterface::ReleaseKeyUsage, request)
      .status();
}

}  // namespace keyward::encryption
