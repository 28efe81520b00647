#include "services/key_vault/schema.h"

namespace keyward::key_vault {
namespace {

// The folded columns keep names unique whatever the case. A sealed private key comes last, so that
// reading the rest of a row does not read it.
constexpr char kCreateTables[] = R"sql(
CREATE TABLE subscriptions (
  subscription TEXT NOT NULL PRIMARY KEY,
  tenant TEXT NOT NULL
);
CREATE TABLE vaults (
  vault_id TEXT NOT NULL PRIMARY KEY,
  folded_id TEXT NOT NULL UNIQUE,
  subscription TEXT NOT NULL,
  tenant TEXT NOT NULL,
  region TEXT NOT NULL,
  retention_days BIGINT NOT NULL,
  purge_protection BIGINT NOT NULL,
  tags TEXT NOT NULL,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  delete_time BIGINT,
  purge_time BIGINT
);
CREATE INDEX vaults_by_purge_time ON vaults (purge_time);
CREATE TABLE access_policy_entries (
  vault_id TEXT NOT NULL REFERENCES vaults (vault_id),
  principal TEXT NOT NULL,
  permissions BIGINT NOT NULL,
  PRIMARY KEY (vault_id, principal)
);
CREATE TABLE keys (
  vault_id TEXT NOT NULL REFERENCES vaults (vault_id),
  key_id TEXT NOT NULL,
  folded_id TEXT NOT NULL,
  key_type BIGINT NOT NULL,
  newest_version TEXT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  delete_time BIGINT,
  purge_time BIGINT,
  PRIMARY KEY (vault_id, key_id),
  UNIQUE (vault_id, folded_id)
);
CREATE INDEX keys_by_purge_time ON keys (purge_time);
CREATE TABLE key_versions (
  vault_id TEXT NOT NULL,
  key_id TEXT NOT NULL,
  version_id TEXT NOT NULL,
  number BIGINT NOT NULL,
  enabled BIGINT NOT NULL,
  key_ops BIGINT NOT NULL,
  not_before BIGINT,
  expire_time BIGINT,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  tags TEXT NOT NULL,
  public_key_pem TEXT NOT NULL,
  sealed_private_key TEXT NOT NULL,
  PRIMARY KEY (vault_id, key_id, version_id),
  UNIQUE (vault_id, key_id, number),
  FOREIGN KEY (vault_id, key_id) REFERENCES keys (vault_id, key_id)
);
)sql";

// The number is that of the enumeration Sku; vaults of before were standard ones.
constexpr char kAddSku[] = R"sql(
ALTER TABLE vaults ADD COLUMN sku BIGINT NOT NULL DEFAULT 1;
)sql";

}  // namespace

storage::Schema KeyVaultSchema() {
  return {.component = "key_vault",
          .migrations = {{1, "create vaults and keys", kCreateTables},
                         {2, "add the sku of vaults", kAddSku}}};
}

}  // namespace keyward::key_vault
