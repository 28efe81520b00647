#include "common/events/feed_core.h"

#include <algorithm>
#include <utility>

#include "common/events/errors.h"
#include "common/events/event_store.h"
#include "common/status/status_macros.h"

namespace keyward::events {
namespace {

constexpr absl::Duration kWatchInterval = absl::Milliseconds(20);

}  // namespace

FeedCore::FeedCore(storage::Database& database, clock::Clock& clock, std::string source,
                   Feed::Options options)
    : database_(database), clock_(clock), source_(std::move(source)), options_(options) {}

FeedCore::~FeedCore() { StopWatching(); }

void FeedCore::StopWatching() {
  {
    absl::MutexLock lock(&mutex_);
    stop_watching_ = true;
  }
  if (watcher_.joinable()) watcher_.join();
}

absl::Status FeedCore::Load() {
  KW_RETURN_IF_ERROR(ReadNewest().status());
  const absl::Status status = database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(const std::vector<StoredConsumer> stored, Consumers(tx));
    absl::MutexLock lock(&mutex_);
    table_.Merge(stored, clock_.MonotonicNow());
    return absl::OkStatus();
  });
  if (status.ok() && database_.shared()) watcher_ = std::thread([this] { WatchOthers(); });
  return status;
}

void FeedCore::Committed(int64_t sequence) {
  absl::MutexLock lock(&mutex_);
  newest_ = std::max(newest_, sequence);
}

absl::StatusOr<int64_t> FeedCore::ReadNewest() {
  int64_t newest = 0;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(newest, NewestSequence(tx));
    return absl::OkStatus();
  }));
  Committed(newest);
  return newest;
}

absl::Status FeedCore::RequirePublished(int64_t sequence) {
  {
    absl::MutexLock lock(&mutex_);
    if (shut_down_) return ShuttingDown(source_);
    if (sequence <= newest_) return absl::OkStatus();
  }
  KW_ASSIGN_OR_RETURN(const int64_t newest, ReadNewest());
  if (sequence > newest) return SequenceAhead(source_, sequence, newest);
  return absl::OkStatus();
}

absl::Status FeedCore::RefreshConsumers() {
  if (!database_.shared()) return absl::OkStatus();
  std::vector<StoredConsumer> stored;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(stored, Consumers(tx));
    return absl::OkStatus();
  }));
  absl::MutexLock lock(&mutex_);
  table_.Merge(stored, clock_.MonotonicNow());
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::Event>> FeedCore::ReadEvents(int64_t after_sequence, int limit,
                                                            const std::string& subject) {
  std::vector<v1::Event> events;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(events, EventsAfter(tx, source_, after_sequence, limit, subject));
    return absl::OkStatus();
  }));
  return events;
}

absl::Status FeedCore::RequireKept(int64_t after_sequence) {
  return database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(const int64_t oldest, OldestSequence(tx));
    if (oldest > after_sequence + 1) return EventsGone(source_, after_sequence, oldest);
    return absl::OkStatus();
  });
}

void FeedCore::SetUpstream(std::function<absl::Duration()> remaining) {
  absl::MutexLock lock(&mutex_);
  upstream_ = std::move(remaining);
}

absl::Duration FeedCore::UpstreamLease() {
  std::function<absl::Duration()> upstream;
  {
    absl::MutexLock lock(&mutex_);
    upstream = upstream_;
  }
  if (!upstream) return options_.lease;
  return std::clamp(upstream(), absl::ZeroDuration(), options_.lease);
}

absl::Status FeedCore::GrantLease(const std::string& consumer, absl::Duration received) {
  StoredConsumer stored{.name = consumer, .lease_length = options_.lease + options_.margin};
  {
    absl::MutexLock lock(&mutex_);
    table_.Grant(consumer, received + stored.lease_length);
    stored.acknowledged = table_.consumers().at(consumer).acknowledged;
  }
  const absl::Time until = clock_.Now() + (received + stored.lease_length - clock_.MonotonicNow());
  int64_t renewals = 0;
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(renewals, StoreLease(tx, stored, until));
    return absl::OkStatus();
  }));
  absl::MutexLock lock(&mutex_);
  table_.Granted(consumer, renewals);
  return absl::OkStatus();
}

absl::Status FeedCore::Acknowledge(const std::string& consumer, int64_t sequence) {
  {
    absl::MutexLock lock(&mutex_);
    table_.Acknowledge(consumer, sequence);
  }
  // With one process, the next lease stores it soon enough: it is needed there only after a
  // restart, and then the consumer says it again.
  if (!database_.shared()) return absl::OkStatus();
  return database_.Write(
      [&](storage::Transaction& tx) { return StoreAcknowledged(tx, consumer, sequence); });
}

void FeedCore::Shutdown() {
  absl::MutexLock lock(&mutex_);
  shut_down_ = true;
}

void FeedCore::WatchOthers() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (clock_.AwaitFor(mutex_, absl::Condition(&stop_watching_), kWatchInterval)) return;
    }
    // A database that does not answer now is asked again; those who need the answer ask themselves.
    if (ReadNewest().ok()) RefreshConsumers().IgnoreError();
  }
}

}  // namespace keyward::events
