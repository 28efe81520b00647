#include "services/model_deployment/receipt_service.h"

namespace keyward::model_deployment {

grpc::ServerUnaryReactor* ReceiptService::ListReceipts(
    grpc::CallbackServerContext* context, const deployment::v1::ListReceiptsRequest* request,
    deployment::v1::ListReceiptsResponse* response) {
  return dispatcher_.Unary(context, request, response, [this](const auto&, const auto& request) {
    return receipts_.List(request);
  });
}

grpc::ServerUnaryReactor* ReceiptService::GetReceipt(
    grpc::CallbackServerContext* context, const deployment::v1::GetReceiptRequest* request,
    deployment::v1::Receipt* response) {
  return dispatcher_.Unary(context, request, response, [this](const auto&, const auto& request) {
    return receipts_.Get(request);
  });
}

grpc::ServerUnaryReactor* ReceiptService::GetReceiptKeys(
    grpc::CallbackServerContext* context, const deployment::v1::GetReceiptKeysRequest* request,
    deployment::v1::GetReceiptKeysResponse* response) {
  return dispatcher_.Unary(context, request, response,
                           [this](const auto&, const auto&) { return receipts_.GetKeys(); });
}

}  // namespace keyward::model_deployment
