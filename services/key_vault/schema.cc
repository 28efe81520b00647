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

// A schedule's two due times are what the background reads; keys without one have no row. The
// notice of versions of before is due as a policy that was never changed has it: 30 days before
// they expire.
constexpr char kAddRotation[] = R"sql(
CREATE TABLE rotation_policies (
  vault_id TEXT NOT NULL,
  key_id TEXT NOT NULL,
  expiry TEXT NOT NULL,
  rotate_after_create TEXT NOT NULL,
  rotate_before_expiry TEXT NOT NULL,
  notify_before_expiry TEXT NOT NULL,
  revision BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  PRIMARY KEY (vault_id, key_id),
  FOREIGN KEY (vault_id, key_id) REFERENCES keys (vault_id, key_id) ON DELETE CASCADE
);
CREATE TABLE key_schedules (
  vault_id TEXT NOT NULL,
  key_id TEXT NOT NULL,
  version_id TEXT NOT NULL,
  expire_time BIGINT,
  notified BIGINT NOT NULL,
  rotate_time BIGINT,
  rotate_due BIGINT,
  notice_due BIGINT,
  failures BIGINT NOT NULL,
  PRIMARY KEY (vault_id, key_id),
  FOREIGN KEY (vault_id, key_id) REFERENCES keys (vault_id, key_id) ON DELETE CASCADE
);
CREATE INDEX key_schedules_by_rotate_due ON key_schedules (rotate_due);
CREATE INDEX key_schedules_by_notice_due ON key_schedules (notice_due);
INSERT INTO key_schedules (vault_id, key_id, version_id, expire_time, notified, notice_due, failures)
  SELECT k.vault_id, k.key_id, v.version_id, v.expire_time, 0, v.expire_time - 2592000000000, 0
  FROM keys k JOIN key_versions v ON v.vault_id = k.vault_id AND v.key_id = k.key_id
    AND v.version_id = k.newest_version
  WHERE v.expire_time IS NOT NULL;
)sql";

// A usage goes with its version. A vault that is being purged goes in steps.
constexpr char kAddUsagesAndPurges[] = R"sql(
CREATE TABLE key_usages (
  vault_id TEXT NOT NULL,
  key_id TEXT NOT NULL,
  version_id TEXT NOT NULL,
  user_name TEXT NOT NULL,
  service TEXT NOT NULL,
  description TEXT NOT NULL,
  create_time BIGINT NOT NULL,
  PRIMARY KEY (vault_id, key_id, version_id, user_name, service),
  FOREIGN KEY (vault_id, key_id, version_id) REFERENCES key_versions (vault_id, key_id, version_id)
);
ALTER TABLE vaults ADD COLUMN purging BIGINT NOT NULL DEFAULT 0;
)sql";

// Keys of which there may be backups, and how often those were revoked. A key_uid is the id of the
// key's first version. Rows outlive their keys and vaults: that there is one, but no key any more,
// tells that the key was purged.
constexpr char kAddBackups[] = R"sql(
CREATE TABLE key_backups (
  vault_id TEXT NOT NULL,
  key_uid TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  PRIMARY KEY (vault_id, key_uid)
);
)sql";

// How many messages may have been sealed under a version with AES-GCM, and whether its private part
// is elsewhere. Beside the sealed key, which is small where these are read.
constexpr char kCountMessages[] = R"sql(
ALTER TABLE key_versions ADD COLUMN sealed_messages BIGINT NOT NULL DEFAULT 0;
ALTER TABLE key_versions ADD COLUMN public_only BIGINT NOT NULL DEFAULT 0;
)sql";

// `begun` is when the making of the key began, until its version has been created.
constexpr char kAddHsmKeys[] = R"sql(
ALTER TABLE key_versions ADD COLUMN in_hsm BIGINT NOT NULL DEFAULT 0;
CREATE TABLE hsm_keys (
  hsm_key TEXT NOT NULL PRIMARY KEY,
  vault_id TEXT NOT NULL,
  key_id TEXT NOT NULL,
  version_id TEXT NOT NULL,
  begun BIGINT,
  UNIQUE (vault_id, key_id, version_id)
);
)sql";

}  // namespace

storage::Schema KeyVaultSchema() {
  return {.component = "key_vault",
          .migrations = {{1, "create vaults and keys", kCreateTables},
                         {2, "add the sku of vaults", kAddSku},
                         {3, "add rotation policies and schedules", kAddRotation},
                         {4, "add usages of keys, and purges in steps", kAddUsagesAndPurges},
                         {5, "add keys in a token", kAddHsmKeys},
                         {6, "remember of which keys there are backups", kAddBackups},
                         {7, "count messages and know public keys", kCountMessages}}};
}

}  // namespace keyward::key_vault
