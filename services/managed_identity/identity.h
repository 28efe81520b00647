#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_IDENTITY_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_IDENTITY_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/managed_identity/names.h"

namespace keyward::managed_identity {

// What an identity is at the moment. The numbers are stored, and those of the wire.
enum class IdentityState { kDisabled = 1, kEnabled = 2, kDeleted = 3 };

// The system-assigned identity of one resource, or a user-assigned one, which counts as a resource
// of its own; and the rules by which it changes. The principal is
// the point: a random id that exists from one Enable to the next loss and never again, so that a
// grant to an earlier principal is worth nothing to a later one. A value.
struct Identity {
  IdentityName name;
  // The resource whose identity it is, such as "accounts/contoso"; of a user-assigned one, itself.
  std::string resource;
  SubscriptionName subscription;
  // Where the resource is, and the principal registered.
  TenantName tenant;
  IdentityState state = IdentityState::kDisabled;
  // Set exactly while enabled.
  std::string principal_id;
  // Why it is not enabled; empty while it is.
  std::string state_reason;
  absl::Time create_time;
  absl::Time update_time;
  // The principal's tokens issued before do not count.
  absl::Time not_before = absl::UnixEpoch();
  // The sequence of the last event about it; 0 if there was none.
  int64_t last_event = 0;

  bool enabled() const { return state == IdentityState::kEnabled; }
  bool user_assigned() const { return resource == name.ToString(); }

  // The identity of a new resource: not yet enabled.
  static Identity Register(IdentityName name, std::string resource, SubscriptionName subscription,
                           TenantName tenant, absl::Time now);

  // Gives it a principal; a resource's own one comes back from deletion so. FAILED_PRECONDITION
  // (IDENTITY_DELETED) for a user-assigned one; must not be enabled.
  absl::Status Enable(std::string new_principal_id, absl::Time now);
  // Destroys its principal; must be enabled.
  void Disable(absl::string_view by, absl::Time now);
  // Goes, and its principal for good; must not be deleted.
  void Delete(absl::string_view by, absl::Time now);
  // Goes to another tenant with its resource; the principal does not follow.
  void Transfer(const TenantName& destination, absl::Time now);
  // Makes its principal's tokens issued until now worthless. For a principal that lost a right.
  void RefuseTokensUntil(absl::Time now);
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_IDENTITY_H_
