#ifndef KEYWARD_COMMON_STORAGE_DATABASE_H_
#define KEYWARD_COMMON_STORAGE_DATABASE_H_

#include <memory>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/storage/migration.h"
#include "common/storage/transaction.h"

namespace keyward::storage {

class ConnectionPool;
class Engine;
class Writer;
struct Attempt;

// The state of one service. A thin layer on SOCI that speaks to SQLite (one file, one process) or
// PostgreSQL (several replicas share it), with one SQL text for both. Thread-safe.
//
// A process writes one transaction at a time, so that what OnCommit tells memory comes in the order
// of the commits; reads run beside it, each on its own connection. A transaction that returned OK
// is on disk; on SQLite, those that queue for the disk at the same time share one wait for it.
// Transactions are serialisable against all others, also those of other processes. Whoever calls
// Write must not hold a lock that the work of another Write may want.
//
// Errors are those of Transaction; Write and Read add none but UNAVAILABLE.
class Database {
 public:
  // Opens the database and brings each schema up to date. `url` is "sqlite:/path/to/file.db", made
  // with mode 0600 if it does not exist, or a libpq URL, "postgresql://user@host:port/name?…".
  // Also FAILED_PRECONDITION: a newer release has been at work on this database;
  // INVALID_ARGUMENT: no such engine.
  static absl::StatusOr<std::unique_ptr<Database>> Open(std::string_view url,
                                                        absl::Span<const Schema> schemas);

  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs `work` in one transaction and commits it if it returns OK; otherwise nothing has happened,
  // and its error is returned. `work` must bear being repeated: when the engine asks for it,
  // everything it did is undone first. It must not call Write or Read. An UNAVAILABLE after the
  // connection broke during the commit leaves open whether it happened.
  absl::Status Write(absl::FunctionRef<absl::Status(Transaction&)> work);

  // Runs `work` on one snapshot, taken after the call began: it sees every Write that has returned
  // by then. It may be repeated, and must not change anything.
  absl::Status Read(absl::FunctionRef<absl::Status(Transaction&)> work);

  // The same for work of one statement, which is a snapshot by itself: without a transaction around
  // it, and so at a third of the cost. A second statement fails with INTERNAL.
  absl::Status ReadOne(absl::FunctionRef<absl::Status(Transaction&)> work);

  // Empties SQLite's journal, so that no file holds a value any longer that was overwritten or
  // deleted before the call. PostgreSQL offers nothing of the kind: there it does nothing, and
  // old versions of a row go when its own vacuum and log recycling come to them.
  absl::Status Scrub();

  // Whether other processes may write to this database too, which is so for PostgreSQL.
  bool shared() const;

 private:
  explicit Database(std::unique_ptr<Engine> engine);

  Attempt ReadOnce(absl::FunctionRef<absl::Status(Transaction&)> work);
  Attempt ReadOneOnce(absl::FunctionRef<absl::Status(Transaction&)> work);

  const std::unique_ptr<Engine> engine_;
  const std::unique_ptr<ConnectionPool> readers_;
  const std::unique_ptr<Writer> writer_;
};

}  // namespace keyward::storage

#endif  // KEYWARD_COMMON_STORAGE_DATABASE_H_
