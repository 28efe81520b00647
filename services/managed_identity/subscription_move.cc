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

using Answer = identity::v1::MoveSubscriptionResponse;

absl::StatusOr<Subscription> CheckMove(storage::Transaction& tx, const SubscriptionName& name,
                                       const TenantName& destination) {
  KW_ASSIGN_OR_RETURN(std::optional<Subscription> subscription, FindSubscription(tx, name));
  if (!subscription.has_value()) return SubscriptionNotFound(name);
  KW_ASSIGN_OR_RETURN(const std::optional<Tenant> tenant, FindTenant(tx, destination));
  if (!tenant.has_value()) return NamedTenantNotFound("destination_tenant", destination);
  if (subscription->tenant == destination) return SubscriptionAlreadyThere(name, destination);
  return *std::move(subscription);
}

absl::Status EndRoles(Change& change, const std::string& resource, Answer& answer) {
  KW_ASSIGN_OR_RETURN(const std::vector<RoleAssignment> ended,
                      WithdrawRolesWithin(change, resource));
  answer.set_ended_role_assignment_count(answer.ended_role_assignment_count() +
                                         static_cast<int64_t>(ended.size()));
  for (const RoleAssignment& role : ended) {
    if (answer.ended_role_assignments_size() == kToldOfAMove) break;
    *answer.add_ended_role_assignments() = ToProto(role);
  }
  return absl::OkStatus();
}

absl::Status EndCredentials(Change& change, const IdentityName& identity, Answer& answer) {
  KW_ASSIGN_OR_RETURN(const std::vector<FederatedCredential> ended,
                      FederatedCredentialsOf(change.tx(), identity));
  answer.set_ended_federated_credential_count(answer.ended_federated_credential_count() +
                                              static_cast<int64_t>(ended.size()));
  for (const FederatedCredential& credential : ended) {
    if (answer.ended_federated_credentials_size() == kToldOfAMove) break;
    *answer.add_ended_federated_credentials() = ToProto(credential);
  }
  return DeleteFederatedCredentialsOf(change.tx(), identity);
}

absl::Status TransferIdentity(Change& change, Identity identity, const TenantName& destination,
                              Answer& answer) {
  const std::string principal_id = identity.principal_id;
  const TenantName origin = identity.tenant;
  identity.Transfer(destination, change.now());
  if (!principal_id.empty()) {
    KW_ASSIGN_OR_RETURN(
        identity.last_event,
        change.Publish("IdentityTransferred", identity.name.ToString(),
                       PrincipalWent(identity, principal_id, origin, change.now())));
    answer.set_dropped_identity_count(answer.dropped_identity_count() + 1);
    if (answer.dropped_identities_size() < kToldOfAMove) {
      answer.add_dropped_identities(identity.name.ToString());
    }
  }
  KW_RETURN_IF_ERROR(SaveIdentity(change.tx(), identity));
  // Whom the old tenant let act as the identity, or administer it, is no business of the new one.
  KW_RETURN_IF_ERROR(EndCredentials(change, identity.name, answer));
  KW_RETURN_IF_ERROR(EndRoles(change, identity.name.ToString(), answer));
  KW_RETURN_IF_ERROR(EndRoles(change, identity.resource, answer));
  KW_FAULT_POINT("managed_identity.identity_transferred");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Answer> MoveSubscription(Change& change, const SubscriptionName& name,
                                        const TenantName& destination) {
  KW_ASSIGN_OR_RETURN(Subscription subscription, CheckMove(change.tx(), name, destination));
  KW_ASSIGN_OR_RETURN(const std::vector<Identity> identities, IdentitiesIn(change.tx(), name));
  Answer answer;
  for (const Identity& identity : identities) {
    KW_RETURN_IF_ERROR(TransferIdentity(change, identity, destination, answer));
  }
  KW_RETURN_IF_ERROR(DetachAcrossTenants(change));
  KW_RETURN_IF_ERROR(EndRoles(change, name.ToString(), answer));

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
