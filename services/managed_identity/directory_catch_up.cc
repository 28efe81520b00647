#include "services/managed_identity/directory_catch_up.h"

#include <vector>

#include "common/events/event_store.h"
#include "common/status/status_macros.h"
#include "keyward/events/v1/events.pb.h"

namespace keyward::managed_identity {
namespace {

constexpr char kSource[] = "managed_identity";
constexpr int kBatch = 1000;

}  // namespace

absl::Status DirectoryCatchUp::CatchUp() {
  int64_t newest = 0;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(newest, events::NewestSequence(tx));
    return absl::OkStatus();
  }));
  absl::MutexLock lock(&mutex_);
  while (seen_ < newest) KW_RETURN_IF_ERROR(Follow());
  return absl::OkStatus();
}

absl::Status DirectoryCatchUp::Follow() {
  std::vector<events::v1::Event> events;
  int64_t newest = 0;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(newest, events::NewestSequence(tx));
    if (seen_ < 0) return absl::OkStatus();
    KW_ASSIGN_OR_RETURN(events, events::EventsAfter(tx, kSource, seen_, kBatch));
    return absl::OkStatus();
  }));
  // Events that are kept no longer tell nothing, but what they changed is in the directory's
  // tables.
  if (events.empty() || events.front().sequence() != seen_ + 1) {
    KW_RETURN_IF_ERROR(directory_.Load(database_));
    seen_ = newest;
    return absl::OkStatus();
  }
  for (const events::v1::Event& event : events) directory_.Observe(event);
  seen_ = events.back().sequence();
  return absl::OkStatus();
}

}  // namespace keyward::managed_identity
