#include "common/audit/audit_store.h"

#include <limits>
#include <map>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "common/status/status_macros.h"
#include "google/protobuf/util/time_util.h"
#include "nlohmann/json.hpp"

namespace keyward::audit {
namespace {

using google::protobuf::util::TimeUtil;

// Ids come from one counter row: its lock keeps them growing with commits on PostgreSQL too.
constexpr char kCreateTables[] = R"sql(
CREATE TABLE audit_counter (
  only_row BIGINT PRIMARY KEY,
  last_id BIGINT NOT NULL
);
INSERT INTO audit_counter (only_row, last_id) VALUES (1, 0);
CREATE TABLE audit_entries (
  id BIGINT PRIMARY KEY,
  time BIGINT NOT NULL,
  operation TEXT NOT NULL,
  resource TEXT NOT NULL,
  result TEXT NOT NULL,
  reason TEXT NOT NULL,
  principal TEXT NOT NULL,
  via TEXT NOT NULL,
  peer TEXT NOT NULL,
  correlation_id TEXT NOT NULL,
  duration BIGINT NOT NULL,
  details TEXT NOT NULL
);
CREATE INDEX audit_entries_by_correlation ON audit_entries (correlation_id, id);
)sql";

constexpr char kAddCreated[] = R"sql(
ALTER TABLE audit_entries ADD COLUMN created TEXT NOT NULL DEFAULT '';
)sql";

std::string CreatedOf(const v1::AuditEntry& entry) {
  const auto created = entry.details().find(kCreatedDetail);
  return created == entry.details().end() ? "" : created->second;
}

// What a caller sent may be no UTF-8, after it was cut short at the latest; the record of it must
// be, and without zero bytes, which PostgreSQL does not take.
std::string Storable(const std::string& text) {
  if (absl::c_all_of(text, absl::ascii_isprint)) return text;
  constexpr auto kReplace = nlohmann::json::error_handler_t::replace;
  const std::string sound =
      nlohmann::json::parse(nlohmann::json(text).dump(-1, ' ', false, kReplace));
  return absl::StrReplaceAll(sound, {{absl::string_view("\0", 1), "\xef\xbf\xbd"}});
}

std::string DetailsToJson(const v1::AuditEntry& entry) {
  if (entry.details().empty()) return "{}";
  nlohmann::json details = nlohmann::json::object();
  for (const auto& [key, value] : entry.details()) details[key] = value;
  return details.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

absl::Status AppendEntry(storage::Transaction& tx, int64_t id, const v1::AuditEntry& entry) {
  return tx
      .Execute(
          "INSERT INTO audit_entries (id, time, operation, resource, result, reason, principal, "
          "via, peer, correlation_id, duration, details, created) VALUES (:id, :time, :operation, "
          ":resource, :result, :reason, :principal, :via, :peer, :correlation_id, :duration, "
          ":details, :created)",
          {{"id", id},
           {"time", TimeUtil::TimestampToMicroseconds(entry.time())},
           {"operation", entry.operation()},
           {"resource", Storable(entry.resource())},
           {"result", entry.result()},
           {"reason", entry.reason()},
           {"principal", Storable(entry.principal())},
           {"via", Storable(entry.via())},
           {"peer", Storable(entry.peer())},
           {"correlation_id", Storable(entry.correlation_id())},
           {"duration", TimeUtil::DurationToMicroseconds(entry.duration())},
           {"details", DetailsToJson(entry)},
           {"created", Storable(CreatedOf(entry))}})
      .status();
}

v1::AuditEntry FromRow(const storage::Row& row) {
  v1::AuditEntry entry;
  entry.set_id(row.GetInt64(0));
  *entry.mutable_time() = TimeUtil::MicrosecondsToTimestamp(row.GetInt64(1));
  entry.set_operation(row.GetString(2));
  entry.set_resource(row.GetString(3));
  entry.set_result(row.GetString(4));
  entry.set_reason(row.GetString(5));
  entry.set_principal(row.GetString(6));
  entry.set_via(row.GetString(7));
  entry.set_peer(row.GetString(8));
  entry.set_correlation_id(row.GetString(9));
  *entry.mutable_duration() = TimeUtil::MicrosecondsToDuration(row.GetInt64(10));
  const nlohmann::json details = nlohmann::json::parse(row.GetString(11), nullptr, false);
  if (!details.is_object()) return entry;
  for (const auto& [key, value] : details.items()) {
    if (value.is_string()) (*entry.mutable_details())[key] = value.get<std::string>();
  }
  return entry;
}

}  // namespace

storage::Schema AuditSchema() {
  return {.component = "audit",
          .migrations = {{.version = 1, .name = "create audit entries", .sql = kCreateTables},
                         {.version = 2, .name = "add what calls made", .sql = kAddCreated}}};
}

absl::Status AppendEntries(storage::Transaction& tx, absl::Span<const v1::AuditEntry> entries) {
  KW_ASSIGN_OR_RETURN(const auto counter,
                      tx.QueryOne("UPDATE audit_counter SET last_id = last_id + :count "
                                  "WHERE only_row = 1 RETURNING last_id",
                                  {{"count", static_cast<int64_t>(entries.size())}}));
  if (!counter) return absl::DataLossError("the row of audit_counter is gone");
  int64_t id = counter->GetInt64(0) - static_cast<int64_t>(entries.size());
  for (const v1::AuditEntry& entry : entries) KW_RETURN_IF_ERROR(AppendEntry(tx, ++id, entry));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::AuditEntry>> ReadEntries(storage::Transaction& tx,
                                                        const AuditFilter& filter,
                                                        int64_t before_id, int limit) {
  const std::string resource = filter.resource == "/" ? "" : filter.resource;
  KW_ASSIGN_OR_RETURN(
      const std::vector<storage::Row> rows,
      tx.Query("SELECT id, time, operation, resource, result, reason, principal, via, peer, "
               "correlation_id, duration, details FROM audit_entries WHERE id < :before_id "
               "AND (CAST(:correlation_id AS TEXT) = '' "
               "OR correlation_id = CAST(:correlation_id AS TEXT)) "
               "AND (CAST(:resource AS TEXT) = '' OR resource = CAST(:resource AS TEXT) "
               "OR substr(resource, 1, length(CAST(:below AS TEXT))) = CAST(:below AS TEXT) "
               "OR created = CAST(:resource AS TEXT) "
               "OR substr(created, 1, length(CAST(:below AS TEXT))) = CAST(:below AS TEXT)) "
               "ORDER BY id DESC LIMIT :limit",
               {{"before_id", before_id > 0 ? before_id : std::numeric_limits<int64_t>::max()},
                {"correlation_id", filter.correlation_id},
                {"resource", resource},
                {"below", absl::StrCat(resource, "/")},
                {"limit", limit}}));
  std::vector<v1::AuditEntry> entries;
  entries.reserve(rows.size());
  for (const storage::Row& row : rows) entries.push_back(FromRow(row));
  return entries;
}

}  // namespace keyward::audit
