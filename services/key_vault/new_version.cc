#include "services/key_vault/new_version.h"

#include <optional>
#include <utility>

#include "common/status/status_macros.h"
#include "services/key_vault/errors.h"
#include "services/key_vault/event_types.h"
#include "services/key_vault/key_store.h"
#include "services/key_vault/messages.h"
#include "services/key_vault/rotation_policy.h"
#include "services/key_vault/rotation_store.h"

namespace keyward::key_vault {

absl::StatusOr<MadeKey> MakeKey(const KeyRing& key_ring, const KeyName& key, const KeyKind& kind) {
  if (kind.sku == keyvault::v1::SKU_PREMIUM) {
    KeyVersionName name = KeyVersionName::New(key);
    KW_ASSIGN_OR_RETURN(KeyRing::InHsm made, key_ring.MakeInHsm(name, kind.type));
    return MadeKey{.name = std::move(name),
                   .public_key_pem = made.material.PublicKeyPem(),
                   .in_hsm = true,
                   .sealed_private_key = std::move(made.sealed)};
  }
  KW_ASSIGN_OR_RETURN(const KeyMaterial material, KeyMaterial::Generate(kind.type));
  return SealKey(key_ring, key, material);
}

absl::StatusOr<MadeKey> SealKey(const KeyRing& key_ring, const KeyName& key,
                                const KeyMaterial& material) {
  KeyVersionName name = KeyVersionName::New(key);
  KW_ASSIGN_OR_RETURN(std::string sealed, key_ring.Seal(name, material));
  return MadeKey{.name = std::move(name),
                 .public_key_pem = material.PublicKeyPem(),
                 .public_only = material.public_only(),
                 .sealed_private_key = std::move(sealed)};
}

KeyVersion ToVersion(const MadeKey& made, int64_t number, const VersionAttributes& attributes,
                     absl::Time now) {
  return KeyVersion{.name = made.name,
                    .number = number,
                    .enabled = true,
                    .operations = attributes.operations,
                    .not_before = attributes.not_before,
                    .expire_time = attributes.expire_time,
                    .tags = attributes.tags,
                    .public_key_pem = made.public_key_pem,
                    .public_only = made.public_only,
                    .in_hsm = made.in_hsm,
                    .create_time = now,
                    .update_time = now};
}

absl::Status AddVersion(storage::Transaction& tx, Publisher& publisher,
                        const server::CallContext& call, const MadeKey& made, absl::Time now,
                        KeyInVault& found) {
  if (found.newest.public_only) return PublicKeyOnly(found.newest.name);
  VersionAttributes attributes{.operations = found.newest.operations,
                               .not_before = std::nullopt,
                               .expire_time = std::nullopt,
                               .tags = found.newest.tags};
  return AddVersion(tx, publisher, call, made, std::move(attributes), now, found);
}

absl::Status AddVersion(storage::Transaction& tx, Publisher& publisher,
                        const server::CallContext& call, const MadeKey& made,
                        VersionAttributes attributes, absl::Time now, KeyInVault& found) {
  KeyStore keys(tx);
  RotationStore rotation(tx);
  if (!attributes.expire_time.has_value()) {
    KW_ASSIGN_OR_RETURN(const RotationPolicy policy, rotation.FindPolicy(found.key.name));
    attributes.expire_time = ExpiryOfNewVersion(policy, now);
  }
  KeyVersion added = ToVersion(made, found.newest.number + 1, attributes, now);
  // What was disabled is not enabled by the way.
  added.enabled = found.newest.enabled;
  found.newest = std::move(added);
  found.key.newest_version = found.newest.name.id();
  found.key.update_time = now;
  KW_RETURN_IF_ERROR(keys.InsertVersion(found.newest, made.sealed_private_key));
  KW_RETURN_IF_ERROR(keys.Update(found.key));
  KW_RETURN_IF_ERROR(rotation.Reschedule(found.newest));
  KW_RETURN_IF_ERROR(
      publisher.Publish(tx, call, kKeyNewVersionCreated, ToEvent(found.key, found.newest)));
  call.Note("key_version", found.newest.name.ToString());
  return absl::OkStatus();
}

}  // namespace keyward::key_vault
