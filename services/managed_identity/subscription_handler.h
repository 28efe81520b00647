#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_SUBSCRIPTION_HANDLER_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_SUBSCRIPTION_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/server/call_context.h"
#include "keyward/identity/v1/tenants.pb.h"
#include "services/managed_identity/changes.h"

namespace keyward::managed_identity {

// What the methods of TenantService do about subscriptions; tenants.proto says it in full. Callers
// are authorised already. Thread-safe.
class SubscriptionHandler {
 public:
  explicit SubscriptionHandler(const Changes& changes) : changes_(changes) {}

  absl::StatusOr<identity::v1::Subscription> Create(
      const server::CallContext& call,
      const identity::v1::CreateSubscriptionRequest& request) const;
  absl::StatusOr<identity::v1::Subscription> Get(
      const identity::v1::GetSubscriptionRequest& request) const;
  absl::StatusOr<identity::v1::ListSubscriptionsResponse> List(
      const identity::v1::ListSubscriptionsRequest& request) const;
  absl::StatusOr<identity::v1::MoveSubscriptionResponse> Move(
      const server::CallContext& call, const identity::v1::MoveSubscriptionRequest& request) const;

 private:
  const Changes& changes_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_SUBSCRIPTION_HANDLER_H_
