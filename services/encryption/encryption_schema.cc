#include "services/encryption/encryption_schema.h"

namespace keyward::encryption {
namespace {

// In accounts, the columns from vault to identity_sequence are empty while the platform's key is in
// use, and platform_version is 0 while the customer's is.
constexpr char kAccounts[] = R"sql(
CREATE TABLE accounts (
  account TEXT PRIMARY KEY,
  provisioning BIGINT NOT NULL,
  subscription TEXT NOT NULL,
  tenant TEXT NOT NULL,
  resource_group TEXT NOT NULL,
  region TEXT NOT NULL,
  tier TEXT NOT NULL,
  upload_retention_grace BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  settings_time BIGINT NOT NULL,
  vault TEXT NOT NULL,
  customer_key TEXT NOT NULL,
  key_version TEXT NOT NULL,
  follows_newest BIGINT NOT NULL,
  principal TEXT NOT NULL,
  principal_tenant TEXT NOT NULL,
  vault_sequence BIGINT NOT NULL,
  identity_sequence BIGINT NOT NULL,
  verdict BIGINT NOT NULL,
  cause BIGINT NOT NULL,
  since BIGINT NOT NULL,
  event TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  check_time BIGINT NOT NULL,
  check_status TEXT NOT NULL,
  key_number BIGINT NOT NULL,
  platform_version BIGINT NOT NULL,
  wrapped_key TEXT NOT NULL,
  scopes_revision BIGINT NOT NULL,
  revision BIGINT NOT NULL
);
CREATE INDEX accounts_by_vault ON accounts (vault);
CREATE INDEX accounts_by_principal ON accounts (principal);
CREATE INDEX accounts_by_subscription ON accounts (subscription);
)sql";

constexpr char kKeys[] = R"sql(
CREATE TABLE platform_keys (
  version BIGINT PRIMARY KEY,
  sealed TEXT NOT NULL,
  create_time BIGINT NOT NULL
);
CREATE TABLE scope_keys (
  account TEXT NOT NULL,
  scope TEXT NOT NULL,
  generation BIGINT NOT NULL,
  epoch BIGINT NOT NULL,
  state BIGINT NOT NULL,
  wrapped TEXT NOT NULL,
  create_time BIGINT NOT NULL,
  destroy_time BIGINT,
  PRIMARY KEY (account, scope, generation)
);
CREATE INDEX scope_keys_by_destroy_time ON scope_keys (state, destroy_time);
)sql";

// What other services' feeds told; identities by the resource that they belong to, with an empty
// principal while disabled.
constexpr char kReplica[] = R"sql(
CREATE TABLE subscriptions (
  subscription TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  sequence BIGINT NOT NULL
);
CREATE TABLE identities (
  resource TEXT PRIMARY KEY,
  identity TEXT NOT NULL,
  principal TEXT NOT NULL,
  tenant TEXT NOT NULL,
  sequence BIGINT NOT NULL
);
CREATE TABLE applied_feeds (
  source TEXT PRIMARY KEY,
  sequence BIGINT NOT NULL
);
CREATE TABLE vault_changes (
  vault TEXT PRIMARY KEY,
  sequence BIGINT NOT NULL
);
)sql";

constexpr char kWork[] = R"sql(
CREATE TABLE account_work (
  account TEXT NOT NULL,
  kind BIGINT NOT NULL,
  event TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  due BIGINT NOT NULL,
  PRIMARY KEY (account, kind)
);
CREATE INDEX account_work_by_due ON account_work (due);
CREATE TABLE account_usage (
  account TEXT PRIMARY KEY,
  uploads BIGINT NOT NULL,
  upload_bytes BIGINT NOT NULL,
  deployed_models BIGINT NOT NULL,
  reported_time BIGINT NOT NULL
);
)sql";

// Accounts that are under a customer's key already are registered by pending work of kind 3,
// kSettleKeyUsages.
constexpr char kRegistrations[] = R"sql(
CREATE TABLE key_registrations (
  account TEXT NOT NULL,
  version TEXT NOT NULL,
  planned_until BIGINT NOT NULL,
  PRIMARY KEY (account, version)
);
INSERT INTO account_work (account, kind, event, attempts, due)
  SELECT account, 3, '', 0, 0 FROM accounts WHERE key_version <> '';
)sql";

// An empty identity is the account's own.
constexpr char kUserAssigned[] = R"sql(
ALTER TABLE accounts ADD COLUMN identity TEXT NOT NULL DEFAULT '';
CREATE TABLE attachments (
  identity TEXT NOT NULL,
  resource TEXT NOT NULL,
  attached BIGINT NOT NULL,
  sequence BIGINT NOT NULL,
  PRIMARY KEY (identity, resource)
);
)sql";

// A delete_time of 0: not deleted. A purged account keeps its row, so that its name is not given
// again.
constexpr char kDeletion[] = R"sql(
ALTER TABLE accounts ADD COLUMN tags TEXT NOT NULL DEFAULT '{}';
ALTER TABLE accounts ADD COLUMN delete_time BIGINT NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN purge_time BIGINT NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN purged BIGINT NOT NULL DEFAULT 0;
CREATE INDEX accounts_by_purge_time ON accounts (purged, purge_time);
)sql";

}  // namespace

storage::Schema EncryptionSchema() {
  return {"encryption",
          {{1, "create accounts", kAccounts},
           {2, "create platform and scope keys", kKeys},
           {3, "create the replica of other services' facts", kReplica},
           {4, "create pending work and usage", kWork},
           {5, "create registrations in key_vault", kRegistrations},
           {6, "let accounts use user-assigned identities", kUserAssigned},
           {7, "let accounts be tagged, deleted and purged", kDeletion}}};
}

}  // namespace keyward::encryption
