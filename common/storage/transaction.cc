#include "common/storage/transaction.h"

#include <algorithm>
#include <utility>

#include "common/status/status_macros.h"
#include "common/storage/connection.h"
#include "common/storage/fault_point.h"

namespace keyward::storage {
namespace {

absl::Span<const Parameter> AsSpan(std::initializer_list<Parameter> parameters) {
  return absl::MakeConstSpan(parameters.begin(), parameters.size());
}

}  // namespace

absl::StatusOr<int64_t> Transaction::Execute(std::string_view sql,
                                             std::initializer_list<Parameter> parameters) {
  return Execute(sql, AsSpan(parameters));
}

absl::StatusOr<int64_t> Transaction::Execute(std::string_view sql,
                                             absl::Span<const Parameter> parameters) {
  KW_ASSIGN_OR_RETURN(const Outcome outcome, connection_.Run(sql, parameters));
  KW_FAULT_POINT("storage.after_statement");
  return outcome.rows_changed;
}

absl::StatusOr<std::vector<Row>> Transaction::Query(std::string_view sql,
                                                    std::initializer_list<Parameter> parameters) {
  return Query(sql, AsSpan(parameters));
}

absl::StatusOr<std::vector<Row>> Transaction::Query(std::string_view sql,
                                                    absl::Span<const Parameter> parameters) {
  KW_ASSIGN_OR_RETURN(Outcome outcome, connection_.Run(sql, parameters));
  return std::move(outcome.rows);
}

absl::StatusOr<std::optional<Row>> Transaction::QueryOne(
    std::string_view sql, std::initializer_list<Parameter> parameters) {
  return QueryOne(sql, AsSpan(parameters));
}

absl::StatusOr<std::optional<Row>> Transaction::QueryOne(std::string_view sql,
                                                         absl::Span<const Parameter> parameters) {
  KW_ASSIGN_OR_RETURN(Outcome outcome, connection_.Run(sql, parameters));
  if (outcome.rows.empty()) return std::nullopt;
  return std::move(outcome.rows.front());
}

void Transaction::OnCommit(std::function<void()> callback) {
  on_commit_.push_back(std::move(callback));
}

void Transaction::NoteAppended(int64_t sequence) {
  highest_appended_ = std::max(highest_appended_, sequence);
}

}  // namespace keyward::storage
