#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_RECEIPT_SERVICE_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_RECEIPT_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include "common/server/dispatcher.h"
#include "keyward/deployment/v1/receipts.grpc.pb.h"
#include "services/model_deployment/receipt_handler.h"

namespace keyward::model_deployment {

// The gRPC adapter of ReceiptService. Thread-safe.
class ReceiptService final : public deployment::v1::ReceiptService::CallbackService {
 public:
  ReceiptService(server::Dispatcher& dispatcher, ReceiptHandler& receipts)
      : dispatcher_(dispatcher), receipts_(receipts) {}

  grpc::ServerUnaryReactor* ListReceipts(grpc::CallbackServerContext* context,
                                         const deployment::v1::ListReceiptsRequest* request,
                                         deployment::v1::ListReceiptsResponse* response) override;
  grpc::ServerUnaryReactor* GetReceipt(grpc::CallbackServerContext* context,
                                       const deployment::v1::GetReceiptRequest* request,
                                       deployment::v1::Receipt* response) override;
  grpc::ServerUnaryReactor* GetReceiptKeys(
      grpc::CallbackServerContext* context, const deployment::v1::GetReceiptKeysRequest* request,
      deployment::v1::GetReceiptKeysResponse* response) override;

 private:
  server::Dispatcher& dispatcher_;
  ReceiptHandler& receipts_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_RECEIPT_SERVICE_H_
