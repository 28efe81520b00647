#include <soci/postgresql/soci-postgresql.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/storage/engine.h"

namespace keyward::storage {
namespace {

// The last one: a server that is set up to lose the newest commits in a crash must not lose ours.
constexpr const char* kSettings[] = {
    "SET client_min_messages = warning",
    "SET statement_timeout = '30s'",
    "SET lock_timeout = '10s'",
    "SET idle_in_transaction_session_timeout = '60s'",
    ("SELECT set_config('synchronous_commit', 'on', false)"
     " WHERE current_setting('synchronous_commit') = 'off'"),
};

// "keyward" in ASCII; pg_advisory_lock takes a number.
constexpr std::string_view kLockSchema = "SELECT pg_advisory_lock(30228217410450020)";
constexpr std::string_view kUnlockSchema = "SELECT pg_advisory_unlock(30228217410450020)";

soci::postgresql_session_backend& Backend(soci::session& session) {
  return *static_cast<soci::postgresql_session_backend*>(session.get_backend());
}

class PostgresqlEngine : public Engine {
 public:
  explicit PostgresqlEngine(std::string url) : url_(std::move(url)) {}

  std::unique_ptr<soci::session> Connect() const override {
    auto session = std::make_unique<soci::session>(soci::postgresql, url_);
    // The detail of a message holds the values of the row.
    PQsetErrorVerbosity(Backend(*session).conn_, PQERRORS_TERSE);
    for (const char* setting : kSettings) session->once << setting;
    return session;
  }

  bool shared() const override { return true; }
  std::string_view begin_write() const override { return "BEGIN ISOLATION LEVEL SERIALIZABLE"; }
  std::string_view begin_read() const override {
    return "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";
  }
  std::string_view lock_schema() const override { return kLockSchema; }
  std::string_view unlock_schema() const override { return kUnlockSchema; }

  int CountColumns(soci::session& session, soci::statement& statement) const override {
    const auto* backend = static_cast<soci::postgresql_statement_backend*>(statement.get_backend());
    PGresult* description =
        PQdescribePrepared(Backend(session).conn_, backend->statementName_.c_str());
    const bool described = PQresultStatus(description) == PGRES_COMMAND_OK;
    const int columns = PQnfields(description);
    PQclear(description);
    if (!described) throw soci::soci_error("cannot describe the statement");
    return columns;
  }

  Failure Classify(soci::session& session, const soci::soci_error& error) const override;

 private:
  const std::string url_;
};

Failure PostgresqlEngine::Classify(soci::session& session, const soci::soci_error& error) const {
  if (PQstatus(Backend(session).conn_) != CONNECTION_OK) return Failure::kConnectionLost;
  const auto* postgresql_error = dynamic_cast<const soci::postgresql_soci_error*>(&error);
  if (postgresql_error == nullptr) return Failure::kOther;
  const std::string state = postgresql_error->sqlstate();
  if (state == "40001" || state == "40P01") return Failure::kRepeat;
  if (state == "23505") return Failure::kTaken;
  if (absl::StartsWith(state, "23")) return Failure::kConstraint;
  // Shutting down, or a standby since a failover: only another connection can help.
  if (absl::StartsWith(state, "08") || absl::StartsWith(state, "57P") || state == "25006") {
    return Failure::kConnectionLost;
  }
  // Out of resources, input or output, a timeout, a lock not to be had.
  if (absl::StartsWith(state, "53") || absl::StartsWith(state, "58") || state == "57014" ||
      state == "55P03") {
    return Failure::kUnavailable;
  }
  return Failure::kOther;
}

std::string WithConnectTimeout(std::string url) {
  if (absl::StrContains(url, "connect_timeout=")) return url;
  return absl::StrCat(url, absl::StrContains(url, "?") ? "&" : "?", "connect_timeout=5");
}

}  // namespace

std::unique_ptr<Engine> MakePostgresqlEngine(std::string url) {
  return std::make_unique<PostgresqlEngine>(WithConnectTimeout(std::move(url)));
}

}  // namespace keyward::storage
