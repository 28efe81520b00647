#include "tests/mission/client.h"

#include <condition_variable>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/notification.h"
#include "common/crypto/random.h"

namespace keyward::mission {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(50);

std::string NewUuid() {
  std::string b = crypto::RandomBytes(16);
  b[6] = static_cast<char>((b[6] & 0x0f) | 0x40);
  b[8] = static_cast<char>((b[8] & 0x3f) | 0x80);
  std::string hex;
  for (size_t i = 0; i < b.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) hex += '-';
    absl::StrAppendFormat(&hex, "%02x", static_cast<unsigned char>(b[i]));
  }
  return hex;
}

// A client between two attempts has nothing to wait for but time.
void Pause() { absl::Notification().WaitForNotificationWithTimeout(kPause); }

}  // namespace

Client::Client(const Endpoints& endpoints, absl::Duration patience) : patience_(patience) {
  auto channel = [&](const std::string& target, const char* service) {
    return server::MakeChannel(
        target, endpoints.operator_tls,
        absl::StrCat("spiffe://", endpoints.trust_domain, "/service/", service));
  };
  auto identity = channel(endpoints.managed_identity, "managed_identity");
  tenants = identity::v1::TenantService::NewStub(identity);
  identities = identity::v1::IdentityService::NewStub(identity);
  tokens = identity::v1::TokenService::NewStub(identity);
  roles = identity::v1::RoleService::NewStub(identity);

  auto vault = channel(endpoints.key_vault, "key_vault");
  vaults = keyvault::v1::VaultService::NewStub(vault);
  keys = keyvault::v1::KeyService::NewStub(vault);
  cryptography = keyvault::v1::CryptographyService::NewStub(vault);
  vault_audit = audit::v1::AuditService::NewStub(vault);

  auto encryption = channel(endpoints.encryption, "encryption");
  accounts = encryption::v1::AccountService::NewStub(encryption);
  settings = encryption::v1::EncryptionSettingsService::NewStub(encryption);
  data = encryption::v1::DataService::NewStub(encryption);

  auto deployment = channel(endpoints.model_deployment, "model_deployment");
  workspaces = deployment::v1::WorkspaceService::NewStub(deployment);
  documents = deployment::v1::DocumentService::NewStub(deployment);
  models = deployment::v1::ModelService::NewStub(deployment);
  translation = deployment::v1::TranslationService::NewStub(deployment);
  receipts = deployment::v1::ReceiptService::NewStub(deployment);
}

void Client::SetDeadline(grpc::ClientContext& context) {
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(60)));
}

void Client::SetRequestId(google::protobuf::Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  if (field == nullptr) return;
  const auto* reflection = request.GetReflection();
  if (!reflection->GetString(request, field).empty()) return;
  reflection->SetString(&request, field, NewUuid());
}

absl::Status Client::Retry(const Attempt& attempt) {
  const absl::Time give_up = absl::Now() + patience_;
  for (bool again = false;; again = true) {
    if (before_call_) before_call_();
    grpc::ClientContext context;
    SetDeadline(context);
    // A server that comes back is connected to only while some call waits for it.
    context.set_wait_for_ready(again);
    absl::Status status = FromGrpcStatus(attempt(context));
    if (!absl::IsUnavailable(status) || absl::Now() >= give_up) return status;
    Pause();
  }
}

absl::StatusOr<deployment::v1::Document> Client::Upload(
    const deployment::v1::UploadDocumentRequest::Start& start,
    std::function<std::function<std::string()>()> open) {
  deployment::v1::Document document;
  bool again = false;
  absl::Status status = Retry([&](grpc::ClientContext& context) {
    if (again) {
      deployment::v1::GetDocumentRequest get;
      get.set_name(absl::StrCat(start.parent(), "/documents/", start.document_id()));
      grpc::ClientContext get_context;
      SetDeadline(get_context);
      get_context.set_wait_for_ready(true);
      grpc::Status found = documents->GetDocument(&get_context, get, &document);
      if (found.ok() || found.error_code() == grpc::StatusCode::UNAVAILABLE) return found;
    }
    again = true;
    auto writer = documents->UploadDocument(&context, &document);
    deployment::v1::UploadDocumentRequest message;
    *message.mutable_start() = start;
    bool open_stream = writer->Write(message);
    std::function<std::string()> read = open();
    for (std::string chunk = read(); open_stream && !chunk.empty(); chunk = read()) {
      message.set_chunk(std::move(chunk));
      open_stream = writer->Write(message);
    }
    writer->WritesDone();
    return writer->Finish();
  });
  if (!status.ok()) return status;
  return document;
}

absl::StatusOr<std::string> Client::Download(const std::string& document) {
  std::string content;
  absl::Status status = Retry([&](grpc::ClientContext& context) {
    content.clear();
    deployment::v1::DownloadDocumentRequest request;
    request.set_name(document);
    auto reader = documents->DownloadDocument(&context, request);
    deployment::v1::DownloadDocumentResponse response;
    while (reader->Read(&response)) content += response.chunk();
    return reader->Finish();
  });
  if (!status.ok()) return status;
  return content;
}

}  // namespace keyward::mission
