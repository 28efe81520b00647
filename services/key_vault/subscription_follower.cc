#include "services/key_vault/subscription_follower.h"

#include "absl/strings/str_cat.h"
#include "keyward/identity/v1/events.pb.h"
#include "services/key_vault/subscription_store.h"

namespace keyward::key_vault {

absl::Status SubscriptionFollower::Apply(storage::Transaction& tx, const events::v1::Event& event) {
  identity::v1::SubscriptionChanged changed;
  if (!event.data().Is<identity::v1::SubscriptionChanged>()) return absl::OkStatus();
  if (!event.data().UnpackTo(&changed) || changed.subscription().empty() ||
      changed.tenant().empty()) {
    return absl::InvalidArgumentError(absl::StrCat(event.id(),
                                                   " does not say which subscription "
                                                   "is in which tenant"));
  }
  return SubscriptionStore(tx).Set(changed.subscription(), changed.tenant());
}

}  // namespace keyward::key_vault
