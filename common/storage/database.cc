#include "common/storage/database.h"

#include <utility>

#include "common/status/status_macros.h"
#include "common/storage/attempt.h"
#include "common/storage/connection.h"
#include "common/storage/connection_pool.h"
#include "common/storage/engine.h"
#include "common/storage/writer.h"

namespace keyward::storage {
namespace {

constexpr int kReaders = 16;

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(std::string_view url,
                                                         absl::Span<const Schema> schemas) {
  KW_ASSIGN_OR_RETURN(std::unique_ptr<Engine> engine, MakeEngine(url));
  std::unique_ptr<Database> database(new Database(std::move(engine)));
  KW_RETURN_IF_ERROR(database->writer_->Migrate(schemas));
  return database;
}

Database::Database(std::unique_ptr<Engine> engine)
    : engine_(std::move(engine)),
      readers_(std::make_unique<ConnectionPool>(*engine_, kReaders)),
      writer_(std::make_unique<Writer>(*engine_)) {}

Database::~Database() = default;

bool Database::shared() const { return engine_->shared(); }

absl::Status Database::Write(absl::FunctionRef<absl::Status(Transaction&)> work) {
  return Repeat([&] { return writer_->Write(work); });
}

absl::Status Database::Read(absl::FunctionRef<absl::Status(Transaction&)> work) {
  return Repeat([&] { return ReadOnce(work); });
}

absl::Status Database::ReadOne(absl::FunctionRef<absl::Status(Transaction&)> work) {
  return Repeat([&] { return ReadOneOnce(work); });
}

absl::Status Database::Scrub() {
  if (engine_->scrub().empty()) return absl::OkStatus();
  KW_ASSIGN_OR_RETURN(const Outcome outcome, writer_->RunPlain(engine_->scrub()));
  // SQLite tells in a row that a reader held it up.
  if (outcome.rows.empty() || outcome.rows[0].GetInt64(0) == 0) return absl::OkStatus();
  return absl::UnavailableError("storage: a reader keeps what was deleted from being overwritten");
}

Attempt Database::ReadOneOnce(absl::FunctionRef<absl::Status(Transaction&)> work) {
  absl::StatusOr<std::unique_ptr<Connection>> acquired = readers_->Acquire();
  if (!acquired.ok()) return {acquired.status()};
  Connection& connection = **acquired;
  connection.BeginStatement();
  Transaction transaction(connection);
  Attempt attempt{work(transaction)};
  if (attempt.status.ok()) attempt.status = connection.failure();
  if (connection.repeat_wanted()) attempt.next = Attempt::Next::kRepeat;
  if (connection.lost()) attempt.next = Attempt::Next::kReconnect;
  readers_->Release(*std::move(acquired));
  return attempt;
}

Attempt Database::ReadOnce(absl::FunctionRef<absl::Status(Transaction&)> work) {
  absl::StatusOr<std::unique_ptr<Connection>> acquired = readers_->Acquire();
  if (!acquired.ok()) return {acquired.status()};
  Connection& connection = **acquired;
  absl::Status status = connection.Begin(engine_->begin_read());
  Transaction transaction(connection);
  if (status.ok()) status = work(transaction);
  if (status.ok()) status = connection.failure();
  if (status.ok()) status = connection.Commit();
  Attempt attempt{std::move(status)};
  if (!attempt.status.ok()) {
    if (!connection.lost()) connection.Rollback();
    if (connection.repeat_wanted()) attempt.next = Attempt::Next::kRepeat;
    if (connection.lost()) attempt.next = Attempt::Next::kReconnect;
  }
  readers_->Release(*std::move(acquired));
  return attempt;
}

}  // namespace keyward::storage
