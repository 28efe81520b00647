#include "common/storage/migrator.h"

#include <string>

#include "absl/cleanup/cleanup.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/status/status_macros.h"

namespace keyward::storage {
namespace {

absl::Status InTransaction(const Engine& engine, Connection& connection,
                           absl::FunctionRef<absl::Status()> work) {
  KW_RETURN_IF_ERROR(connection.Begin(engine.begin_write()));
  absl::Status status = work();
  if (status.ok()) status = connection.Commit();
  if (!status.ok()) connection.Rollback();
  return status;
}

absl::StatusOr<int64_t> VersionTaken(Connection& connection, const std::string& component) {
  const Parameter parameters[] = {{"component", component}};
  KW_ASSIGN_OR_RETURN(
      Outcome outcome,
      connection.Run("SELECT MAX(version) FROM schema_migrations WHERE component = :component",
                     parameters));
  return outcome.rows.front().GetInt64(0);
}

absl::Status Take(Connection& connection, const std::string& component,
                  const Migration& migration) {
  for (absl::string_view part : absl::StrSplit(migration.sql, ";\n", absl::SkipWhitespace())) {
    part = absl::StripSuffix(absl::StripAsciiWhitespace(part), ";");
    KW_RETURN_IF_ERROR(connection.RunPlain({part.data(), part.size()}));
  }
  const Parameter parameters[] = {
      {"component", component}, {"version", migration.version}, {"name", migration.name}};
  return connection
      .Run(
          "INSERT INTO schema_migrations (component, version, name)"
          " VALUES (:component, :version, :name)",
          parameters)
      .status();
}

absl::Status MigrateSchema(const Engine& engine, Connection& connection, const Schema& schema) {
  int64_t taken = 0;
  KW_RETURN_IF_ERROR(InTransaction(engine, connection, [&]() -> absl::Status {
    KW_ASSIGN_OR_RETURN(taken, VersionTaken(connection, schema.component));
    return absl::OkStatus();
  }));
  const int64_t known = schema.migrations.empty() ? 0 : schema.migrations.back().version;
  if (taken > known) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the database's schema \"", schema.component, "\" is at version ", taken,
        ", and this release knows no more than ", known, ": start the newer release on it"));
  }
  for (const Migration& migration : schema.migrations) {
    if (migration.version <= taken) continue;
    KW_RETURN_IF_ERROR(InTransaction(
        engine, connection, [&] { return Take(connection, schema.component, migration); }));
  }
  return absl::OkStatus();
}

absl::Status MigrateAll(const Engine& engine, Connection& connection,
                        absl::Span<const Schema> schemas) {
  KW_RETURN_IF_ERROR(InTransaction(engine, connection, [&] {
    return connection.RunPlain(
        "CREATE TABLE IF NOT EXISTS schema_migrations ("
        " component TEXT NOT NULL, version BIGINT NOT NULL, name TEXT NOT NULL,"
        " PRIMARY KEY (component, version))");
  }));
  for (const Schema& schema : schemas) {
    KW_RETURN_IF_ERROR(MigrateSchema(engine, connection, schema));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Migrate(const Engine& engine, Connection& connection,
                     absl::Span<const Schema> schemas) {
  if (engine.lock_schema().empty()) return MigrateAll(engine, connection, schemas);
  KW_RETURN_IF_ERROR(connection.RunPlain(engine.lock_schema()));
  absl::Status status = MigrateAll(engine, connection, schemas);
  const absl::Status unlocked = connection.RunPlain(engine.unlock_schema());
  return status.ok() ? unlocked : status;
}

}  // namespace keyward::storage
