#include "common/events/applier.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/clock/back_off.h"
#include "common/events/event_store.h"
#include "common/server/log.h"
#include "common/status/status_macros.h"
#include "common/storage/fault_point.h"

namespace keyward::events {
namespace {

// Events that may wait; beyond, the peer does.
constexpr size_t kMaximumQueue = 1000;

}  // namespace

absl::StatusOr<std::unique_ptr<Applier>> Applier::Create(
    Options options, storage::Database& database, clock::Clock& clock, EventHandler& handler,
    std::function<void(Progress)> on_progress) {
  std::unique_ptr<Applier> applier(
      new Applier(std::move(options), database, clock, handler, std::move(on_progress)));
  KW_RETURN_IF_ERROR(applier->Load());
  return applier;
}

Applier::Applier(Options options, storage::Database& database, clock::Clock& clock,
                 EventHandler& handler, std::function<void(Progress)> on_progress)
    : options_(std::move(options)),
      database_(database),
      clock_(clock),
      handler_(handler),
      on_progress_(std::move(on_progress)) {}

Applier::~Applier() { Stop(); }

// What followed from the events applied before a restart is somewhere in the own feed, so all of it
// counts.
absl::Status Applier::Load() {
  return database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(const int64_t cursor, Cursor(tx, options_.source));
    KW_ASSIGN_OR_RETURN(const int64_t own_sequence, NewestSequence(tx));
    absl::MutexLock lock(&mutex_);
    received_ = cursor;
    progress_ = {cursor, own_sequence};
    return absl::OkStatus();
  });
}

void Applier::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Applier::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

bool Applier::Push(v1::Event event) {
  absl::MutexLock lock(&mutex_);
  if (event.sequence() != received_ + 1) return false;
  const auto can_go_on = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopped_ || queue_.size() < kMaximumQueue;
  };
  mutex_.Await(absl::Condition(&can_go_on));
  if (stopped_) return false;
  received_ = event.sequence();
  queue_.push_back(std::move(event));
  return true;
}

int64_t Applier::received() const {
  absl::MutexLock lock(&mutex_);
  return received_;
}

Progress Applier::progress() const {
  absl::MutexLock lock(&mutex_);
  return progress_;
}

bool Applier::failing() const {
  absl::MutexLock lock(&mutex_);
  return failing_;
}

void Applier::Run() {
  int attempt = 0;
  while (true) {
    // After a failure one by one, so that what can be applied is, and the log names what cannot.
    const std::vector<v1::Event> batch = AwaitBatch(attempt == 0 ? options_.batch_size : 1);
    if (batch.empty()) return;
    KW_FAULT_POINT("follower.before_apply");
    absl::StatusOr<Progress> progress = Apply(batch);
    if (!progress.ok()) {
      if (!BackOff(progress.status(), batch.front(), attempt++)) return;
      continue;
    }
    KW_FAULT_POINT("follower.after_apply");
    attempt = 0;
    {
      absl::MutexLock lock(&mutex_);
      failing_ = false;
      progress_ = *progress;
      queue_.erase(queue_.begin(), queue_.begin() + static_cast<int64_t>(batch.size()));
    }
    on_progress_(*progress);
  }
}

// The next events, which stay in the queue until they are applied; none once stopped.
std::vector<v1::Event> Applier::AwaitBatch(size_t limit) {
  absl::MutexLock lock(&mutex_);
  const auto has_work = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopped_ || !queue_.empty();
  };
  mutex_.Await(absl::Condition(&has_work));
  if (stopped_) return {};
  const auto end = queue_.begin() + static_cast<int64_t>(std::min(limit, queue_.size()));
  return std::vector<v1::Event>(queue_.begin(), end);
}

absl::StatusOr<Progress> Applier::Apply(const std::vector<v1::Event>& batch) {
  Progress done = progress();
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(const int64_t own_sequence, ApplyIn(tx, batch));
    done.own_sequence = std::max(done.own_sequence, own_sequence);
    return absl::OkStatus();
  }));
  done.applied = batch.back().sequence();
  return done;
}

// Returns how far the own feed has to be delivered before these events count as acknowledged.
absl::StatusOr<int64_t> Applier::ApplyIn(storage::Transaction& tx,
                                         const std::vector<v1::Event>& batch) {
  KW_ASSIGN_OR_RETURN(int64_t cursor, Cursor(tx, options_.source));
  const int64_t already = cursor;
  int64_t own_sequence = 0;
  for (const v1::Event& event : batch) {
    if (event.sequence() <= already) {
      // Another replica was faster. What it made of it is in the own feed, nobody knows where.
      tx.OnCommit([this, event] { handler_.Observe(event); });
      KW_ASSIGN_OR_RETURN(own_sequence, NewestSequence(tx));
      continue;
    }
    if (event.sequence() != cursor + 1) {
      return absl::InternalError(absl::StrCat("the cursor of ", options_.source, " is at ", cursor,
                                              ", so event ", event.sequence(),
                                              " cannot be applied next"));
    }
    KW_RETURN_IF_ERROR(handler_.Apply(tx, event));
    cursor = event.sequence();
  }
  if (cursor != already) KW_RETURN_IF_ERROR(StoreCursor(tx, options_.source, cursor));
  return std::max(own_sequence, tx.highest_appended());
}

// Returns whether to try again.
bool Applier::BackOff(const absl::Status& status, const v1::Event& event, int attempt) {
  server::Log(server::Severity::kError, "feed.apply_failed",
              {{"source", options_.source},
               {"event_id", event.id()},
               {"event_type", event.type()},
               {"correlation_id", event.correlation_id()},
               {"attempt", attempt + 1},
               {"error", status.ToString()}});
  absl::MutexLock lock(&mutex_);
  failing_ = true;
  const absl::Duration delay =
      clock::BackOff(attempt, options_.minimum_back_off, options_.maximum_back_off);
  clock_.AwaitFor(mutex_, absl::Condition(&stopped_), delay);
  return !stopped_;
}

}  // namespace keyward::events
