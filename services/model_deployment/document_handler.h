#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_DOCUMENT_HANDLER_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_DOCUMENT_HANDLER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "keyward/deployment/v1/documents.pb.h"
#include "services/model_deployment/access_gate.h"
#include "services/model_deployment/blob_store.h"
#include "services/model_deployment/document_store.h"
#include "services/model_deployment/object_vault.h"
#include "services/model_deployment/usage_reporter.h"

namespace keyward::model_deployment {

// The pieces of an upload as they come: the next one, nothing at the end, or an error.
using ChunkSource = absl::FunctionRef<absl::StatusOr<std::optional<std::string>>()>;
// Takes the pieces of a download.
using ChunkSink = absl::FunctionRef<absl::Status(absl::string_view)>;

// Documents. The methods are those of DocumentService. Thread-safe.
class DocumentHandler {
 public:
  struct Options {
    int64_t largest_document = 100 * 1000 * 1000;
  };

  DocumentHandler(storage::Database& database, AccessGates& gates, ObjectVault& vault,
                  BlobStore& blobs, UsageReporter& usage, const clock::Clock& clock,
                  Options options)
      : database_(database),
        gates_(gates),
        vault_(vault),
        blobs_(blobs),
        usage_(usage),
        clock_(clock),
        options_(options) {}

  // Stores what `next` brings, encrypted as it comes and read by the parser of its format on the
  // way. The document is there if and only if this returns OK (or the answer was lost on its way).
  absl::StatusOr<deployment::v1::Document> Upload(
      const server::CallContext& call, const deployment::v1::UploadDocumentRequest::Start& start,
      ChunkSource next);

  absl::Status Download(const server::CallContext& call,
                        const deployment::v1::DownloadDocumentRequest& request, ChunkSink sink);
  absl::StatusOr<deployment::v1::Document> Get(const deployment::v1::GetDocumentRequest& request);
  absl::StatusOr<deployment::v1::ListDocumentsResponse> List(
      const deployment::v1::ListDocumentsRequest& request);
  absl::StatusOr<deployment::v1::DeleteDocumentResponse> Delete(
      const server::CallContext& call, const deployment::v1::DeleteDocumentRequest& request);

 private:
  // The transaction that makes an upload a document; OK if it is one now.
  absl::Status Commit(const std::string& account, const StoredDocument& stored);

  storage::Database& database_;
  AccessGates& gates_;
  ObjectVault& vault_;
  BlobStore& blobs_;
  UsageReporter& usage_;
  const clock::Clock& clock_;
  const Options options_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_DOCUMENT_HANDLER_H_
