#include "common/storage/testing/temporary_database.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <utility>

#include "absl/base/internal/raw_logging.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace keyward::storage::testing {
namespace {

std::string UniqueName() {
  static std::atomic<int> count{0};
  return absl::StrCat("keyward_test_", getpid(), "_", ++count);
}

class SqliteFile : public TemporaryDatabase {
 public:
  SqliteFile() {
    const char* folder = getenv("TEST_TMPDIR");
    std::string pattern = absl::StrCat(folder == nullptr ? "/tmp" : folder, "/database_XXXXXX");
    ABSL_RAW_CHECK(mkdtemp(pattern.data()) != nullptr, "cannot make a folder for the database");
    folder_ = pattern;
  }
  ~SqliteFile() override { std::filesystem::remove_all(folder_); }

  std::string url() const override { return absl::StrCat("sqlite:", folder_, "/test.db"); }

 private:
  std::string folder_;
};

class PostgresqlSchema : public TemporaryDatabase {
 public:
  explicit PostgresqlSchema(std::string server) : server_(std::move(server)) {
    Run(absl::StrCat("CREATE SCHEMA ", name_));
  }
  ~PostgresqlSchema() override { Run(absl::StrCat("DROP SCHEMA ", name_, " CASCADE")); }

  std::string url() const override {
    return absl::StrCat(server_, absl::StrContains(server_, "?") ? "&" : "?",
                        "options=-csearch_path%3D", name_);
  }

 private:
  void Run(const std::string& sql) {
    PGconn* connection = PQconnectdb(server_.c_str());
    PGresult* quiet = PQexec(connection, "SET client_min_messages = warning");
    PGresult* result = PQexec(connection, sql.c_str());
    ABSL_RAW_CHECK(PQresultStatus(result) == PGRES_COMMAND_OK, PQerrorMessage(connection));
    PQclear(result);
    PQclear(quiet);
    PQfinish(connection);
  }

  const std::string server_;
  const std::string name_ = UniqueName();
};

}  // namespace

std::unique_ptr<TemporaryDatabase> TemporaryDatabase::Sqlite() {
  return std::make_unique<SqliteFile>();
}

absl::StatusOr<std::unique_ptr<TemporaryDatabase>> TemporaryDatabase::Postgresql() {
  const char* server = getenv(kPostgresVariable);
  if (server == nullptr || *server == '\0') {
    return absl::NotFoundError(absl::StrCat("no PostgreSQL server: ", kPostgresVariable,
                                            " is not set (./keyward test sets it)"));
  }
  return std::make_unique<PostgresqlSchema>(server);
}

}  // namespace keyward::storage::testing
