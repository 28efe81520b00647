#include "common/audit/audit_log.h"

#include <utility>

#include "absl/synchronization/notification.h"
#include "common/audit/audit_store.h"

namespace keyward::audit {

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

void AuditLog::Record(v1::AuditEntry entry, Done done) {
  absl::MutexLock lock(&mutex_);
  entries_.push_back(std::move(entry));
  waiting_.push_back(std::move(done));
}

void AuditLog::Run() {
  for (;;) {
    std::vector<v1::AuditEntry> entries;
    std::vector<Done> waiting;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &AuditLog::HasWork));
      if (entries_.empty()) return;
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
