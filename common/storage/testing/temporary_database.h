#ifndef KEYWARD_COMMON_STORAGE_TESTING_TEMPORARY_DATABASE_H_
#define KEYWARD_COMMON_STORAGE_TESTING_TEMPORARY_DATABASE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace keyward::storage::testing {

// The environment variable that names a PostgreSQL server for tests, "postgresql://…", whose user
// may create schemas. `./keyward test` starts one.
inline constexpr char kPostgresVariable[] = "KEYWARD_TEST_POSTGRES_URL";

// An empty database for one test, gone with this object: a file in the test's own folder, or a
// schema of its own on the server. Open it with Database::Open(url(), …), as often as needed.
class TemporaryDatabase {
 public:
  static std::unique_ptr<TemporaryDatabase> Sqlite();
  // NOT_FOUND, saying so, if no server is given.
  static absl::StatusOr<std::unique_ptr<TemporaryDatabase>> Postgresql();

  virtual ~TemporaryDatabase() = default;

  virtual std::string url() const = 0;
};

}  // namespace keyward::storage::testing

#endif  // KEYWARD_COMMON_STORAGE_TESTING_TEMPORARY_DATABASE_H_
