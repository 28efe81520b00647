#ifndef KEYWARD_COMMON_STORAGE_CONNECTION_H_
#define KEYWARD_COMMON_STORAGE_CONNECTION_H_

#include <soci/soci.h>

#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/storage/engine.h"
#include "common/storage/statement.h"
#include "common/storage/value.h"

namespace keyward::storage {

// A session with the engine, and the statements prepared on it. SOCI's exceptions end here and
// become the errors that transaction.h lists. For one thread at a time.
class Connection {
 public:
  // UNAVAILABLE if the engine does not answer.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const Engine& engine);

  absl::StatusOr<Outcome> Run(std::string_view sql, absl::Span<const Parameter> parameters);
  absl::Status RunPlain(std::string_view sql);

  // Begins a transaction and forgets how the one before it went.
  absl::Status Begin(std::string_view begin_statement);
  // The same for a single statement, which needs no transaction; a second one is an error.
  void BeginStatement();
  absl::Status Commit() { return RunPlain("COMMIT"); }
  void Rollback();

  // A transaction within the transaction; one at a time. RollbackToSavepoint forgets how it went;
  // if that fails, the connection is lost.
  absl::Status Savepoint() { return RunPlain("SAVEPOINT work"); }
  absl::Status ReleaseSavepoint() { return RunPlain("RELEASE work"); }
  void RollbackToSavepoint();

  // The first error of the transaction; OK if there was none.
  const absl::Status& failure() const { return failure_; }
  // Whether the engine asked for the transaction to be repeated.
  bool repeat_wanted() const { return repeat_wanted_; }
  // Whether this connection can no longer be used.
  bool lost() const { return lost_; }

 private:
  static constexpr int kAnyNumber = std::numeric_limits<int>::max();

  Connection(const Engine& engine, std::unique_ptr<soci::session> session)
      : engine_(engine), session_(std::move(session)) {}

  void Forget();
  absl::Status Convert(const soci::soci_error& error, std::string_view sql);

  const Engine& engine_;
  const std::unique_ptr<soci::session> session_;
  absl::flat_hash_map<std::string, std::unique_ptr<Statement>> statements_;
  // Statements that threw. Kept until the transaction is over, as PostgreSQL refuses to give them
  // back before.
  std::vector<std::unique_ptr<Statement>> failed_;
  absl::Status failure_;
  // How many more statements may run; without bound in a transaction.
  int statements_left_ = kAnyNumber;
  bool repeat_wanted_ = false;
  bool lost_ = false;
};

}  // namespace keyward::storage

#endif  // KEYWARD_COMMON_STORAGE_CONNECTION_H_
