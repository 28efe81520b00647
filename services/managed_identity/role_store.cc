#include "services/managed_identity/role_store.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace keyward::managed_identity {
namespace {

std::string Select(absl::string_view rest) {
  return absl::StrCat(
      "SELECT role_assignment_id, principal, role, scope, create_time, last_event "
      "FROM role_assignments ",
      rest);
}

absl::StatusOr<RoleAssignment> ToRoleAssignment(const storage::Row& row) {
  absl::StatusOr<ResourcePath> scope = ResourcePath::Parse(row.GetString(3), "scope");
  if (!scope.ok()) return absl::DataLossError("a stored role assignment has a malformed scope");
  return RoleAssignment{.name = RoleAssignmentName::FromTrustedId(row.GetString(0)),
                        .principal = row.GetString(1),
                        .role = static_cast<identity::v1::Role>(row.GetInt64(2)),
                        .scope = *std::move(scope),
                        .create_time = row.GetTime(4),
                        .last_event = row.GetInt64(5)};
}

absl::StatusOr<std::vector<RoleAssignment>> AllOf(absl::StatusOr<std::vector<storage::Row>> rows) {
  if (!rows.ok()) return rows.status();
  std::vector<RoleAssignment> assignments;
  for (const storage::Row& row : *rows) {
    absl::StatusOr<RoleAssignment> assignment = ToRoleAssignment(row);
    if (!assignment.ok()) return assignment.status();
    assignments.push_back(*std::move(assignment));
  }
  return assignments;
}

absl::StatusOr<std::optional<RoleAssignment>> FirstOf(
    absl::StatusOr<std::optional<storage::Row>> row) {
  if (!row.ok()) return row.status();
  if (!row->has_value()) return std::nullopt;
  return ToRoleAssignment(**row);
}

}  // namespace

absl::StatusOr<std::optional<RoleAssignment>> FindRoleAssignment(storage::Transaction& tx,
                                                                 const RoleAssignmentName& name) {
  return FirstOf(tx.QueryOne(Select("WHERE role_assignment_id = :id"), {{"id", name.id()}}));
}

absl::StatusOr<std::optional<RoleAssignment>> FindRoleAssignment(storage::Transaction& tx,
                                                                 const std::string& principal,
                                                                 identity::v1::Role role,
                                                                 const ResourcePath& scope) {
  return FirstOf(tx.QueryOne(
      Select("WHERE principal = :principal AND role = :role AND scope = :scope"),
      {{"principal", principal}, {"role", static_cast<int>(role)}, {"scope", scope.ToString()}}));
}

absl::StatusOr<std::vector<RoleAssignment>> ListRoleAssignments(storage::Transaction& tx,
                                                                const ResourcePath& scope,
                                                                const std::string& after,
                                                                int limit) {
  if (scope.is_root()) {
    return AllOf(tx.Query(
        Select("WHERE role_assignment_id > :after ORDER BY role_assignment_id LIMIT :limit"),
        {{"after", after}, {"limit", limit}}));
  }
  const std::string below = absl::StrCat(scope.ToString(), "/");
  return AllOf(tx.Query(Select("WHERE role_assignment_id > :after "
                               "AND (scope = :scope OR substr(scope, 1, :size) = :below) "
                               "ORDER BY role_assignment_id LIMIT :limit"),
                        {{"after", after},
                         {"scope", scope.ToString()},
                         {"size", static_cast<int64_t>(below.size())},
                         {"below", below},
                         {"limit", limit}}));
}

absl::StatusOr<std::vector<RoleAssignment>> RoleAssignmentsOn(storage::Transaction& tx,
                                                              identity::v1::Role role,
                                                              const ResourcePath& scope) {
  return AllOf(tx.Query(Select("WHERE scope = :scope AND role = :role ORDER BY role_assignment_id"),
                        {{"scope", scope.ToString()}, {"role", static_cast<int>(role)}}));
}

absl::StatusOr<std::vector<RoleAssignment>> RoleAssignmentsWithin(storage::Transaction& tx,
                                                                  const std::string& resource) {
  const std::string below = absl::StrCat(resource, "/");
  return AllOf(tx.Query(
      Select("WHERE scope = :resource OR substr(scope, 1, :size) = :below "
             "ORDER BY role_assignment_id"),
      {{"resource", resource}, {"size", static_cast<int64_t>(below.size())}, {"below", below}}));
}

absl::StatusOr<std::vector<RoleAssignment>> RoleAssignmentsOf(storage::Transaction& tx,
                                                              const std::string& principal) {
  return AllOf(tx.Query(Select("WHERE principal = :principal ORDER BY role_assignment_id"),
                        {{"principal", principal}}));
}

absl::StatusOr<bool> HoldsAnyRole(storage::Transaction& tx, const std::string& principal) {
  const absl::StatusOr<std::optional<storage::Row>> row =
      tx.QueryOne("SELECT 1 FROM role_assignments WHERE principal = :principal LIMIT 1",
                  {{"principal", principal}});
  if (!row.ok()) return row.status();
  return row->has_value();
}

absl::Status InsertRoleAssignment(storage::Transaction& tx, const RoleAssignment& assignment) {
  return tx
      .Execute(
          "INSERT INTO role_assignments (role_assignment_id, principal, role, scope, "
          "create_time, last_event) VALUES (:id, :principal, :role, :scope, :create_time, "
          ":last_event)",
          {{"id", assignment.name.id()},
           {"principal", assignment.principal},
           {"role", static_cast<int>(assignment.role)},
           {"scope", assignment.scope.ToString()},
           {"create_time", assignment.create_time},
           {"last_event", assignment.last_event}})
      .status();
}

absl::Status DeleteRoleAssignment(storage::Transaction& tx, const RoleAssignmentName& name) {
  return tx
      .Execute("DELETE FROM role_assignments WHERE role_assignment_id = :id", {{"id", name.id()}})
      .status();
}

}  // namespace keyward::managed_identity
