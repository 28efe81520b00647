#ifndef KEYWARD_SERVICES_KEY_VAULT_EVENT_TYPES_H_
#define KEYWARD_SERVICES_KEY_VAULT_EVENT_TYPES_H_

namespace keyward::key_vault {

// The types of the events that the key vault publishes (protos/keyward/keyvault/v1/events.proto).
// Those that Azure Key Vault has keep its names.
inline constexpr char kKeyNewVersionCreated[] = "Microsoft.KeyVault.KeyNewVersionCreated";
inline constexpr char kKeyNearExpiry[] = "Microsoft.KeyVault.KeyNearExpiry";
inline constexpr char kKeyExpired[] = "Microsoft.KeyVault.KeyExpired";
inline constexpr char kVaultAccessPolicyChanged[] = "Microsoft.KeyVault.VaultAccessPolicyChanged";

// Extensions.
inline constexpr char kKeyEnabled[] = "keyward.keyvault.KeyEnabled";
inline constexpr char kKeyDisabled[] = "keyward.keyvault.KeyDisabled";
inline constexpr char kKeyUpdated[] = "keyward.keyvault.KeyUpdated";
inline constexpr char kKeyDeleted[] = "keyward.keyvault.KeyDeleted";
inline constexpr char kKeyRecovered[] = "keyward.keyvault.KeyRecovered";
inline constexpr char kKeyPurged[] = "keyward.keyvault.KeyPurged";
inline constexpr char kKeyRotationPolicyChanged[] = "keyward.keyvault.KeyRotationPolicyChanged";
inline constexpr char kKeyRotationFailed[] = "keyward.keyvault.KeyRotationFailed";
inline constexpr char kKeyBackedUp[] = "keyward.keyvault.KeyBackedUp";
inline constexpr char kKeyRestored[] = "keyward.keyvault.KeyRestored";
inline constexpr char kKeyBackupsRevoked[] = "keyward.keyvault.KeyBackupsRevoked";
inline constexpr char kVaultCreated[] = "keyward.keyvault.VaultCreated";
inline constexpr char kVaultUpdated[] = "keyward.keyvault.VaultUpdated";
inline constexpr char kVaultDeleted[] = "keyward.keyvault.VaultDeleted";
inline constexpr char kVaultRecovered[] = "keyward.keyvault.VaultRecovered";
inline constexpr char kVaultPurged[] = "keyward.keyvault.VaultPurged";

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_EVENT_TYPES_H_
