#include "common/storage/connection.h"

#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace keyward::storage {
namespace {

// Texts are constant, so a service has a few hundred. This bounds one that breaks the rule.
constexpr size_t kMaximumStatements = 1000;

absl::Status Unavailable(std::string message) {
  return ErrorBuilder(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE", std::move(message));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Engine& engine) {
  try {
    return std::unique_ptr<Connection>(new Connection(engine, engine.Connect()));
  } catch (const std::exception& error) {
    return Unavailable(absl::StrCat("the database does not answer: ", error.what()));
  }
}

absl::StatusOr<Outcome> Connection::Run(std::string_view sql,
                                        absl::Span<const Parameter> parameters) {
  if (!failure_.ok()) return failure_;
  if (statements_left_ == 0) {
    return failure_ = absl::InternalError("storage: a second statement where one was announced");
  }
  if (statements_left_ != kAnyNumber) --statements_left_;
  std::string key = Statement::Key(sql, parameters);
  std::unique_ptr<Statement> statement;
  const auto known = statements_.find(key);
  if (known != statements_.end()) statement = std::move(known->second);
  try {
    if (statement == nullptr) {
      statement = std::make_unique<Statement>(engine_, *session_, sql, parameters);
    }
    Outcome outcome = statement->Run(parameters);
    if (statements_.size() >= kMaximumStatements) statements_.clear();
    statements_[std::move(key)] = std::move(statement);
    return outcome;
  } catch (const soci::soci_error& error) {
    statements_.erase(key);
    failed_.push_back(std::move(statement));
    failure_ = Convert(error, sql);
  } catch (const std::exception& error) {
    statements_.erase(key);
    failed_.push_back(std::move(statement));
    failure_ = absl::InternalError(absl::StrCat("storage: ", error.what()));
  }
  return failure_;
}

absl::Status Connection::RunPlain(std::string_view sql) { return Run(sql, {}).status(); }

absl::Status Connection::Begin(std::string_view begin_statement) {
  Forget();
  return RunPlain(begin_statement);
}

void Connection::BeginStatement() {
  Forget();
  statements_left_ = 1;
}

void Connection::Forget() {
  failure_ = absl::OkStatus();
  repeat_wanted_ = false;
  statements_left_ = kAnyNumber;
  failed_.clear();
}

void Connection::Rollback() {
  failure_ = absl::OkStatus();
  // SQLite may have rolled back by itself already; what counts is that no transaction is open, and
  // a connection where that is uncertain is not used again.
  const bool repeat_wanted = repeat_wanted_;
  if (!RunPlain("ROLLBACK").ok()) lost_ = true;
  repeat_wanted_ = repeat_wanted;
  failure_ = absl::OkStatus();
  failed_.clear();
}

void Connection::RollbackToSavepoint() {
  if (lost_ || repeat_wanted_) return;
  failure_ = absl::OkStatus();
  if (!RunPlain("ROLLBACK TO work").ok() || !RunPlain("RELEASE work").ok()) lost_ = true;
}

absl::Status Connection::Convert(const soci::soci_error& error, std::string_view sql) {
  // Not what(): SOCI adds the values of the parameters to it.
  const std::string message = absl::StrCat("storage: ", error.get_error_message(), " [",
                                           absl::string_view(sql.data(), sql.size()), "]");
  switch (engine_.Classify(*session_, error)) {
    case Failure::kTaken:
      return absl::AlreadyExistsError(message);
    case Failure::kConstraint:
      return absl::FailedPreconditionError(message);
    case Failure::kRepeat:
      repeat_wanted_ = true;
      return absl::AbortedError(message);
    case Failure::kConnectionLost:
      lost_ = true;
      return Unavailable(message);
    case Failure::kUnavailable:
      return Unavailable(message);
    case Failure::kOther:
      break;
  }
  return absl::InternalError(message);
}

}  // namespace keyward::storage
