#ifndef KEYWARD_SERVICES_KEY_VAULT_KEY_USAGE_H_
#define KEYWARD_SERVICES_KEY_VAULT_KEY_USAGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/key_vault/names.h"

namespace keyward::key_vault {

// What depends on a key version, as a service has told. A value.
struct KeyUsage {
  KeyVersionName version;
  // The name of a resource, such as "accounts/contoso".
  std::string user;
  // The service that told so, such as "encryption".
  std::string service;
  std::string description;
  absl::Time create_time = absl::UnixEpoch();
};

// Whose usages are meant: those of a vault's keys, of a key's versions or of one version.
struct UsageScope {
  static UsageScope Of(const VaultName& vault) { return {vault.id(), "", ""}; }
  static UsageScope Of(const KeyReference& key) {
    return {key.key.vault().id(), key.key.id(), key.version};
  }

  // Ids; empty: any.
  std::string vault;
  std::string key;
  std::string version;
  // Of enabled versions only.
  bool enabled_only = false;
};

// Some usages, and how many there are in all.
struct KeyUsages {
  std::vector<KeyUsage> first;
  int64_t count = 0;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_KEY_USAGE_H_
