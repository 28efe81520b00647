#ifndef KEYWARD_SERVICES_KEY_VAULT_SUBSCRIPTION_FOLLOWER_H_
#define KEYWARD_SERVICES_KEY_VAULT_SUBSCRIPTION_FOLLOWER_H_

#include "absl/status/status.h"
#include "common/events/event_handler.h"
#include "common/storage/transaction.h"
#include "keyward/events/v1/events.pb.h"

namespace keyward::key_vault {

// Keeps, from managed_identity's feed, which tenant each subscription is in. Its state is all in
// the database.
class SubscriptionFollower final : public events::EventHandler {
 public:
  // INVALID_ARGUMENT if an event about a subscription is malformed.
  absl::Status Apply(storage::Transaction& tx, const events::v1::Event& event) override;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_SUBSCRIPTION_FOLLOWER_H_
