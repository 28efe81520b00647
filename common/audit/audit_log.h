#ifndef KEYWARD_COMMON_AUDIT_AUDIT_LOG_H_
#define KEYWARD_COMMON_AUDIT_AUDIT_LOG_H_

#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "common/storage/database.h"
#include "keyward/audit/v1/audit.pb.h"

namespace keyward::audit {

// Where audit entries go. Thread-safe.
class AuditSink {
 public:
  using Done = std::function<void(absl::Status)>;

  virtual ~AuditSink() = default;

  // Records an entry (its id is ignored) and calls `done` from any thread: with OK once it is
  // durable, with an error if it is not and will not be.
  virtual void Record(v1::AuditEntry entry, Done done) = 0;

  // The same, and waits for it.
  absl::Status RecordAndWait(v1::AuditEntry entry);
};

// The audit log of a service, in its own database. Entries that arrive while a transaction is being
// committed share the next one (group commit), so that many callers cost few. An entry that cannot
// be written fails alone. The destructor finishes what was given. Thread-safe.
class AuditLog final : public AuditSink {
 public:
  explicit AuditLog(storage::Database& database);
  ~AuditLog() override;

  void Record(v1::AuditEntry entry, Done done) override;

 private:
  void Run();
  void Write(absl::Span<const v1::AuditEntry> entries, absl::Span<const Done> waiting);
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !entries_.empty();
  }

  storage::Database& database_;
  absl::Mutex mutex_;
  // What the next transaction will write, and who waits for it.
  std::vector<v1::AuditEntry> entries_ ABSL_GUARDED_BY(mutex_);
  std::vector<Done> waiting_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  // Last, so that it starts when all else is there.
  std::thread writer_;
};

}  // namespace keyward::audit

#endif  // KEYWARD_COMMON_AUDIT_AUDIT_LOG_H_
