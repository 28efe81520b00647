#include "services/model_deployment/model_service.h"

namespace keyward::model_deployment {

grpc::ServerUnaryReactor* ModelService::TrainModel(grpc::CallbackServerContext* context,
                                                   const deployment::v1::TrainModelRequest* request,
                                                   deployment::v1::Model* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return models_.Train(call, request); });
}

grpc::ServerUnaryReactor* ModelService::GetModel(grpc::CallbackServerContext* context,
                                                 const deployment::v1::GetModelRequest* request,
                                                 deployment::v1::Model* response) {
  return dispatcher_.Unary(context, request, response, [this](const auto&, const auto& request) {
    return models_.Get(request);
  });
}

grpc::ServerUnaryReactor* ModelService::ListModels(grpc::CallbackServerContext* context,
                                                   const deployment::v1::ListModelsRequest* request,
                                                   deployment::v1::ListModelsResponse* response) {
  return dispatcher_.Unary(context, request, response, [this](const auto&, const auto& request) {
    return models_.List(request);
  });
}

grpc::ServerUnaryReactor* ModelService::DeployModel(
    grpc::CallbackServerContext* context, const deployment::v1::DeployModelRequest* request,
    deployment::v1::Model* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return models_.Deploy(call, request); });
}

grpc::ServerUnaryReactor* ModelService::UndeployModel(
    grpc::CallbackServerContext* context, const deployment::v1::UndeployModelRequest* request,
    deployment::v1::Model* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return models_.Undeploy(call, request); });
}

}  // namespace keyward::model_deployment
