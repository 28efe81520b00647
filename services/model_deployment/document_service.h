#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_DOCUMENT_SERVICE_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_DOCUMENT_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include "common/server/dispatcher.h"
#include "keyward/deployment/v1/documents.grpc.pb.h"
#include "services/model_deployment/document_handler.h"

namespace keyward::model_deployment {

// The gRPC adapter of DocumentService; its streams are on the sync API, where a slow client or disk
// holds up one thread and nothing else. Thread-safe.
class DocumentService final
    : public deployment::v1::DocumentService::WithCallbackMethod_GetDocument<
          deployment::v1::DocumentService::WithCallbackMethod_ListDocuments<
              deployment::v1::DocumentService::WithCallbackMethod_DeleteDocument<
                  deployment::v1::DocumentService::Service>>> {
 public:
  DocumentService(server::Dispatcher& dispatcher, DocumentHandler& documents)
      : dispatcher_(dispatcher), documents_(documents) {}

  grpc::ServerUnaryReactor* GetDocument(grpc::CallbackServerContext* context,
                                        const deployment::v1::GetDocumentRequest* request,
                                        deployment::v1::Document* response) override;
  grpc::ServerUnaryReactor* ListDocuments(grpc::CallbackServerContext* context,
                                          const deployment::v1::ListDocumentsRequest* request,
                                          deployment::v1::ListDocumentsResponse* response) override;
  grpc::ServerUnaryReactor* DeleteDocument(
      grpc::CallbackServerContext* context, const deployment::v1::DeleteDocumentRequest* request,
      deployment::v1::DeleteDocumentResponse* response) override;

  grpc::Status UploadDocument(grpc::ServerContext* context,
                              grpc::ServerReader<deployment::v1::UploadDocumentRequest>* reader,
                              deployment::v1::Document* response) override;
  grpc::Status DownloadDocument(
      grpc::ServerContext* context, const deployment::v1::DownloadDocumentRequest* request,
      grpc::ServerWriter<deployment::v1::DownloadDocumentResponse>* writer) override;

 private:
  server::Dispatcher& dispatcher_;
  DocumentHandler& documents_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_DOCUMENT_SERVICE_H_
