#include "common/audit/audit_log.h"

#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "common/audit/audit_store.h"

namespace keyward::audit {
namespace {

// How long a transaction waits for more entries. Most calls that run at the same time are as quick.
constexpr absl::Duration kGatherTime = absl::Milliseconds(4);

}  // namespace

absl::Status AuditSink::RecordAndWait(v1::AuditEntry entry) {
  absl::Notification recorded;
  absl::Status result;
  Record(std::move(entry), [&](absl::Status status) {
    result = std::move(status);
    recorded.Notify();
  });
  recorded.WaitForNotification();
  return result;
}

AuditLog::AuditLog(storage::Database& database) : database_(database), writer_([this] { Run(); }) {}

AuditLog::~AuditLog() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  writer_.join();
}

void AuditLog::Expect() {
  absl::MutexLock lock(&mutex_);
  ++expected_;
}

void AuditLog::Record(v1::AuditEntry entry, Done done) {
  absl::MutexLock lock(&mutex_);
  if (expected_ > 0) --expected_;
  entries_.push_back(std::move(entry));
  waiting_.push_back(std::move(done));
}

bool AuditLog::HasGathered() const {
  // A quarter, so that most of those that run have something to run while it is written.
  return stopping_ || entries_.size() >= expected_ / 4;
}

void AuditLog::Run() {
  for (;;) {
    std::vector<v1::AuditEntry> entries;
    std::vector<Done> waiting;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &AuditLog::HasWork));
      if (entries_.empty()) return;
      mutex_.AwaitWithTimeout(absl::Condition(this, &AuditLog::HasGathered), kGatherTime);
      entries.swap(entries_);
      waiting.swap(waiting_);
    }
    Write(entries, waiting);
  }
}

void AuditLog::Write(absl::Span<const v1::AuditEntry> entries, absl::Span<const Done> waiting) {
  const absl::Status written =
      database_.Write([&](storage::Transaction& tx) { return AppendEntries(tx, entries); });
  if (written.ok() || absl::IsUnavailable(written) || entries.size() == 1) {
    for (const Done& done : waiting) done(written);
    return;
  }
  // One that cannot be written must not take the others with it.
  for (size_t i = 0; i < entries.size(); ++i) Write(entries.subspan(i, 1), waiting.subspan(i, 1));
}

}  // namespace keyward::audit
