#ifndef KEYWARD_COMMON_AUDIT_AUDIT_LOG_H_
#define KEYWARD_COMMON_AUDIT_AUDIT_LOG_H_

#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/storage/database.h"
#include "common/storage/migration.h"
#include "keyward/audit/v1/audit.pb.h"

namespace keyward::audit {

// The table behind AuditLog. Every service opens its database with it.
storage::Schema AuditSchema();

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

// What a page of entries is chosen by; empty fields choose all.
struct AuditFilter {
  // Entries about this resource or what lies below it.
  std::string resource;
  std::string correlation_id;
};

// The audit log of a service, in its own database. Entries that arrive while a transaction is being
// committed share the next one (group commit), so that many callers cost few. The destructor
// finishes what was given. Thread-safe.
class AuditLog final : public AuditSink {
 public:
  explicit AuditLog(storage::Database& database);
  ~AuditLog() override;

  void Record(v1::AuditEntry entry, Done done) override;

  // Entries with an id below `before_id` (0: from the newest on), newest first, at most `limit`.
  absl::StatusOr<std::vector<v1::AuditEntry>> List(const AuditFilter& filter, int64_t before_id,
                                                   int limit) const;

 private:
  struct Pending {
    v1::AuditEntry entry;
    Done done;
  };

  void Run();

  storage::Database& database_;
  absl::Mutex mutex_;
  std::vector<Pending> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread writer_;
};

}  // namespace keyward::audit

#endif  // KEYWARD_COMMON_AUDIT_AUDIT_LOG_H_
