#ifndef KEYWARD_SERVICES_KEY_VAULT_NAMES_H_
#define KEYWARD_SERVICES_KEY_VAULT_NAMES_H_

#include <compare>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace keyward::key_vault {

// The names of the vault's resources. Values that are always well formed. Parse and FromId return
// INVALID_ARGUMENT with a message that says how the name must look. Two names that differ in case
// alone are different names, but cannot both exist: see folded().

// "vaults/{vault}".
class VaultName {
 public:
  static absl::StatusOr<VaultName> Parse(absl::string_view name);
  // From the id alone: 3-24 of [0-9A-Za-z-], a letter first, no double hyphen, no hyphen last.
  static absl::StatusOr<VaultName> FromId(absl::string_view id);

  const std::string& id() const { return id_; }
  // The id in lower case, which is unique among vaults.
  std::string folded() const;
  std::string ToString() const;

  friend auto operator<=>(const VaultName&, const VaultName&) = default;

 private:
  explicit VaultName(std::string id) : id_(std::move(id)) {}
  std::string id_;
};

// "vaults/{vault}/keys/{key}".
class KeyName {
 public:
  static absl::StatusOr<KeyName> Parse(absl::string_view name);
  // From the id alone: 1-127 of [0-9A-Za-z-].
  static absl::StatusOr<KeyName> FromId(VaultName vault, absl::string_view id);

  const VaultName& vault() const { return vault_; }
  const std::string& id() const { return id_; }
  // The id in lower case, which is unique among the keys of the vault.
  std::string folded() const;
  std::string ToString() const;

  friend auto operator<=>(const KeyName&, const KeyName&) = default;

 private:
  KeyName(VaultName vault, std::string id) : vault_(std::move(vault)), id_(std::move(id)) {}
  VaultName vault_;
  std::string id_;
};

// "vaults/{vault}/keys/{key}/versions/{version}".
class KeyVersionName {
 public:
  static absl::StatusOr<KeyVersionName> Parse(absl::string_view name);
  // From the id alone: 32 lower-case hexadecimal digits.
  static absl::StatusOr<KeyVersionName> FromId(KeyName key, absl::string_view id);
  // A name that no version ever had.
  static KeyVersionName New(KeyName key);

  const KeyName& key() const { return key_; }
  const VaultName& vault() const { return key_.vault(); }
  const std::string& id() const { return id_; }
  std::string ToString() const;

  friend auto operator<=>(const KeyVersionName&, const KeyVersionName&) = default;

 private:
  KeyVersionName(KeyName key, std::string id) : key_(std::move(key)), id_(std::move(id)) {}
  KeyName key_;
  std::string id_;
};

// A key, or one version of it, as most requests name it.
struct KeyReference {
  // "vaults/{vault}/keys/{key}", or with "/versions/{version}".
  static absl::StatusOr<KeyReference> Parse(absl::string_view name);

  std::string ToString() const;

  KeyName key;
  // The version's id; empty if the key itself was named.
  std::string version;
};

// "vaults/{vault}/keys/{key}/rotationPolicy".
class RotationPolicyName {
 public:
  static absl::StatusOr<RotationPolicyName> Parse(absl::string_view name);
  explicit RotationPolicyName(KeyName key) : key_(std::move(key)) {}

  const KeyName& key() const { return key_; }
  std::string ToString() const;

 private:
  KeyName key_;
};

// The vault that a resource of this service is or lies in, whatever its kind.
absl::StatusOr<VaultName> VaultOf(absl::string_view resource);

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_NAMES_H_
