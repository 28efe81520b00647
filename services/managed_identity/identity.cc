#include "services/managed_identity/identity.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/managed_identity/errors.h"

namespace keyward::managed_identity {

Identity Identity::Register(IdentityName name, std::string resource, SubscriptionName subscription,
                            TenantName tenant, absl::Time now) {
  return {.name = std::move(name),
          .resource = std::move(resource),
          .subscription = std::move(subscription),
          .tenant = std::move(tenant),
          .principal_id = "",
          .state_reason = "not enabled yet",
          .create_time = now,
          .update_time = now};
}

absl::Status Identity::Enable(std::string new_principal_id, absl::Time now) {
  if (state == IdentityState::kDeleted && user_assigned()) return IdentityDeleted(name);
  state = IdentityState::kEnabled;
  principal_id = std::move(new_principal_id);
  state_reason.clear();
  not_before = now;
  update_time = now;
  return absl::OkStatus();
}

void Identity::Disable(absl::string_view by, absl::Time now) {
  state = IdentityState::kDisabled;
  principal_id.clear();
  state_reason = absl::StrCat("disabled by ", by);
  update_time = now;
}

void Identity::Delete(absl::string_view by, absl::Time now) {
  state = IdentityState::kDeleted;
  principal_id.clear();
  state_reason = absl::StrCat("deleted by ", by);
  update_time = now;
}

void Identity::Transfer(const TenantName& destination, absl::Time now) {
  if (enabled()) {
    state = IdentityState::kDisabled;
    principal_id.clear();
    state_reason = absl::StrCat(subscription.ToString(), " moved from ", tenant.ToString(), " to ",
                                destination.ToString(), ", and identities do not cross tenants");
  }
  tenant = destination;
  update_time = now;
}

// The mark cuts *after* now, since a token may have been issued at this very microsecond; and it
// never goes back, whatever the wall clock does.
void Identity::RefuseTokensUntil(absl::Time now) {
  not_before = std::max(now, not_before) + absl::Microseconds(1);
  update_time = now;
}

}  // namespace keyward::managed_identity
