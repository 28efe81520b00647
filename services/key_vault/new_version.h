#ifndef KEYWARD_SERVICES_KEY_VAULT_NEW_VERSION_H_
#define KEYWARD_SERVICES_KEY_VAULT_NEW_VERSION_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/server/call_context.h"
#include "common/storage/transaction.h"
#include "keyward/keyvault/v1/keys.pb.h"
#include "keyward/keyvault/v1/vaults.pb.h"
#include "services/key_vault/key.h"
#include "services/key_vault/key_material.h"
#include "services/key_vault/key_ring.h"
#include "services/key_vault/lookup.h"
#include "services/key_vault/names.h"
#include "services/key_vault/publisher.h"
#include "services/key_vault/version_attributes.h"

namespace keyward::key_vault {

// A private key that was made, or came from elsewhere, before the transaction that stores it, for
// making one takes long. A value.
struct MadeKey {
  KeyVersionName name;
  std::string public_key_pem;
  // The private part is not in the vault.
  bool public_only = false;
  // The private key is in the token; what is sealed says which it is.
  bool in_hsm = false;
  std::string sealed_private_key;
};

// What decides how a key is made. A value.
struct KeyKind {
  keyvault::v1::KeyType type = keyvault::v1::KEY_TYPE_UNSPECIFIED;
  // That of the vault: keys of premium vaults are made in the token.
  keyvault::v1::Sku sku = keyvault::v1::SKU_STANDARD;
};

// INVALID_ARGUMENT for a type that does not exist; HSM_NOT_CONFIGURED, KEY_TYPE_NOT_IN_HSM; errors
// of the root key and of the token.
absl::StatusOr<MadeKey> MakeKey(const KeyRing& key_ring, const KeyName& key, const KeyKind& kind);

// The same of a key that is there already. Errors of the root key.
absl::StatusOr<MadeKey> SealKey(const KeyRing& key_ring, const KeyName& key,
                                const KeyMaterial& material);

// The version that a made key becomes.
KeyVersion ToVersion(const MadeKey& made, int64_t number, const VersionAttributes& attributes,
                     absl::Time now);

// Makes `made` the newest version of a key, in everything like the one before but for the window in
// which it is valid, which the key's rotation policy decides; disabled, too, if that one is; with
// its event, and with the next rotation and notices scheduled. `found.key` and `found.newest`
// change with it. Errors are the transaction's; PUBLIC_KEY_ONLY if the vault does not hold the
// private part of the one before.
absl::Status AddVersion(storage::Transaction& tx, Publisher& publisher,
                        const server::CallContext& call, const MadeKey& made, absl::Time now,
                        KeyInVault& found);

// The same with other attributes; the rotation policy decides over the expiry if they have none.
absl::Status AddVersion(storage::Transaction& tx, Publisher& publisher,
                        const server::CallContext& call, const MadeKey& made,
                        VersionAttributes attributes, absl::Time now, KeyInVault& found);

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_NEW_VERSION_H_
