#ifndef KEYWARD_COMMON_STORAGE_TRANSACTION_H_
#define KEYWARD_COMMON_STORAGE_TRANSACTION_H_

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/storage/value.h"

namespace keyward::storage {

class Connection;

// What runs between a begin and a commit; made by Database only, used by one thread, and not
// kept longer than the call that received it. After a statement has failed, the only thing left to
// do is to return its error.
//
// SQL is one text for SQLite and PostgreSQL: tables of TEXT and BIGINT, ON CONFLICT and RETURNING
// are fine; parameters are written :name, each name may occur several times, and every parameter
// given must occur. PostgreSQL must be able to see a parameter's type: where it stands alone
// (":x IS NULL"), write CAST(:x AS BIGINT). Statements stay prepared by their text, so texts must
// be constant, values always parameters.
//
// Errors: ALREADY_EXISTS (a unique or primary key is taken), FAILED_PRECONDITION (a foreign key,
// NOT NULL or CHECK is broken), UNAVAILABLE with reason DEPENDENCY_UNAVAILABLE (the engine does not
// answer), ABORTED (the engine wants the transaction repeated; Database does that), INTERNAL (all
// else, such as wrong SQL). Messages hold the SQL, never a value.
class Transaction {
 public:
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // Runs a statement; returns the number of rows it changed.
  absl::StatusOr<int64_t> Execute(std::string_view sql,
                                  std::initializer_list<Parameter> parameters = {});
  absl::StatusOr<int64_t> Execute(std::string_view sql, absl::Span<const Parameter> parameters);

  // Runs a statement and returns all its rows.
  absl::StatusOr<std::vector<Row>> Query(std::string_view sql,
                                         std::initializer_list<Parameter> parameters = {});
  absl::StatusOr<std::vector<Row>> Query(std::string_view sql,
                                         absl::Span<const Parameter> parameters);

  // Runs a statement and returns its first row, if it has one.
  absl::StatusOr<std::optional<Row>> QueryOne(std::string_view sql,
                                              std::initializer_list<Parameter> parameters = {});
  absl::StatusOr<std::optional<Row>> QueryOne(std::string_view sql,
                                              absl::Span<const Parameter> parameters);

  // Runs `callback` once the transaction is durable and before Write returns: callbacks of one
  // transaction in the order given, those of several in the order of their commits. For effects in
  // memory; it must be quick and must not call Write.
  void OnCommit(std::function<void()> callback);

  // Remembers that an event with this sequence was appended to the own feed.
  void NoteAppended(int64_t sequence);
  // The highest sequence noted; 0 if none.
  int64_t highest_appended() const { return highest_appended_; }

 private:
  friend class Database;
  friend class Writer;

  explicit Transaction(Connection& connection) : connection_(connection) {}

  Connection& connection_;
  std::vector<std::function<void()>> on_commit_;
  int64_t highest_appended_ = 0;
};

}  // namespace keyward::storage

#endif  // KEYWARD_COMMON_STORAGE_TRANSACTION_H_
