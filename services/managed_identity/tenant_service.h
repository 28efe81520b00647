#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_TENANT_SERVICE_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_TENANT_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include "common/server/dispatcher.h"
#include "keyward/identity/v1/tenants.grpc.pb.h"
#include "services/managed_identity/subscription_handler.h"
#include "services/managed_identity/tenant_handler.h"

namespace keyward::managed_identity {

// The gRPC adapter of TenantService. Thread-safe.
class TenantService final : public identity::v1::TenantService::CallbackService {
 public:
  TenantService(server::Dispatcher& dispatcher, const TenantHandler& tenants,
                const SubscriptionHandler& subscriptions)
      : dispatcher_(dispatcher), tenants_(tenants), subscriptions_(subscriptions) {}

  grpc::ServerUnaryReactor* CreateTenant(grpc::CallbackServerContext* context,
                                         const identity::v1::CreateTenantRequest* request,
                                         identity::v1::Tenant* response) override;
  grpc::ServerUnaryReactor* GetTenant(grpc::CallbackServerContext* context,
                                      const identity::v1::GetTenantRequest* request,
                                      identity::v1::Tenant* response) override;
  grpc::ServerUnaryReactor* ListTenants(grpc::CallbackServerContext* context,
                                        const identity::v1::ListTenantsRequest* request,
                                        identity::v1::ListTenantsResponse* response) override;
  grpc::ServerUnaryReactor* CreateSubscription(
      grpc::CallbackServerContext* context, const identity::v1::CreateSubscriptionRequest* request,
      identity::v1::Subscription* response) override;
  grpc::ServerUnaryReactor* GetSubscription(grpc::CallbackServerContext* context,
                                            const identity::v1::GetSubscriptionRequest* request,
                                            identity::v1::Subscription* response) override;
  grpc::ServerUnaryReactor* ListSubscriptions(
      grpc::CallbackServerContext* context, const identity::v1::ListSubscriptionsRequest* request,
      identity::v1::ListSubscriptionsResponse* response) override;
  grpc::ServerUnaryReactor* MoveSubscription(
      grpc::CallbackServerContext* context, const identity::v1::MoveSubscriptionRequest* request,
      identity::v1::MoveSubscriptionResponse* response) override;

 private:
  server::Dispatcher& dispatcher_;
  const TenantHandler& tenants_;
  const SubscriptionHandler& subscriptions_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_TENANT_SERVICE_H_
