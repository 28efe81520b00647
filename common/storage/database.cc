#include "common/storage/database.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/clock/back_off.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "common/storage/connection.h"
#include "common/storage/connection_pool.h"
#include "common/storage/engine.h"
#include "common/storage/fault_point.h"
#include "common/storage/migrator.h"

namespace keyward::storage {
namespace {

constexpr int kReaders = 16;
constexpr int kMaximumAttempts = 20;
constexpr absl::Duration kMinimumBackOff = absl::Milliseconds(1);
constexpr absl::Duration kMaximumBackOff = absl::Milliseconds(64);

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(std::string_view url,
                                                         absl::Span<const Schema> schemas) {
  KW_ASSIGN_OR_RETURN(std::unique_ptr<Engine> engine, MakeEngine(url));
  std::unique_ptr<Database> database(new Database(std::move(engine)));
  absl::MutexLock lock(&database->writing_);
  KW_RETURN_IF_ERROR(database->ConnectWriter());
  KW_RETURN_IF_ERROR(Migrate(*database->engine_, *database->writer_, schemas));
  return database;
}

Database::Database(std::unique_ptr<Engine> engine)
    : engine_(std::move(engine)), readers_(std::make_unique<ConnectionPool>(*engine_, kReaders)) {}

Database::~Database() = default;

bool Database::shared() const { return engine_->shared(); }

absl::Status Database::ConnectWriter() {
  if (writer_ != nullptr && !writer_->lost()) return absl::OkStatus();
  writer_ = nullptr;
  KW_ASSIGN_OR_RETURN(writer_, Connection::Open(*engine_));
  return absl::OkStatus();
}

absl::Status Database::Write(absl::FunctionRef<absl::Status(Transaction&)> work) {
  absl::MutexLock lock(&writing_);
  return Repeat([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_) { return WriteOnce(work); });
}

absl::Status Database::Read(absl::FunctionRef<absl::Status(Transaction&)> work) {
  return Repeat([&] { return ReadOnce(work); });
}

absl::Status Database::Scrub() {
  if (engine_->scrub().empty()) return absl::OkStatus();
  absl::MutexLock lock(&writing_);
  KW_RETURN_IF_ERROR(ConnectWriter());
  return writer_->RunPlain(engine_->scrub());
}

absl::Status Database::Repeat(absl::FunctionRef<Attempt()> attempt) {
  bool reconnected = false;
  for (int i = 0; i < kMaximumAttempts; ++i) {
    Attempt result = attempt();
    switch (result.next) {
      case Attempt::Next::kDone:
        return std::move(result.status);
      case Attempt::Next::kReconnect:
        // Once: a server that was restarted answers on a new connection, one that is down does not.
        if (std::exchange(reconnected, true)) return std::move(result.status);
        break;
      case Attempt::Next::kRepeat:
        absl::SleepFor(clock::BackOff(i, kMinimumBackOff, kMaximumBackOff));
        break;
    }
  }
  return ErrorBuilder(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE",
                      absl::StrCat("the database was busy with others each of ", kMaximumAttempts,
                                   " times; nothing was changed, try again"));
}

// Undoes what a failed attempt did. Only before the commit: after it, it is the engine that knows.
Database::Attempt Database::Failed(Connection& connection, absl::Status status) {
  if (connection.lost()) return {std::move(status), Attempt::Next::kReconnect};
  connection.Rollback();
  const bool repeat = connection.repeat_wanted();
  return {std::move(status), repeat ? Attempt::Next::kRepeat : Attempt::Next::kDone};
}

Database::Attempt Database::WriteOnce(absl::FunctionRef<absl::Status(Transaction&)> work) {
  if (absl::Status status = ConnectWriter(); !status.ok()) return {std::move(status)};
  Connection& connection = *writer_;
  absl::Status status = connection.Begin(engine_->begin_write());
  Transaction transaction(connection);
  if (status.ok()) status = work(transaction);
  if (status.ok()) status = connection.failure();
  if (!status.ok()) return Failed(connection, std::move(status));

  KW_FAULT_POINT("storage.before_commit");
  status = connection.Commit();
  KW_FAULT_POINT("storage.after_commit");
  if (!status.ok()) {
    Attempt attempt = Failed(connection, std::move(status));
    if (attempt.next == Attempt::Next::kReconnect) attempt.next = Attempt::Next::kDone;
    return attempt;
  }
  for (const std::function<void()>& callback : transaction.on_commit_) callback();
  return {absl::OkStatus()};
}

Database::Attempt Database::ReadOnce(absl::FunctionRef<absl::Status(Transaction&)> work) {
  absl::StatusOr<std::unique_ptr<Connection>> connection = readers_->Acquire();
  if (!connection.ok()) return {connection.status()};
  absl::Status status = (*connection)->Begin(engine_->begin_read());
  Transaction transaction(**connection);
  if (status.ok()) status = work(transaction);
  if (status.ok()) status = (*connection)->failure();
  if (status.ok()) status = (*connection)->Commit();
  Attempt attempt{absl::OkStatus()};
  if (!status.ok()) attempt = Failed(**connection, std::move(status));
  readers_->Release(*std::move(connection));
  return attempt;
}

}  // namespace keyward::storage
