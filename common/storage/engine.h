#ifndef KEYWARD_COMMON_STORAGE_ENGINE_H_
#define KEYWARD_COMMON_STORAGE_ENGINE_H_

#include <soci/soci.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace keyward::storage {

// What a failed statement means.
enum class Failure {
  kTaken,           // a unique or primary key is in use
  kConstraint,      // another constraint is broken
  kRepeat,          // the engine wants the transaction repeated
  kUnavailable,     // the engine cannot do it now
  kConnectionLost,  // nor ever on this connection
  kOther,
};

// What SQLite and PostgreSQL do differently. Only code of this folder sees it, and only here do
// SOCI's exceptions fly: functions marked so throw soci::soci_error. Thread-safe.
class Engine {
 public:
  virtual ~Engine() = default;

  // Opens a connection and sets it up. Throws.
  virtual std::unique_ptr<soci::session> Connect() const = 0;

  // Whether other processes may use the database at the same time.
  virtual bool shared() const = 0;

  // The statements that begin a transaction.
  virtual std::string_view begin_write() const = 0;
  virtual std::string_view begin_read() const = 0;

  // Statements around bringing the schema up to date that keep other processes out; may be empty.
  virtual std::string_view lock_schema() const { return ""; }
  virtual std::string_view unlock_schema() const { return ""; }

  // Empties what a journal still holds of overwritten values; may be empty.
  virtual std::string_view scrub() const { return ""; }

  // The number of columns that a prepared statement returns. Throws.
  virtual int CountColumns(soci::session& session, soci::statement& statement) const = 0;

  virtual Failure Classify(soci::session& session, const soci::soci_error& error) const = 0;
};

// The engine that `url` names, not yet connected; INVALID_ARGUMENT if there is none.
absl::StatusOr<std::unique_ptr<Engine>> MakeEngine(std::string_view url);

// The engines, by what their URL says behind the colon, and by the whole URL.
absl::StatusOr<std::unique_ptr<Engine>> MakeSqliteEngine(std::string path);
std::unique_ptr<Engine> MakePostgresqlEngine(std::string url);

}  // namespace keyward::storage

#endif  // KEYWARD_COMMON_STORAGE_ENGINE_H_
