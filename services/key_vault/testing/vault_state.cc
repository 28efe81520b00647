#include "services/key_vault/testing/vault_state.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status_macros.h"
#include "google/protobuf/util/time_util.h"
#include "keyward/keyvault/v1/events.pb.h"
#include "services/key_vault/event_types.h"
#include "services/key_vault/key_store.h"
#include "services/key_vault/vault_store.h"

namespace keyward::key_vault::testing {
namespace {

namespace v1 = keyvault::v1;

constexpr int kAll = 1'000'000;
constexpr Shown kEverything = {.live = true, .deleted = true};

std::set<std::string> AsSet(const std::vector<std::string>& names) {
  return {names.begin(), names.end()};
}

std::optional<int64_t> Micros(const std::optional<absl::Time>& time) {
  if (!time.has_value()) return std::nullopt;
  return absl::ToUnixMicros(*time);
}

VaultState::Version Stored(const KeyVersion& version) {
  return {.enabled = version.enabled,
          .operations = AsSet(Names(version.operations)),
          .not_before = Micros(version.not_before),
          .expire_time = Micros(version.expire_time)};
}

VaultState::Version Told(const v1::KeyChanged& change) {
  using google::protobuf::util::TimeUtil;
  VaultState::Version version;
  version.enabled = change.enabled();
  version.operations = {change.key_ops().begin(), change.key_ops().end()};
  if (change.has_not_before()) {
    version.not_before = TimeUtil::TimestampToMicroseconds(change.not_before());
  }
  if (change.has_expire_time()) {
    version.expire_time = TimeUtil::TimestampToMicroseconds(change.expire_time());
  }
  return version;
}

void Apply(const std::string& type, const v1::VaultChanged& change, VaultState& state) {
  if (type == kVaultPurged) {
    state.vaults.erase(change.vault());
    return;
  }
  VaultState::Vault& vault = state.vaults[change.vault()];
  vault.deleted = change.deleted();
  for (const auto& changed : change.changed()) {
    vault.policy[changed.principal()] = {changed.key_permissions().begin(),
                                         changed.key_permissions().end()};
    if (changed.key_permissions().empty()) vault.policy.erase(changed.principal());
  }
}

void Apply(const std::string& type, const v1::KeyChanged& change, VaultState& state) {
  const std::string vault = change.key().substr(0, change.key().find("/keys/"));
  std::map<std::string, VaultState::Key>& keys = state.vaults[vault].keys;
  if (type == kKeyPurged) {
    keys.erase(change.key());
    return;
  }
  VaultState::Key& key = keys[change.key()];
  key.deleted = change.deleted();
  if (type == kKeyNewVersionCreated || type == kKeyUpdated) {
    key.versions[change.version()] = Told(change);
  } else if (type == kKeyEnabled || type == kKeyDisabled) {
    for (auto& [name, version] : key.versions) {
      if (change.version().empty() || change.version() == name) version.enabled = change.enabled();
    }
  }
}

}  // namespace

absl::StatusOr<VaultState> VaultState::FromTables(storage::Transaction& tx) {
  VaultState state;
  VaultStore vaults(tx);
  KeyStore keys(tx);
  KW_ASSIGN_OR_RETURN(const auto all, vaults.List("", kAll, {.which = kEverything}));
  for (const key_vault::Vault& stored : all) {
    Vault& vault = state.vaults[stored.name.ToString()];
    vault.deleted = stored.deleted();
    if (stored.purging) state.being_purged.insert(stored.name.ToString());
    KW_ASSIGN_OR_RETURN(const AccessPolicy policy, vaults.FindPolicy(stored.name));
    for (const auto& [principal, permissions] : policy.entries()) {
      vault.policy[principal] = AsSet(Names(permissions));
    }
    KW_ASSIGN_OR_RETURN(const auto in_vault, keys.List(stored.name, "", kAll, kEverything));
    for (const auto& [stored_key, newest] : in_vault) {
      Key& key = vault.keys[stored_key.name.ToString()];
      key.deleted = stored_key.deleted();
      KW_ASSIGN_OR_RETURN(const auto versions, keys.ListVersions(stored_key.name, 0, kAll));
      for (const KeyVersion& version : versions) {
        key.versions[version.name.ToString()] = Stored(version);
      }
    }
  }
  return state;
}

VaultState VaultState::FromFeed(const std::vector<events::v1::Event>& events) {
  VaultState state;
  for (const events::v1::Event& event : events) {
    v1::VaultChanged vault;
    v1::KeyChanged key;
    if (event.data().UnpackTo(&vault)) Apply(event.type(), vault, state);
    if (event.data().UnpackTo(&key)) Apply(event.type(), key, state);
  }
  return state;
}

std::string VaultState::Text() const {
  std::string text;
  const auto window = [](const std::optional<int64_t>& time) { return time ? " limited" : ""; };
  for (const auto& [name, vault] : vaults) {
    absl::StrAppend(&text, name, vault.deleted ? " deleted" : "", "\n");
    for (const auto& [principal, permissions] : vault.policy) {
      absl::StrAppend(&text, "  ", principal, ": ", absl::StrJoin(permissions, " "), "\n");
    }
    for (const auto& [key_name, key] : vault.keys) {
      absl::StrAppend(&text, "  ", key_name, key.deleted ? " deleted" : "", "\n");
      std::vector<std::string> versions;
      for (const auto& [version_name, version] : key.versions) {
        versions.push_back(absl::StrCat("    ", version.enabled ? "enabled" : "disabled", " ",
                                        absl::StrJoin(version.operations, " "),
                                        window(version.not_before), window(version.expire_time)));
      }
      std::sort(versions.begin(), versions.end());
      absl::StrAppend(&text, absl::StrJoin(versions, "\n"), "\n");
    }
  }
  return text;
}

}  // namespace keyward::key_vault::testing
