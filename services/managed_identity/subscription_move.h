#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_SUBSCRIPTION_MOVE_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_SUBSCRIPTION_MOVE_H_

#include "absl/status/statusor.h"
#include "keyward/identity/v1/tenants.pb.h"
#include "services/managed_identity/changes.h"
#include "services/managed_identity/names.h"

namespace keyward::managed_identity {

// How many of each kind of what ends the answer names.
inline constexpr int kToldOfAMove = 100;

// Moves a subscription to another tenant inside one change. Every identity in it goes along as a
// name, and loses its principal if it has one: an IdentityTransferred each, then one
// SubscriptionMoved, whose sequence stands in the answer's delivery. The answer says what ends but
// for the attachments, which not every caller may see. NOT_FOUND;
// FAILED_PRECONDITION (TENANT_NOT_FOUND, SUBSCRIPTION_ALREADY_THERE).
absl::StatusOr<identity::v1::MoveSubscriptionResponse> MoveSubscription(
    Change& change, const SubscriptionName& name, const TenantName& destination);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_SUBSCRIPTION_MOVE_H_
