#include "common/auth/principal_store.h"

#include <string>
#include <utility>

#include "common/auth/jwk.h"
#include "common/status/status_macros.h"

namespace keyward::auth {
namespace {

constexpr char kCreateTables[] = R"sql(
CREATE TABLE auth_signing_keys (
  key_id TEXT PRIMARY KEY,
  jwk TEXT NOT NULL,
  issuer TEXT NOT NULL,
  sequence BIGINT NOT NULL
);
CREATE TABLE auth_principals (
  id TEXT PRIMARY KEY,
  identity TEXT NOT NULL,
  resource TEXT NOT NULL,
  tenant TEXT NOT NULL,
  active BIGINT NOT NULL,
  not_before BIGINT NOT NULL,
  sequence BIGINT NOT NULL
);
CREATE TABLE auth_role_grants (
  name TEXT PRIMARY KEY,
  principal TEXT NOT NULL,
  role BIGINT NOT NULL,
  scope TEXT NOT NULL,
  deleted BIGINT NOT NULL,
  not_before BIGINT NOT NULL,
  sequence BIGINT NOT NULL
);
)sql";

absl::Status SaveKeys(storage::Transaction& tx, const SigningKeySet& keys) {
  KW_ASSIGN_OR_RETURN(const auto newest,
                      tx.QueryOne("SELECT MAX(sequence) FROM auth_signing_keys"));
  if (newest && newest->GetInt64(0) >= keys.sequence) return absl::OkStatus();
  KW_RETURN_IF_ERROR(tx.Execute("DELETE FROM auth_signing_keys").status());
  for (const auto& [key_id, key] : keys.keys) {
    KW_ASSIGN_OR_RETURN(const std::string jwk, ToJwk(key.key, key_id));
    KW_RETURN_IF_ERROR(tx.Execute("INSERT INTO auth_signing_keys (key_id, jwk, issuer, sequence) "
                                  "VALUES (:key_id, :jwk, :issuer, :sequence)",
                                  {{"key_id", key_id},
                                   {"jwk", jwk},
                                   {"issuer", key.issuer},
                                   {"sequence", keys.sequence}})
                           .status());
  }
  return absl::OkStatus();
}

absl::Status SavePrincipal(storage::Transaction& tx, const Principal& principal) {
  return tx
      .Execute(
          "INSERT INTO auth_principals "
          "(id, identity, resource, tenant, active, not_before, sequence) VALUES "
          "(:id, :identity, :resource, :tenant, :active, :not_before, :sequence) "
          "ON CONFLICT (id) DO UPDATE SET identity = excluded.identity, "
          "resource = excluded.resource, tenant = excluded.tenant, active = excluded.active, "
          "not_before = excluded.not_before, sequence = excluded.sequence "
          "WHERE auth_principals.sequence < excluded.sequence",
          {{"id", principal.id},
           {"identity", principal.identity},
           {"resource", principal.resource},
           {"tenant", principal.tenant},
           {"active", principal.active},
           {"not_before", principal.not_before},
           {"sequence", principal.sequence}})
      .status();
}

absl::Status SaveGrant(storage::Transaction& tx, const RoleGrant& grant) {
  return tx
      .Execute(
          "INSERT INTO auth_role_grants "
          "(name, principal, role, scope, deleted, not_before, sequence) VALUES "
          "(:name, :principal, :role, :scope, :deleted, :not_before, :sequence) "
          "ON CONFLICT (name) DO UPDATE SET principal = excluded.principal, "
          "role = excluded.role, scope = excluded.scope, deleted = excluded.deleted, "
          "not_before = excluded.not_before, sequence = excluded.sequence "
          "WHERE auth_role_grants.sequence < excluded.sequence",
          {{"name", grant.name},
           {"principal", grant.principal},
           {"role", static_cast<int64_t>(grant.role)},
           {"scope", grant.scope},
           {"deleted", grant.deleted},
           {"not_before", grant.not_before},
           {"sequence", grant.sequence}})
      .status();
}

absl::Status LoadKeys(storage::Transaction& tx, std::vector<PrincipalRecord>& records) {
  KW_ASSIGN_OR_RETURN(const auto rows,
                      tx.Query("SELECT key_id, jwk, issuer, sequence FROM auth_signing_keys"));
  SigningKeySet keys;
  for (const storage::Row& row : rows) {
    absl::StatusOr<crypto::EcPublicKey> key = FromJwk(row.GetString(1), row.GetString(0));
    if (!key.ok()) return absl::DataLossError(key.status().message());
    keys.keys.emplace(row.GetString(0), SigningKey{row.GetString(2), *std::move(key)});
    keys.sequence = row.GetInt64(3);
  }
  if (!rows.empty()) records.emplace_back(std::move(keys));
  return absl::OkStatus();
}

absl::Status LoadPrincipals(storage::Transaction& tx, std::vector<PrincipalRecord>& records) {
  KW_ASSIGN_OR_RETURN(const auto rows,
                      tx.Query("SELECT id, identity, resource, tenant, active, not_before, "
                               "sequence FROM auth_principals"));
  for (const storage::Row& row : rows) {
    records.emplace_back(Principal{.sequence = row.GetInt64(6),
                                   .id = row.GetString(0),
                                   .identity = row.GetString(1),
                                   .resource = row.GetString(2),
                                   .tenant = row.GetString(3),
                                   .active = row.GetBool(4),
                                   .not_before = row.GetTime(5)});
  }
  return absl::OkStatus();
}

absl::Status LoadGrants(storage::Transaction& tx, std::vector<PrincipalRecord>& records) {
  KW_ASSIGN_OR_RETURN(const auto rows,
                      tx.Query("SELECT name, principal, role, scope, deleted, not_before, sequence "
                               "FROM auth_role_grants"));
  for (const storage::Row& row : rows) {
    records.emplace_back(RoleGrant{.sequence = row.GetInt64(6),
                                   .name = row.GetString(0),
                                   .principal = row.GetString(1),
                                   .role = static_cast<identity::v1::Role>(row.GetInt64(2)),
                                   .scope = row.GetString(3),
                                   .deleted = row.GetBool(4),
                                   .not_before = row.GetTime(5)});
  }
  return absl::OkStatus();
}

}  // namespace

storage::Schema AuthSchema() {
  return {.component = "auth",
          .migrations = {{.version = 1, .name = "create principals", .sql = kCreateTables}}};
}

absl::Status SaveRecord(storage::Transaction& tx, const PrincipalRecord& record) {
  if (const auto* keys = std::get_if<SigningKeySet>(&record)) return SaveKeys(tx, *keys);
  if (const auto* principal = std::get_if<Principal>(&record)) return SavePrincipal(tx, *principal);
  return SaveGrant(tx, std::get<RoleGrant>(record));
}

absl::StatusOr<std::vector<PrincipalRecord>> LoadRecords(storage::Transaction& tx) {
  std::vector<PrincipalRecord> records;
  KW_RETURN_IF_ERROR(LoadKeys(tx, records));
  KW_RETURN_IF_ERROR(LoadPrincipals(tx, records));
  KW_RETURN_IF_ERROR(LoadGrants(tx, records));
  return records;
}

}  // namespace keyward::auth
