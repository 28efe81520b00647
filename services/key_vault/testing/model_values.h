#ifndef KEYWARD_SERVICES_KEY_VAULT_TESTING_MODEL_VALUES_H_
#define KEYWARD_SERVICES_KEY_VAULT_TESTING_MODEL_VALUES_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "keyward/keyvault/v1/keys.pb.h"

// What VaultModel holds: plain values.
namespace keyward::key_vault::testing::model {

using Names = std::set<std::string>;
using Tags = std::map<std::string, std::string>;

struct Caller {
  enum class Kind { kOperator, kService, kIdentity };
  Kind kind = Kind::kOperator;
  // The SPIFFE ID; for identities the principal id.
  std::string principal;
  // Identities only: when the token was issued.
  absl::Time token_issued = absl::InfinitePast();
};

struct Version {
  std::string name;
  bool enabled = true;
  Names operations;
  std::optional<absl::Time> not_before;
  std::optional<absl::Time> expire_time;
  Tags tags;
  std::string public_key_pem;
  int64_t revision = 1;
  absl::Time create_time;
  absl::Time update_time;

  bool window_is_empty() const { return not_before && expire_time && *expire_time <= *not_before; }
};

struct Key {
  std::string name;
  keyvault::v1::KeyType type = keyvault::v1::KEY_TYPE_UNSPECIFIED;
  // Oldest first.
  std::vector<Version> versions;
  absl::Time create_time;
  absl::Time update_time;
  std::optional<absl::Time> delete_time;
  std::optional<absl::Time> purge_time;

  Version& newest() { return versions.back(); }
};

struct Vault {
  std::string name;
  std::string subscription;
  std::string tenant;
  std::string region;
  int retention_days = 90;
  bool purge_protection = false;
  Tags tags;
  int64_t revision = 1;
  std::map<std::string, Names> policy;
  std::map<std::string, Key> keys;
  absl::Time create_time;
  absl::Time update_time;
  std::optional<absl::Time> delete_time;
  std::optional<absl::Time> purge_time;
};

// What was encrypted or wrapped, or signed (then `secret` is the digest and `made` the
// signature). Algorithms by their names without prefix: what has the same name in different
// enumerations is the same.
struct Made {
  std::string version;
  std::string algorithm;
  std::string secret;
  std::string associated_data;
  std::string made;
};

// A role: everything on vaults within the scope, or only reading them.
struct Role {
  std::string principal;
  std::string scope;
  bool reads_only = false;
};

}  // namespace keyward::key_vault::testing::model

#endif  // KEYWARD_SERVICES_KEY_VAULT_TESTING_MODEL_VALUES_H_
