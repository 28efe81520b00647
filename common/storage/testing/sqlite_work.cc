#include "common/storage/testing/sqlite_work.h"

#include <sqlite3.h>

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace keyward::storage::testing {
namespace {

absl::Mutex mutex(absl::kConstInit);
SqliteWork& Work() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
  static SqliteWork& work = *new SqliteWork;
  return work;
}

// Called when a statement has run.
int Count(unsigned, void*, void* statement_pointer, void*) {
  auto* const statement = static_cast<sqlite3_stmt*>(statement_pointer);
  absl::MutexLock lock(&mutex);
  Work().steps += sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 1);
  if (sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_FULLSCAN_STEP, 1) > 0) {
    Work().scans.push_back(sqlite3_sql(statement));
  }
  return SQLITE_OK;
}

// Called when a connection was opened.
int WatchConnection(sqlite3* connection, const char**, const struct sqlite3_api_routines*) {
  return sqlite3_trace_v2(connection, SQLITE_TRACE_PROFILE, Count, nullptr);
}

}  // namespace

void SqliteWork::Watch() { sqlite3_auto_extension(reinterpret_cast<void (*)()>(WatchConnection)); }

SqliteWork SqliteWork::Take() {
  absl::MutexLock lock(&mutex);
  return std::exchange(Work(), SqliteWork());
}

}  // namespace keyward::storage::testing
