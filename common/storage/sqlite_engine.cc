#include <fcntl.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/storage/engine.h"

namespace keyward::storage {
namespace {

// secure_delete: what is overwritten or deleted is gone from the file, not just unlinked in it.
constexpr const char* kSettings[] = {
    "PRAGMA busy_timeout = 5000",  "PRAGMA journal_mode = WAL",  "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",    "PRAGMA temp_store = MEMORY", "PRAGMA secure_delete = ON",
    "PRAGMA trusted_schema = OFF",
};

class SqliteEngine : public Engine {
 public:
  explicit SqliteEngine(std::string path) : path_(std::move(path)) {}

  std::unique_ptr<soci::session> Connect() const override {
    ClaimFile();
    auto session =
        std::make_unique<soci::session>(soci::sqlite3, absl::StrCat("dbname=\"", path_, "\""));
    for (const char* setting : kSettings) session->once << setting;
    return session;
  }

  bool shared() const override { return false; }
  std::string_view begin_write() const override { return "BEGIN IMMEDIATE"; }
  std::string_view begin_read() const override { return "BEGIN"; }
  std::string_view scrub() const override { return "PRAGMA wal_checkpoint(TRUNCATE)"; }

  int CountColumns(soci::session&, soci::statement& statement) const override {
    return static_cast<soci::sqlite3_statement_backend*>(statement.get_backend())
        ->prepare_for_describe();
  }

  Failure Classify(soci::session& session, const soci::soci_error& error) const override;

 private:
  // SQLite gives its journals the mode of the database, so it is enough to make that one private.
  void ClaimFile() const {
    const int file = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0 || fchmod(file, S_IRUSR | S_IWUSR) != 0) {
      const std::string problem = strerror(errno);
      if (file >= 0) close(file);
      throw soci::soci_error(absl::StrCat("cannot open ", path_, ": ", problem));
    }
    close(file);
  }

  const std::string path_;
};

Failure SqliteEngine::Classify(soci::session& session, const soci::soci_error& error) const {
  const auto* sqlite_error = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
  if (sqlite_error == nullptr) return Failure::kOther;
  constexpr int kPrimaryCode = 0xff;
  switch (sqlite_error->result() & kPrimaryCode) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Failure::kRepeat;
    case SQLITE_CONSTRAINT: {
      auto* backend = static_cast<soci::sqlite3_session_backend*>(session.get_backend());
      const int code = sqlite_api::sqlite3_extended_errcode(backend->conn_);
      const bool taken = code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
                         code == SQLITE_CONSTRAINT_ROWID;
      return taken ? Failure::kTaken : Failure::kConstraint;
    }
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CANTOPEN:
      return Failure::kConnectionLost;
    case SQLITE_FULL:
    case SQLITE_READONLY:
    case SQLITE_NOMEM:
    case SQLITE_PERM:
      return Failure::kUnavailable;
    default:
      return Failure::kOther;
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> MakeSqliteEngine(std::string path) {
  if (path.empty() || path[0] != '/' || path.find('"') != std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"sqlite:", path, "\" must name a file by its whole path, without quotes"));
  }
  return std::make_unique<SqliteEngine>(std::move(path));
}

}  // namespace keyward::storage
