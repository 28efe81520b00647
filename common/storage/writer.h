#ifndef KEYWARD_COMMON_STORAGE_WRITER_H_
#define KEYWARD_COMMON_STORAGE_WRITER_H_

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "common/storage/attempt.h"
#include "common/storage/connection.h"
#include "common/storage/engine.h"
#include "common/storage/migration.h"
#include "common/storage/transaction.h"

namespace keyward::storage {

// The one connection of a process that writes. Pieces of work run one after the other. On SQLite,
// those that queue behind one another share a commit, and so one wait for the disk: each runs in a
// savepoint of its own, so that one that fails takes nothing of the others with it, and all return
// once the last one has committed for all. (PostgreSQL groups commits by itself.) Thread-safe.
class Writer {
 public:
  explicit Writer(const Engine& engine) : engine_(engine) {}

  // Brings the schemas up to date.
  absl::Status Migrate(absl::Span<const Schema> schemas) ABSL_LOCKS_EXCLUDED(mutex_);

  // One attempt at what Database::Write promises.
  Attempt Write(absl::FunctionRef<absl::Status(Transaction&)> work) ABSL_LOCKS_EXCLUDED(mutex_);

  // Runs a statement outside of transactions.
  absl::StatusOr<Outcome> RunPlain(std::string_view sql) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // A transaction that several pieces of work share.
  struct Batch {
    bool begun = false;
    // Pieces of work that succeeded.
    int members = 0;
    std::vector<std::function<void()>> on_commit;
    bool done = false;
    Attempt result;
  };

  absl::Status Connect() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Begin() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Runs one piece of work in the open batch; an error has undone what it did.
  absl::Status Join(absl::FunctionRef<absl::Status(Transaction&)> work)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Commits the open batch, or, as `status` is an error, gives it up.
  void Finish(absl::Status status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Commit() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Engine& engine_;
  // Calls that wait for mutex_; each will have a look at the batch.
  std::atomic<int> queued_{0};
  absl::Mutex mutex_;
  std::unique_ptr<Connection> connection_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<Batch> batch_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyward::storage

#endif  // KEYWARD_COMMON_STORAGE_WRITER_H_
