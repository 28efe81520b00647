#ifndef KEYWARD_SERVICES_KEY_VAULT_MESSAGES_H_
#define KEYWARD_SERVICES_KEY_VAULT_MESSAGES_H_

#include <string>

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "keyward/keyvault/v1/events.pb.h"
#include "keyward/keyvault/v1/key_usage.pb.h"
#include "keyward/keyvault/v1/keys.pb.h"
#include "keyward/keyvault/v1/vaults.pb.h"
#include "services/key_vault/access_policy.h"
#include "services/key_vault/key.h"
#include "services/key_vault/key_usage.h"
#include "services/key_vault/vault.h"

namespace keyward::key_vault {

// Values of the domain as callers and consumers of events see them. None holds a secret.

google::protobuf::Timestamp ToTimestamp(absl::Time time);

// The etag of a vault or version: its revision.
std::string ToEtag(int64_t revision);

keyvault::v1::Vault ToMessage(const Vault& vault, const AccessPolicy& policy);

// `vault` is the one that holds the key.
keyvault::v1::Key ToMessage(const Vault& vault, const Key& key, const KeyVersion& newest);

keyvault::v1::KeyVersion ToMessage(const KeyVersion& version);

keyvault::v1::KeyUsage ToMessage(const KeyUsage& usage);

// What an event says of a vault, without a change of the policy.
keyvault::v1::VaultChanged ToEvent(const Vault& vault);

// What an event says of a change of the policy.
keyvault::v1::VaultChanged ToEvent(const Vault& vault, const PolicyChange& change);

// What an event says of a key as a whole: `enabled` holds for all its versions.
keyvault::v1::KeyChanged ToEvent(const Key& key, bool enabled);

// What an event says of one version.
keyvault::v1::KeyChanged ToEvent(const Key& key, const KeyVersion& version);

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_MESSAGES_H_
