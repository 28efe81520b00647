#include "services/managed_identity/schema.h"

namespace keyward::managed_identity {
namespace {

constexpr char kCreate[] = R"sql(
CREATE TABLE tenants (
  tenant_id TEXT PRIMARY KEY,
  display_name TEXT NOT NULL,
  create_time BIGINT NOT NULL
);
CREATE TABLE subscriptions (
  subscription_id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id),
  display_name TEXT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  last_event BIGINT NOT NULL
);
CREATE TABLE identities (
  identity_id TEXT PRIMARY KEY,
  resource TEXT NOT NULL UNIQUE,
  subscription_id TEXT NOT NULL REFERENCES subscriptions (subscription_id),
  tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id),
  state BIGINT NOT NULL,
  principal_id TEXT UNIQUE,
  state_reason TEXT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  not_before BIGINT NOT NULL,
  last_event BIGINT NOT NULL
);
CREATE INDEX identities_by_subscription ON identities (subscription_id);
CREATE TABLE role_assignments (
  role_assignment_id TEXT PRIMARY KEY,
  principal TEXT NOT NULL,
  role BIGINT NOT NULL,
  scope TEXT NOT NULL,
  create_time BIGINT NOT NULL,
  last_event BIGINT NOT NULL,
  UNIQUE (principal, role, scope)
);
CREATE INDEX role_assignments_by_scope ON role_assignments (scope);
CREATE TABLE signing_keys (
  key_id TEXT PRIMARY KEY,
  issuer TEXT NOT NULL,
  jwk TEXT NOT NULL,
  sealed_private_key TEXT NOT NULL,
  create_time BIGINT NOT NULL
);
CREATE TABLE installation (
  setting TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  create_time BIGINT NOT NULL
);
)sql";

constexpr char kFederation[] = R"sql(
CREATE TABLE trusted_issuers (
  trusted_issuer_id TEXT PRIMARY KEY,
  issuer TEXT NOT NULL UNIQUE,
  ca_certificates TEXT NOT NULL,
  jwks_uri TEXT NOT NULL,
  operators BIGINT NOT NULL,
  create_time BIGINT NOT NULL
);
CREATE TABLE federated_credentials (
  identity_id TEXT NOT NULL REFERENCES identities (identity_id),
  credential_id TEXT NOT NULL,
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  audience TEXT NOT NULL,
  create_time BIGINT NOT NULL,
  last_use_time BIGINT NOT NULL,
  PRIMARY KEY (identity_id, credential_id),
  UNIQUE (identity_id, issuer, subject)
);
CREATE INDEX federated_credentials_by_issuer ON federated_credentials (issuer);
)sql";

// A database from before has one key, which signs.
constexpr char kSigningKeyStates[] = R"sql(
CREATE TABLE signing_key_states (
  key_id TEXT PRIMARY KEY,
  issuer TEXT NOT NULL,
  jwk TEXT NOT NULL,
  state BIGINT NOT NULL,
  state_reason TEXT NOT NULL,
  create_time BIGINT NOT NULL,
  activate_time BIGINT,
  retire_time BIGINT,
  expire_time BIGINT,
  last_event BIGINT NOT NULL
);
CREATE INDEX signing_key_states_by_state ON signing_key_states (state);
INSERT INTO signing_key_states
  SELECT key_id, issuer, jwk, 2, '', create_time, create_time, NULL, NULL, 0 FROM signing_keys;
)sql";

constexpr char kAttachments[] = R"sql(
CREATE TABLE identity_attachments (
  identity_id TEXT NOT NULL REFERENCES identities (identity_id),
  resource TEXT NOT NULL,
  create_time BIGINT NOT NULL,
  PRIMARY KEY (identity_id, resource)
);
CREATE INDEX identity_attachments_by_resource ON identity_attachments (resource);
)sql";

constexpr char kOidcOperators[] = R"sql(
CREATE TABLE oidc_operators (
  principal TEXT PRIMARY KEY,
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  not_before BIGINT NOT NULL,
  last_use_time BIGINT NOT NULL,
  last_event BIGINT NOT NULL
);
CREATE INDEX oidc_operators_by_issuer ON oidc_operators (issuer);
)sql";

}  // namespace

storage::Schema ManagedIdentitySchema() {
  return {"managed_identity",
          {{1, "create tenants, identities and roles", kCreate},
           {2, "create trusted issuers and federated credentials", kFederation},
           {3, "give signing keys states", kSigningKeyStates},
           {4, "create attachments of identities to resources", kAttachments},
           {5, "create operators by the tokens of issuers", kOidcOperators}}};
}

}  // namespace keyward::managed_identity
