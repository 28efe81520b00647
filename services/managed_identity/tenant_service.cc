#include "services/managed_identity/tenant_service.h"

namespace keyward::managed_identity {

grpc::ServerUnaryReactor* TenantService::CreateTenant(
    grpc::CallbackServerContext* context, const identity::v1::CreateTenantRequest* request,
    identity::v1::Tenant* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return tenants_.Create(call, request); });
}

grpc::ServerUnaryReactor* TenantService::GetTenant(grpc::CallbackServerContext* context,
                                                   const identity::v1::GetTenantRequest* request,
                                                   identity::v1::Tenant* response) {
  return dispatcher_.Unary(context, request, response, [this](const auto&, const auto& request) {
    return tenants_.Get(request);
  });
}

grpc::ServerUnaryReactor* TenantService::ListTenants(
    grpc::CallbackServerContext* context, const identity::v1::ListTenantsRequest* request,
    identity::v1::ListTenantsResponse* response) {
  return dispatcher_.Unary(context, request, response, [this](const auto&, const auto& request) {
    return tenants_.List(request);
  });
}

grpc::ServerUnaryReactor* TenantService::CreateSubscription(
    grpc::CallbackServerContext* context, const identity::v1::CreateSubscriptionRequest* request,
    identity::v1::Subscription* response) {
  return dispatcher_.Unary(context, request, response,
                           [this](const auto& call, const auto& request) {
                             return subscriptions_.Create(call, request);
                           });
}

grpc::ServerUnaryReactor* TenantService::GetSubscription(
    grpc::CallbackServerContext* context, const identity::v1::GetSubscriptionRequest* request,
    identity::v1::Subscription* response) {
  return dispatcher_.Unary(context, request, response, [this](const auto&, const auto& request) {
    return subscriptions_.Get(request);
  });
}

grpc::ServerUnaryReactor* TenantService::ListSubscriptions(
    grpc::CallbackServerContext* context, const identity::v1::ListSubscriptionsRequest* request,
    identity::v1::ListSubscriptionsResponse* response) {
  return dispatcher_.Unary(context, request, response, [this](const auto&, const auto& request) {
    return subscriptions_.List(request);
  });
}

grpc::ServerUnaryReactor* TenantService::MoveSubscription(
    grpc::CallbackServerContext* context, const identity::v1::MoveSubscriptionRequest* request,
    identity::v1::MoveSubscriptionResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return subscriptions_.Move(call, request); });
}

}  // namespace keyward::managed_identity
