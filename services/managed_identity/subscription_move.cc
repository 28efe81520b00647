#include "services/managed_identity/subscription_move.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "common/storage/fault_point.h"
#include "services/managed_identity/attachment_change.h"
#include "services/managed_identity/errors.h"
#include "services/managed_identity/federation_store.h"
#include "services/managed_identity/identity_store.h"
#include "services/managed_identity/messages.h"
#include "services/managed_identity/role_change.h"
#include "services/managed_identity/tenant_store.h"

namespace keyward::managed_identity {
namespace {

absl::StatusOr<Subscription> CheckMove(storage::Transaction& tx, const SubscriptionName& name,
                                       const TenantName& destination) {
  KW_ASSIGN_OR_RETURN(std::optional<Subscription> subscription, FindSubscription(tx, name));
  if (!subscription.has_value()) return SubscriptionNotFound(name);
  KW_ASSIGN_OR_RETURN(const std::optional<Tenant> tenant, FindTenant(tx, destination));
  if (!tenant.has_value()) return NamedTenantNotFound("destination_tenant", destination);
  if (subscription->tenant == destination) return SubscriptionAlreadyThere(name, destination);
  return *std::move(subscription);
}

// Returns whether the identity had a principal to lose.
absl::StatusOr<bool> TransferIdentity(Change& change, Identity identity,
                                      const TenantName& destination) {
  const std::string principal_id = identity.principal_id;
  const TenantName origin = identity.tenant;
  identity.Transfer(destination, change.now());
  if (!principal_id.empty()) {
    KW_ASSIGN_OR_RETURN(
        identity.last_event,
        change.Publish("IdentityTransferred", identity.name.ToString(),
                       PrincipalWent(identity, principal_id, origin, change.now())));
  }
  KW_RETURN_IF_ERROR(SaveIdentity(change.tx(), identity));
  // Whom the old tenant let act as the identity, or administer it, is no business of the new one.
  KW_RETURN_IF_ERROR(DeleteFederatedCredentialsOf(change.tx(), identity.name));
  KW_RETURN_IF_ERROR(WithdrawRolesWithin(change, identity.name.ToString()).status());
  KW_RETURN_IF_ERROR(WithdrawRolesWithin(change, identity.resource).status());
  KW_FAULT_POINT("managed_identity.identity_transferred");
  return !principal_id.empty();
}

}  // namespace

absl::StatusOr<identity::v1::MoveSubscriptionResponse> MoveSubscription(
    Change& change, const SubscriptionName& name, const TenantName& destination) {
  KW_ASSIGN_OR_RETURN(Subscription subscription, CheckMove(change.tx(), name, destination));
  KW_ASSIGN_OR_RETURN(const std::vector<Identity> identities, IdentitiesIn(change.tx(), name));
  identity::v1::MoveSubscriptionResponse answer;
  for (const Identity& identity : identities) {
    KW_ASSIGN_OR_RETURN(const bool dropped, TransferIdentity(change, identity, destination));
    if (dropped) answer.add_dropped_identities(identity.name.ToString());
  }
  KW_RETURN_IF_ERROR(DetachAcrossTenants(change));
  KW_RETURN_IF_ERROR(WithdrawRolesWithin(change, name.ToString()).status());

  identity::v1::SubscriptionChanged event;
  event.set_subscription(name.ToString());
  event.set_tenant(destination.ToString());
  event.set_previous_tenant(subscription.tenant.ToString());
  subscription.tenant = destination;
  subscription.update_time = change.now();
  KW_ASSIGN_OR_RETURN(subscription.last_event,
                      change.Publish("SubscriptionMoved", name.ToString(), event));
  KW_RETURN_IF_ERROR(SaveSubscription(change.tx(), subscription));

  *answer.mutable_subscription() = ToProto(subscription);
  answer.mutable_delivery()->set_sequence(subscription.last_event);
  return answer;
}

}  // namespace keyward::managed_identity
