#ifndef KEYWARD_SERVICES_KEY_VAULT_TESTING_VAULT_STATE_H_
#define KEYWARD_SERVICES_KEY_VAULT_TESTING_VAULT_STATE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/storage/transaction.h"
#include "keyward/events/v1/events.pb.h"

namespace keyward::key_vault::testing {

// All that bears on access, as the tables hold it or as the feed has told it: the two must always
// be the same. A value.
struct VaultState {
  struct Version {
    bool enabled = true;
    std::set<std::string> operations;
    // In microseconds since 1970.
    std::optional<int64_t> not_before;
    std::optional<int64_t> expire_time;
    friend bool operator==(const Version&, const Version&) = default;
  };
  struct Key {
    bool deleted = false;
    // By name.
    std::map<std::string, Version> versions;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Vault {
    bool deleted = false;
    // What each principal may do.
    std::map<std::string, std::set<std::string>> policy;
    std::map<std::string, Key> keys;
    friend bool operator==(const Vault&, const Vault&) = default;
  };

  // Everything in the database.
  static absl::StatusOr<VaultState> FromTables(storage::Transaction& tx);
  // What somebody knows who has followed the feed from its beginning.
  static VaultState FromFeed(const std::vector<events::v1::Event>& events);

  // being_purged does not count.
  friend bool operator==(const VaultState& one, const VaultState& other) {
    return one.vaults == other.vaults;
  }

  // For people, and for comparing runs: without what is random, such as the names of versions.
  std::string Text() const;

  std::map<std::string, Vault> vaults;
  // Those whose purge has begun and not ended, of which the feed does not tell. By name.
  std::set<std::string> being_purged;
};

}  // namespace keyward::key_vault::testing

#endif  // KEYWARD_SERVICES_KEY_VAULT_TESTING_VAULT_STATE_H_
