#include "services/model_deployment/document_service.h"

#include <optional>
#include <string>

#include "common/server/message_check.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace keyward::model_deployment {

namespace {

using deployment::v1::UploadDocumentRequest;

constexpr size_t kLargestChunk = 1 << 20;

absl::StatusOr<std::optional<std::string>> NextChunk(
    grpc::ServerReader<UploadDocumentRequest>& reader) {
  UploadDocumentRequest request;
  if (!reader.Read(&request)) return std::nullopt;
  KW_RETURN_IF_ERROR(server::CheckMessage(request));
  if (!request.has_chunk()) return InvalidField("chunk", "is required after the first message");
  if (request.chunk().size() > kLargestChunk) return InvalidField("chunk", "is over 1 MiB");
  return std::move(*request.mutable_chunk());
}

}  // namespace

grpc::ServerUnaryReactor* DocumentService::GetDocument(
    grpc::CallbackServerContext* context, const deployment::v1::GetDocumentRequest* request,
    deployment::v1::Document* response) {
  return dispatcher_.Unary(context, request, response, [this](const auto&, const auto& request) {
    return documents_.Get(request);
  });
}

grpc::ServerUnaryReactor* DocumentService::ListDocuments(
    grpc::CallbackServerContext* context, const deployment::v1::ListDocumentsRequest* request,
    deployment::v1::ListDocumentsResponse* response) {
  return dispatcher_.Unary(context, request, response, [this](const auto&, const auto& request) {
    return documents_.List(request);
  });
}

grpc::ServerUnaryReactor* DocumentService::DeleteDocument(
    grpc::CallbackServerContext* context, const deployment::v1::DeleteDocumentRequest* request,
    deployment::v1::DeleteDocumentResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return documents_.Delete(call, request); });
}

grpc::Status DocumentService::UploadDocument(grpc::ServerContext* context,
                                             grpc::ServerReader<UploadDocumentRequest>* reader,
                                             deployment::v1::Document* response) {
  UploadDocumentRequest first;
  reader->Read(&first);
  return dispatcher_.Stream(
      context, "keyward.deployment.v1.DocumentService/UploadDocument", first.start().parent(),
      [&](server::CallContext& call) -> absl::Status {
        KW_RETURN_IF_ERROR(server::CheckMessage(first));
        if (!first.has_start()) return InvalidField("start", "is required as the first message");
        KW_ASSIGN_OR_RETURN(
            *response, documents_.Upload(call, first.start(), [&] { return NextChunk(*reader); }));
        return absl::OkStatus();
      });
}

grpc::Status DocumentService::DownloadDocument(
    grpc::ServerContext* context, const deployment::v1::DownloadDocumentRequest* request,
    grpc::ServerWriter<deployment::v1::DownloadDocumentResponse>* writer) {
  return dispatcher_.Stream(
      context, "keyward.deployment.v1.DocumentService/DownloadDocument", request->name(),
      [&](server::CallContext& call) -> absl::Status {
        KW_RETURN_IF_ERROR(server::CheckMessage(*request));
        return documents_.Download(call, *request, [&](absl::string_view bytes) {
          deployment::v1::DownloadDocumentResponse response;
          response.set_chunk(std::string(bytes));
          return writer->Write(response) ? absl::OkStatus()
                                         : absl::CancelledError("the client is gone");
        });
      });
}

}  // namespace keyward::model_deployment
