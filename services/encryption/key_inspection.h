#ifndef KEYWARD_SERVICES_ENCRYPTION_KEY_INSPECTION_H_
#define KEYWARD_SERVICES_ENCRYPTION_KEY_INSPECTION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace keyward::encryption {

// What key_vault tells of a key, its vault, and what a principal may do there. A vault of another
// tenant looks exactly like none.
struct KeyInspection {
  // Whether the vault is there, in the account's tenant. If not, only `sequence` says anything.
  bool vault_found = false;
  std::string vault_region;
  int soft_delete_retention_days = 0;
  bool purge_protection = false;
  // Whether the key is there, and the version if one was named. If not, what follows is empty.
  bool key_found = false;
  // For people, such as "RSA-2048".
  std::string key_type;
  bool is_rsa_2048 = false;
  // The version named, or the newest, by its full name.
  std::string version;
  bool enabled = false;
  std::vector<std::string> key_ops;
  std::optional<absl::Time> not_before;
  std::optional<absl::Time> expire_time;
  // Of the principal that was asked about.
  std::vector<std::string> permissions;
  // The place in key_vault's feed: all of the above is at least as new.
  int64_t sequence = 0;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_KEY_INSPECTION_H_
