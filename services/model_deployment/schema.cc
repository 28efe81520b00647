#include "services/model_deployment/schema.h"

namespace keyward::model_deployment {

storage::Schema ModelDeploymentSchema() {
  return {"model_deployment",
          {{1, "create accounts, workspaces, documents, models, receipts", R"sql(
CREATE TABLE accounts (
  name TEXT PRIMARY KEY,
  subscription TEXT NOT NULL,
  tenant TEXT NOT NULL,
  region TEXT NOT NULL,
  key_source BIGINT NOT NULL,
  verdict BIGINT NOT NULL,
  cause BIGINT NOT NULL,
  since BIGINT NOT NULL,
  event TEXT NOT NULL,
  message TEXT NOT NULL,
  epoch BIGINT NOT NULL
);
CREATE TABLE workspaces (
  name TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  display_name TEXT NOT NULL,
  create_time BIGINT NOT NULL
);
CREATE INDEX workspaces_by_account ON workspaces (account, name);
CREATE TABLE projects (
  name TEXT PRIMARY KEY,
  workspace TEXT NOT NULL REFERENCES workspaces (name),
  source_language TEXT NOT NULL,
  target_language TEXT NOT NULL,
  display_name TEXT NOT NULL,
  create_time BIGINT NOT NULL
);
CREATE INDEX projects_by_workspace ON projects (workspace, name);
CREATE TABLE documents (
  blob TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  account TEXT NOT NULL,
  workspace TEXT NOT NULL REFERENCES workspaces (name),
  type BIGINT NOT NULL,
  format BIGINT NOT NULL,
  source_language TEXT NOT NULL,
  target_language TEXT NOT NULL,
  size_bytes BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  ciphertext_sha256 TEXT NOT NULL,
  pair_count BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  epoch BIGINT NOT NULL,
  state BIGINT NOT NULL,
  loss TEXT NOT NULL
);
CREATE UNIQUE INDEX documents_by_name ON documents (name) WHERE state <> 3;
CREATE INDEX documents_by_workspace ON documents (workspace, name);
CREATE INDEX documents_by_account ON documents (account, state);
CREATE INDEX documents_by_loss ON documents (loss, blob);
CREATE TABLE models (
  name TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  project TEXT NOT NULL REFERENCES projects (name),
  documents TEXT NOT NULL,
  state BIGINT NOT NULL,
  state_message TEXT NOT NULL,
  undeploy_cause BIGINT NOT NULL,
  state_event TEXT NOT NULL,
  state_time BIGINT NOT NULL,
  report TEXT,
  artifact TEXT NOT NULL,
  artifact_epoch BIGINT NOT NULL,
  create_time BIGINT NOT NULL
);
CREATE INDEX models_by_project ON models (project, name);
CREATE INDEX models_by_account ON models (account, state);
CREATE INDEX models_by_state ON models (state);
CREATE TABLE losses (
  access_event TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  cause BIGINT NOT NULL,
  loss_event TEXT NOT NULL,
  loss_time BIGINT NOT NULL,
  gate_closed_time BIGINT NOT NULL,
  scope_destroyed_time BIGINT,
  scope_confirmed BIGINT NOT NULL,
  uploads_destroyed BIGINT NOT NULL,
  upload_bytes_destroyed BIGINT NOT NULL,
  state BIGINT NOT NULL
);
CREATE INDEX losses_by_state ON losses (state, access_event);
CREATE INDEX losses_by_account ON losses (account, state);
CREATE TABLE loss_models (
  access_event TEXT NOT NULL,
  model TEXT NOT NULL,
  PRIMARY KEY (access_event, model)
);
CREATE TABLE garbage (
  blob TEXT PRIMARY KEY
);
CREATE TABLE receipts (
  name TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  number BIGINT NOT NULL,
  kind BIGINT NOT NULL,
  jws TEXT NOT NULL,
  statement TEXT NOT NULL
);
CREATE UNIQUE INDEX receipts_by_account ON receipts (account, number);
CREATE TABLE receipt_keys (
  key_id TEXT PRIMARY KEY,
  public_key_pem TEXT NOT NULL,
  sealed TEXT NOT NULL,
  create_time BIGINT NOT NULL
);
)sql"}}};
}

}  // namespace keyward::model_deployment
