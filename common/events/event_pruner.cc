#include "common/events/event_pruner.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/audit/audit_store.h"
#include "common/events/event_store.h"
#include "common/server/log.h"
#include "common/status/status_macros.h"
#include "common/storage/fault_point.h"
#include "google/protobuf/util/time_util.h"
#include "keyward/audit/v1/audit.pb.h"

namespace keyward::events {
namespace {

// In one transaction, so that other writers are not held up for long.
constexpr int kBatch = 500;

audit::v1::AuditEntry Entry(const char* operation, std::string resource, absl::Time now) {
  audit::v1::AuditEntry entry;
  *entry.mutable_time() =
      google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(now));
  entry.set_operation(operation);
  entry.set_resource(std::move(resource));
  entry.set_result("OK");
  return entry;
}

}  // namespace

void EventPruner::Start(absl::Duration interval) {
  worker_.Start([this, interval] {
    const absl::StatusOr<int64_t> pruned = PruneDue();
    if (!pruned.ok()) {
      server::Log(server::Severity::kError, "events.prune_failed",
                  {{"cause", std::string(pruned.status().message())}});
    } else if (*pruned > 0) {
      server::Log(server::Severity::kInfo, "events.pruned", {{"events", *pruned}});
    }
    return interval;
  });
}

absl::StatusOr<int64_t> EventPruner::PruneDue() {
  const absl::Time now = clock_.Now();
  KW_RETURN_IF_ERROR(
      database_.Write([&](storage::Transaction& tx) { return ForgetDead(tx, now); }));
  if (options_.retention == absl::InfiniteDuration()) return 0;
  int64_t all = 0;
  int64_t pruned = 0;
  do {
    KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
      KW_ASSIGN_OR_RETURN(pruned, PruneSome(tx, now));
      return absl::OkStatus();
    }));
    KW_FAULT_POINT("events.pruned");
    all += pruned;
  } while (pruned > 0 && !worker_.stopping());
  return all;
}

absl::Status EventPruner::ForgetDead(storage::Transaction& tx, absl::Time now) {
  KW_ASSIGN_OR_RETURN(const std::vector<std::string> dead,
                      ForgetConsumers(tx, now - options_.death));
  std::vector<audit::v1::AuditEntry> entries;
  for (const std::string& name : dead) {
    entries.push_back(Entry("background/ForgetConsumer", absl::StrCat("consumers/", name), now));
  }
  return entries.empty() ? absl::OkStatus() : audit::AppendEntries(tx, entries);
}

absl::StatusOr<int64_t> EventPruner::PruneSome(storage::Transaction& tx, absl::Time now) {
  KW_ASSIGN_OR_RETURN(const int64_t newest, NewestSequence(tx));
  KW_ASSIGN_OR_RETURN(const int64_t unacknowledged, LeastAcknowledged(tx, newest));
  KW_ASSIGN_OR_RETURN(const std::vector<EventAge> oldest, OldestEvents(tx, kBatch));
  int64_t through = 0;
  int64_t pruned = 0;
  for (const EventAge& event : oldest) {
    const bool old = now - event.time >= options_.retention && event.sequence <= unacknowledged;
    const bool too_old = now - event.time >= std::max(options_.bound, options_.retention);
    if (event.sequence >= newest || (!old && !too_old)) break;
    through = event.sequence;
    ++pruned;
  }
  if (pruned == 0) return 0;
  KW_RETURN_IF_ERROR(DeleteEventsThrough(tx, through));
  audit::v1::AuditEntry entry = Entry("background/PruneEvents", "events", now);
  (*entry.mutable_details())["through_sequence"] = absl::StrCat(through);
  (*entry.mutable_details())["events"] = absl::StrCat(pruned);
  KW_RETURN_IF_ERROR(audit::AppendEntries(tx, {entry}));
  return pruned;
}

}  // namespace keyward::events
