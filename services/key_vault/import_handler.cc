#include "services/key_vault/import_handler.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/crypto/key_import.h"
#include "common/crypto/secret_bytes.h"
#include "common/status/field_errors.h"
#include "common/status/status_macros.h"
#include "services/key_vault/errors.h"
#include "services/key_vault/event_types.h"
#include "services/key_vault/fields.h"
#include "services/key_vault/key.h"
#include "services/key_vault/key_material.h"
#include "services/key_vault/key_store.h"
#include "services/key_vault/lookup.h"
#include "services/key_vault/messages.h"
#include "services/key_vault/names.h"
#include "services/key_vault/new_version.h"
#include "services/key_vault/rotation_store.h"
#include "services/key_vault/version_attributes.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using crypto::SecretBytes;

// A key about to be imported.
struct GivenKey {
  KeyName name;
  KeyMaterial material;
  VersionAttributes attributes;
  // Whether the request or the key itself says what it may be used for.
  bool has_operations = false;
};

// The key in the request, with what it says of its own use.
absl::StatusOr<crypto::ImportedJwk> ParseMaterial(const v1::ImportKeyRequest& request) {
  switch (request.key_material_case()) {
    case v1::ImportKeyRequest::kJwk:
      return crypto::ImportJwk(SecretBytes::CopyOf(request.jwk()));
    case v1::ImportKeyRequest::kPkcs8: {
      KW_ASSIGN_OR_RETURN(crypto::ImportedKey key,
                          crypto::ImportPkcs8(SecretBytes::CopyOf(request.pkcs8())));
      return crypto::ImportedJwk{std::move(key), {}};
    }
    case v1::ImportKeyRequest::kPublicKey: {
      KW_ASSIGN_OR_RETURN(crypto::ImportedKey key, crypto::ImportSpki(request.public_key()));
      return crypto::ImportedJwk{std::move(key), {}};
    }
    case v1::ImportKeyRequest::KEY_MATERIAL_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("set one of jwk, pkcs8 and public_key");
}

absl::string_view FieldOf(const v1::ImportKeyRequest& request) {
  switch (request.key_material_case()) {
    case v1::ImportKeyRequest::kJwk:
      return "jwk";
    case v1::ImportKeyRequest::kPkcs8:
      return "pkcs8";
    case v1::ImportKeyRequest::kPublicKey:
      return "public_key";
    default:
      return "key_material";
  }
}

absl::StatusOr<GivenKey> ReadGivenKey(const v1::ImportKeyRequest& request) {
  FieldErrors errors;
  std::optional<VaultName> vault = errors.Take("parent", VaultName::Parse(request.parent()));
  std::optional<KeyName> name;
  if (vault.has_value()) {
    name = errors.Take("key_id", KeyName::FromId(*std::move(vault), request.key_id()));
  }
  KW_RETURN_IF_ERROR(errors.ToStatus());
  absl::StatusOr<crypto::ImportedJwk> parsed = ParseMaterial(request);
  if (!parsed.ok()) {
    return KeyMaterialInvalid(std::string(FieldOf(request)), parsed.status().message());
  }
  KeyMaterial material = KeyMaterial::FromImported(std::move(parsed->key));
  const KeyOperations possible = OperationsOf(material.type(), material.public_only());
  VersionAttributes attributes =
      ReadVersionAttributes("version", request.version(), possible, errors);
  bool has_operations = !request.version().key_ops().empty();
  if (!has_operations && !parsed->key_ops.empty()) {
    has_operations = true;
    attributes.operations = ReadKeyOperations(
        "jwk.key_ops", {parsed->key_ops.begin(), parsed->key_ops.end()}, possible, errors);
  }
  KW_RETURN_IF_ERROR(errors.ToStatus());
  return GivenKey{*std::move(name), std::move(material), std::move(attributes), has_operations};
}

std::string Describe(v1::KeyType type, bool public_only) {
  return absl::StrCat("a ", v1::KeyType_Name(type),
                      public_only ? " of which the vault holds the public part alone" : "");
}

// Makes what is given the newest version of the key, of the same kind as those before it, so that
// who uses the key can go on using it.
absl::Status Supersede(storage::Transaction& tx, Publisher& publisher,
                       const server::CallContext& call, const GivenKey& given, const MadeKey& made,
                       absl::Time now, KeyInVault& found) {
  const bool public_only = given.material.public_only();
  if (found.key.type != given.material.type() || found.newest.public_only != public_only) {
    return KeyTypeMismatch(found.key.name, Describe(found.key.type, found.newest.public_only),
                           Describe(given.material.type(), public_only));
  }
  VersionAttributes attributes = given.attributes;
  if (!given.has_operations) attributes.operations = found.newest.operations;
  return AddVersion(tx, publisher, call, made, std::move(attributes), now, found);
}

// Makes it the first version of a new key.
absl::StatusOr<KeyInVault> Add(storage::Transaction& tx, Publisher& publisher,
                               const server::CallContext& call, Vault vault, const GivenKey& given,
                               const MadeKey& made, absl::Time now) {
  KW_RETURN_IF_ERROR(CheckNameIsFree(tx, given.name));
  Key key{.name = given.name,
          .type = given.material.type(),
          .newest_version = made.name.id(),
          .create_time = now,
          .update_time = now};
  KeyVersion version = ToVersion(made, 1, given.attributes, now);
  KeyStore keys(tx);
  KW_RETURN_IF_ERROR(keys.Insert(key));
  KW_RETURN_IF_ERROR(keys.InsertVersion(version, made.sealed_private_key));
  if (version.expire_time) KW_RETURN_IF_ERROR(RotationStore(tx).Reschedule(version));
  KW_RETURN_IF_ERROR(publisher.Publish(tx, call, kKeyNewVersionCreated, ToEvent(key, version)));
  call.Note("key_version", version.name.ToString());
  return KeyInVault{std::move(vault), std::move(key), std::move(version)};
}

}  // namespace

absl::StatusOr<v1::Key> ImportHandler::Import(const server::CallContext& call,
                                              const v1::ImportKeyRequest& request) {
  KW_ASSIGN_OR_RETURN(const GivenKey given, ReadGivenKey(request));
  KW_ASSIGN_OR_RETURN(const MadeKey made, SealKey(key_ring_, given.name, given.material));
  const auto work = [&](storage::Transaction& tx, absl::Time now) -> absl::StatusOr<v1::Key> {
    KW_ASSIGN_OR_RETURN(Vault vault, FindLiveVault(tx, given.name.vault()));
    if (vault.sku == v1::SKU_PREMIUM) return KeyBoundToHsm(given.name, "imported");
    KW_ASSIGN_OR_RETURN(const std::optional<Key> existing, KeyStore(tx).Find(given.name));
    if (!existing.has_value() || existing->deleted()) {
      KW_ASSIGN_OR_RETURN(const KeyInVault added,
                          Add(tx, publisher_, call, std::move(vault), given, made, now));
      return ToMessage(added.vault, added.key, added.newest);
    }
    KW_ASSIGN_OR_RETURN(KeyInVault found, FindLiveKey(tx, given.name));
    KW_RETURN_IF_ERROR(Supersede(tx, publisher_, call, given, made, now, found));
    return ToMessage(found.vault, found.key, found.newest);
  };
  return changes_.Grant<v1::Key>(call, request, work);
}

}  // namespace keyward::key_vault
