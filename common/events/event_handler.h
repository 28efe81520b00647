#ifndef KEYWARD_COMMON_EVENTS_EVENT_HANDLER_H_
#define KEYWARD_COMMON_EVENTS_EVENT_HANDLER_H_

#include "absl/status/status.h"
#include "common/storage/transaction.h"
#include "keyward/events/v1/events.pb.h"

namespace keyward::events {

// What a service does about the events of another. Called from one thread a follower.
class EventHandler {
 public:
  virtual ~EventHandler() = default;

  // Takes effect in `tx`, which also stores that the event was applied, so once and for ever;
  // effects in memory go to tx.OnCommit. Own events that follow from this one are appended in `tx`
  // too. May be repeated before it commits. An error stops the feed at this event, and freshness
  // with it, until a later attempt succeeds: return OK for events that mean nothing here.
  virtual absl::Status Apply(storage::Transaction& tx, const v1::Event& event) = 0;

  // The event was applied by another replica, through the same database; only what this process
  // keeps in memory is behind.
  virtual void Observe(const v1::Event& event) { static_cast<void>(event); }
};

}  // namespace keyward::events

#endif  // KEYWARD_COMMON_EVENTS_EVENT_HANDLER_H_
