#include "services/model_deployment/grpc_encryption_client.h"

#include <algorithm>
#include <utility>

#include "common/crypto/aes_key.h"
#include "common/crypto/secret_bytes.h"
#include "common/server/client_context.h"
#include "common/server/log.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "common/status/status_macros.h"
#include "services/model_deployment/timestamps.h"

namespace keyward::model_deployment {

namespace {

constexpr absl::Duration kLongestCall = absl::Seconds(5);

void PrepareCall(grpc::ClientContext& context, const CallOrigin& origin) {
  server::Prepare(context, origin.correlation_id,
                  std::clamp(origin.deadline - absl::Now(), absl::ZeroDuration(), kLongestCall));
}

// What the encryption service said, in this service's words. Whatever is not a clear answer of its
// own means that access cannot be confirmed, never that it is lost.
absl::Status Translate(const grpc::Status& answer, absl::string_view account,
                       absl::string_view resource) {
  if (answer.ok()) return absl::OkStatus();
  absl::Status status = FromGrpcStatus(answer);
  std::string reason = ErrorReason(status);
  if (reason == "ACCESS_DENIED" && absl::IsFailedPrecondition(status)) {
    return WithErrorMetadata(status, "account", account);
  }
  if (reason == "ACCOUNT_NOT_FOUND") return AccountUnknown(account);
  if (reason == "CIPHERTEXT_INVALID" || reason == "SCOPE_DESTROYED") {
    return StoredBytesAltered(resource);
  }
  server::Log(server::Severity::kWarning, "encryption.no_answer",
              {{"account", account},
               {"code", absl::StatusCodeToString(status.code())},
               {"reason", reason}});
  return AccessUnverified(account);
}

absl::StatusOr<envelope::DataKeys> TakeKeys(std::string& inner, std::string& outer) {
  KW_ASSIGN_OR_RETURN(crypto::AesKey inner_key,
                      crypto::AesKey::Create(crypto::SecretBytes::TakeFrom(inner)));
  KW_ASSIGN_OR_RETURN(crypto::AesKey outer_key,
                      crypto::AesKey::Create(crypto::SecretBytes::TakeFrom(outer)));
  return envelope::DataKeys{std::move(inner_key), std::move(outer_key)};
}

template <typename Request>
Request For(const envelope::ObjectId& id) {
  Request request;
  request.set_account(id.account);
  request.set_scope(id.scope);
  request.set_object(id.object);
  return request;
}

}  // namespace

GrpcEncryptionClient::GrpcEncryptionClient(const std::shared_ptr<grpc::Channel>& channel)
    : accounts_(encryption::v1::AccountService::NewStub(channel)),
      data_(encryption::v1::DataService::NewStub(channel)) {}

absl::StatusOr<Account> GrpcEncryptionClient::GetAccount(const CallOrigin& origin,
                                                         absl::string_view account) {
  grpc::ClientContext context;
  PrepareCall(context, origin);
  encryption::v1::GetAccountRequest request;
  request.set_name(std::string(account));
  encryption::v1::Account answer;
  KW_RETURN_IF_ERROR(
      Translate(accounts_->GetAccount(&context, request, &answer), account, account));
  Account known;
  known.name = answer.name();
  known.subscription = answer.subscription();
  known.tenant = answer.tenant();
  known.region = answer.region();
  known.key_source = answer.key_source();
  known.verdict = answer.access().verdict();
  known.denial = {answer.access().cause(), FromProto(answer.access().since()),
                  answer.access().event()};
  known.message = answer.access().message();
  known.epoch = answer.access().epoch();
  return known;
}

absl::StatusOr<GeneratedKeys> GrpcEncryptionClient::GenerateDataKey(const CallOrigin& origin,
                                                                    const envelope::ObjectId& id) {
  grpc::ClientContext context;
  PrepareCall(context, origin);
  encryption::v1::GenerateDataKeyResponse answer;
  KW_RETURN_IF_ERROR(Translate(
      data_->GenerateDataKey(&context, For<encryption::v1::GenerateDataKeyRequest>(id), &answer),
      id.account, id.object));
  KW_ASSIGN_OR_RETURN(envelope::DataKeys keys,
                      TakeKeys(*answer.mutable_inner_key(), *answer.mutable_outer_key()));
  KW_ASSIGN_OR_RETURN(envelope::ObjectHeader header,
                      envelope::ObjectHeader::Parse(answer.header()));
  return GeneratedKeys{std::move(header), std::move(keys), answer.access_epoch()};
}

absl::StatusOr<envelope::DataKeys> GrpcEncryptionClient::DecryptDataKey(
    const CallOrigin& origin, const envelope::ObjectId& id, const envelope::ObjectHeader& header) {
  grpc::ClientContext context;
  PrepareCall(context, origin);
  auto request = For<encryption::v1::DecryptDataKeyRequest>(id);
  request.set_header(header.bytes());
  encryption::v1::DecryptDataKeyResponse answer;
  KW_RETURN_IF_ERROR(
      Translate(data_->DecryptDataKey(&context, request, &answer), id.account, id.object));
  return TakeKeys(*answer.mutable_inner_key(), *answer.mutable_outer_key());
}

absl::StatusOr<absl::Time> GrpcEncryptionClient::DestroyScope(const CallOrigin& origin,
                                                              absl::string_view account,
                                                              absl::string_view scope,
                                                              int64_t access_epoch) {
  grpc::ClientContext context;
  PrepareCall(context, origin);
  encryption::v1::DestroyScopeRequest request;
  request.set_account(std::string(account));
  request.set_scope(std::string(scope));
  request.set_access_epoch(access_epoch);
  encryption::v1::DestroyScopeResponse answer;
  KW_RETURN_IF_ERROR(Translate(data_->DestroyScope(&context, request, &answer), account, account));
  return FromProto(answer.destroy_time());
}

absl::Status GrpcEncryptionClient::ReportUsage(const CallOrigin& origin, absl::string_view account,
                                               const Usage& usage) {
  grpc::ClientContext context;
  PrepareCall(context, origin);
  encryption::v1::ReportUsageRequest request;
  request.set_account(std::string(account));
  request.set_uploads(usage.uploads);
  request.set_upload_bytes(usage.upload_bytes);
  request.set_deployed_models(usage.deployed_models);
  encryption::v1::ReportUsageResponse answer;
  return Translate(data_->ReportUsage(&context, request, &answer), account, account);
}

}  // namespace keyward::model_deployment
