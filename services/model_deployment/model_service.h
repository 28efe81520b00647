#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_MODEL_SERVICE_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_MODEL_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include "common/server/dispatcher.h"
#include "keyward/deployment/v1/models.grpc.pb.h"
#include "services/model_deployment/model_handler.h"

namespace keyward::model_deployment {

// The gRPC adapter of ModelService. Thread-safe.
class ModelService final : public deployment::v1::ModelService::CallbackService {
 public:
  ModelService(server::Dispatcher& dispatcher, ModelHandler& models)
      : dispatcher_(dispatcher), models_(models) {}

  grpc::ServerUnaryReactor* TrainModel(grpc::CallbackServerContext* context,
                                       const deployment::v1::TrainModelRequest* request,
                                       deployment::v1::Model* response) override;
  grpc::ServerUnaryReactor* GetModel(grpc::CallbackServerContext* context,
                                     const deployment::v1::GetModelRequest* request,
                                     deployment::v1::Model* response) override;
  grpc::ServerUnaryReactor* ListModels(grpc::CallbackServerContext* context,
                                       const deployment::v1::ListModelsRequest* request,
                                       deployment::v1::ListModelsResponse* response) override;
  grpc::ServerUnaryReactor* DeployModel(grpc::CallbackServerContext* context,
                                        const deployment::v1::DeployModelRequest* request,
                                        deployment::v1::Model* response) override;
  grpc::ServerUnaryReactor* UndeployModel(grpc::CallbackServerContext* context,
                                          const deployment::v1::UndeployModelRequest* request,
                                          deployment::v1::Model* response) override;

 private:
  server::Dispatcher& dispatcher_;
  ModelHandler& models_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_MODEL_SERVICE_H_
