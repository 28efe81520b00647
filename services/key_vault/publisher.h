#ifndef KEYWARD_SERVICES_KEY_VAULT_PUBLISHER_H_
#define KEYWARD_SERVICES_KEY_VAULT_PUBLISHER_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/clock/clock.h"
#include "common/events/feed.h"
#include "common/events/outbox.h"
#include "common/server/call_context.h"
#include "common/storage/transaction.h"
#include "keyward/events/v1/events.pb.h"
#include "keyward/keyvault/v1/events.pb.h"

namespace keyward::key_vault {

// Tells of changes in the transaction that makes them, and waits until they have taken effect
// everywhere. Thread-safe.
class Publisher {
 public:
  Publisher(events::Outbox& outbox, events::Feed& feed, const clock::Clock& clock)
      : outbox_(outbox), feed_(feed), clock_(clock) {}

  // Appends an event about a vault, or about a key (or a version, if the event names one), that the
  // call makes happen.
  absl::Status Publish(storage::Transaction& tx, const server::CallContext& call,
                       absl::string_view type, const keyvault::v1::VaultChanged& data);
  absl::Status Publish(storage::Transaction& tx, const server::CallContext& call,
                       absl::string_view type, const keyvault::v1::KeyChanged& data);
  absl::Status Publish(storage::Transaction& tx, const server::CallContext& call,
                       absl::string_view type, const keyvault::v1::KeyRotationFailed& data);

  // The newest sequence of the feed, as the transaction sees it; 0 for an empty feed.
  static absl::StatusOr<int64_t> NewestSequence(storage::Transaction& tx);

  // For a change that took access away: returns once it has taken effect everywhere, or every
  // consumer that has not confirmed has lost its lease. DEADLINE_EXCEEDED (DELIVERY_PENDING) if the
  // call's deadline comes first: the change stands, and the same call sent again waits on.
  absl::StatusOr<events::v1::Delivery> AwaitLoss(int64_t sequence, const server::CallContext& call);

  // For a change that gave access: waits for a short time, so that callers find it in force at the
  // consumers. A consumer that is late hears of it later.
  absl::Status AwaitGrant(int64_t sequence, const server::CallContext& call);

 private:
  absl::Status Append(storage::Transaction& tx, const server::CallContext& call,
                      absl::string_view type, std::string subject,
                      const google::protobuf::Message& data);

  events::Outbox& outbox_;
  events::Feed& feed_;
  const clock::Clock& clock_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_PUBLISHER_H_
