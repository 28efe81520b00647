#ifndef KEYWARD_SERVICES_ENCRYPTION_NAMES_H_
#define KEYWARD_SERVICES_ENCRYPTION_NAMES_H_

#include <compare>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace keyward::encryption {

// The names that callers give to this service. Values that are always well formed; each Parse
// returns INVALID_ARGUMENT naming `field`, the field of the request that holds the name.

// "accounts/{account}", an id of 3-63 of [0-9a-z-], a letter first.
class AccountName {
 public:
  static absl::StatusOr<AccountName> Parse(absl::string_view name, absl::string_view field);
  static absl::StatusOr<AccountName> FromId(absl::string_view id, absl::string_view field);
  // From an id that this service wrote itself.
  static AccountName FromTrustedId(std::string id) { return AccountName(std::move(id)); }

  const std::string& id() const { return id_; }
  std::string ToString() const;
  // The identity that belongs to the account: "identities/{account}".
  std::string Identity() const;

  friend auto operator<=>(const AccountName&, const AccountName&) = default;

 private:
  explicit AccountName(std::string id) : id_(std::move(id)) {}

  std::string id_;
};

// Who uses a customer's key: an account, as one of its identities.
struct KeyUser {
  // As itself.
  explicit KeyUser(AccountName name) : account(std::move(name)), identity(account.Identity()) {}
  // As `name`, or as itself if that is empty.
  KeyUser(AccountName account_name, const std::string& name) : KeyUser(std::move(account_name)) {
    if (!name.empty()) identity = name;
  }

  AccountName account;
  // "identities/{identity}": the account's own, or a user-assigned one that is attached to it.
  std::string identity;

  bool own() const { return identity == account.Identity(); }
  // The resource whose identity it is, as managed_identity's events name it.
  std::string resource() const { return own() ? account.ToString() : identity; }

  friend auto operator<=>(const KeyUser&, const KeyUser&) = default;
};

// A customer's key as the settings name it: "vaults/{vault}/keys/{key}", which follows the newest
// version, or with "/versions/{version}", which stays at that one.
class CustomerKeyName {
 public:
  static absl::StatusOr<CustomerKeyName> Parse(absl::string_view name, absl::string_view field);

  const std::string& vault() const { return vault_; }
  const std::string& key() const { return key_; }
  // Empty if the newest version is followed.
  const std::string& version() const { return version_; }
  bool follows_newest() const { return version_.empty(); }
  // The name as it was given.
  const std::string& ToString() const { return follows_newest() ? key_ : version_; }

  friend auto operator<=>(const CustomerKeyName&, const CustomerKeyName&) = default;

 private:
  CustomerKeyName(std::string vault, std::string key, std::string version)
      : vault_(std::move(vault)), key_(std::move(key)), version_(std::move(version)) {}

  // Full names, each containing the one before.
  std::string vault_;
  std::string key_;
  std::string version_;
};

// What could be taken away from an account, as PreviewRevocation names it.
struct RevocableName {
  enum class Kind { kIdentity, kKey, kKeyVersion, kVault, kSubscription, kAccount };

  static absl::StatusOr<RevocableName> Parse(absl::string_view name, absl::string_view field);

  Kind kind;
  // The full name.
  std::string name;
};

// Checks "identities/{identity}" or nothing, and returns it.
absl::StatusOr<std::string> ParseIdentity(absl::string_view name, absl::string_view field);

// Checks "subscriptions/{subscription}", and returns it.
absl::StatusOr<std::string> ParseSubscription(absl::string_view name, absl::string_view field);

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_NAMES_H_
