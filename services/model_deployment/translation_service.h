#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_TRANSLATION_SERVICE_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_TRANSLATION_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include "common/server/dispatcher.h"
#include "keyward/deployment/v1/translation.grpc.pb.h"
#include "services/model_deployment/translation_handler.h"

namespace keyward::model_deployment {

// The gRPC adapter of TranslationService. Thread-safe.
class TranslationService final : public deployment::v1::TranslationService::CallbackService {
 public:
  TranslationService(server::Dispatcher& dispatcher, TranslationHandler& translations)
      : dispatcher_(dispatcher), translations_(translations) {}

  grpc::ServerUnaryReactor* Translate(grpc::CallbackServerContext* context,
                                      const deployment::v1::TranslateRequest* request,
                                      deployment::v1::TranslateResponse* response) override;

 private:
  server::Dispatcher& dispatcher_;
  TranslationHandler& translations_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_TRANSLATION_SERVICE_H_
