#include "services/model_deployment/translation_service.h"

namespace keyward::model_deployment {

grpc::ServerUnaryReactor* TranslationService::Translate(
    grpc::CallbackServerContext* context, const deployment::v1::TranslateRequest* request,
    deployment::v1::TranslateResponse* response) {
  return dispatcher_.Unary(context, request, response, [this](const auto&, const auto& request) {
    return translations_.Translate(request);
  });
}

}  // namespace keyward::model_deployment
