#include "services/key_vault/hsm_keys.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/crypto/ecdsa.h"
#include "common/crypto/random.h"
#include "common/crypto/rsa.h"
#include "common/server/call_context.h"
#include "common/server/log.h"
#include "common/status/status_macros.h"
#include "common/storage/fault_point.h"
#include "services/key_vault/background_call.h"
#include "services/key_vault/errors.h"
#include "services/key_vault/hsm_key_store.h"
#include "services/key_vault/key_types.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;

// The first byte of what is stored, which tells it from what KeyMaterial stores; then come the id
// of the key in the token and the public key as SubjectPublicKeyInfo.
constexpr char kStoredHsm = 3;
constexpr size_t kIdSize = 16;

// In one transaction, so that other writers are not held up for long.
constexpr int kBatch = 50;

// A key that was made so long ago without having become a version's never will.
constexpr absl::Duration kLongestCreation = absl::Hours(1);

absl::Status NoSuchKey() { return absl::InvalidArgumentError("no such key in the token"); }

crypto::SecretBytes Stored(absl::string_view id, absl::string_view public_key) {
  return crypto::SecretBytes::CopyOf(
      absl::StrCat(absl::string_view(&kStoredHsm, 1), id, public_key));
}

}  // namespace

absl::StatusOr<HsmKeys::Made> HsmKeys::Generate(const KeyVersionName& version, v1::KeyType type) {
  const int bits = RsaBits(type);
  const std::optional<crypto::EcCurve> curve = Curve(type);
  if (bits == 0 && !curve.has_value()) return KeyTypeNotInHsm(version.key());
  const std::string id = crypto::RandomBytes(kIdSize);
  KW_RETURN_IF_ERROR(database_.Write(
      [&](storage::Transaction& tx) { return HsmKeyStore(tx).Insert(id, version, clock_.Now()); }));
  KW_FAULT_POINT("hsm_keys/before_generate");
  const std::string label = version.ToString();
  std::optional<Made> made;
  if (bits != 0) {
    KW_ASSIGN_OR_RETURN(const crypto::RsaPublicKey key, keys_.GenerateRsa(bits, id, label));
    made = Made{KeyMaterial::FromImported(keys_.OpenRsa(key, id)), Stored(id, key.ToSpkiDer())};
  } else {
    KW_ASSIGN_OR_RETURN(const crypto::EcPublicKey key, keys_.GenerateEc(*curve, id, label));
    made = Made{KeyMaterial::FromImported(keys_.OpenEc(key, id)), Stored(id, key.ToSpkiDer())};
  }
  KW_FAULT_POINT("hsm_keys/after_generate");
  return *std::move(made);
}

bool HsmKeys::IsStored(const crypto::SecretBytes& stored) {
  return stored.size() > 1 + kIdSize && stored.ExposeSecret()[0] == kStoredHsm;
}

absl::StatusOr<KeyMaterial> HsmKeys::Open(v1::KeyType type,
                                          const crypto::SecretBytes& stored) const {
  if (!IsStored(stored)) return NoSuchKey();
  const absl::string_view id = stored.ExposeSecret().substr(1, kIdSize);
  const absl::string_view der = stored.ExposeSecret().substr(1 + kIdSize);
  if (const int bits = RsaBits(type); bits != 0) {
    KW_ASSIGN_OR_RETURN(const auto key, crypto::RsaPublicKey::FromSpkiDer(der));
    if (key.bits() != bits) return NoSuchKey();
    return KeyMaterial::FromImported(keys_.OpenRsa(key, id));
  }
  KW_ASSIGN_OR_RETURN(const auto key, crypto::EcPublicKey::FromSpkiDer(der));
  if (key.curve() != Curve(type)) return NoSuchKey();
  return KeyMaterial::FromImported(keys_.OpenEc(key, id));
}

absl::StatusOr<int> HsmKeys::DestroyUnused() {
  int destroyed = 0;
  while (true) {
    std::vector<UnusedHsmKey> unused;
    KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
      KW_ASSIGN_OR_RETURN(unused,
                          HsmKeyStore(tx).ListUnused(clock_.Now() - kLongestCreation, kBatch));
      return absl::OkStatus();
    }));
    if (unused.empty()) return destroyed;
    for (const UnusedHsmKey& key : unused) {
      KW_RETURN_IF_ERROR(keys_.Destroy(key.id));
      KW_FAULT_POINT("hsm_keys/after_destroy");
      KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
        KW_RETURN_IF_ERROR(HsmKeyStore(tx).Delete(key.id));
        return AuditBackground(tx, BackgroundCall(), "background/DestroyHsmKey", key.version,
                               clock_.Now());
      }));
      ++destroyed;
    }
  }
}

void HsmKeys::Start(absl::Duration interval) {
  worker_.Start([this, interval] {
    const absl::StatusOr<int> destroyed = DestroyUnused();
    if (!destroyed.ok()) {
      server::Log(server::Severity::kError, "hsm_keys.destruction_held_up",
                  {{"cause", std::string(destroyed.status().message())}});
    } else if (*destroyed > 0) {
      server::Log(server::Severity::kInfo, "hsm_keys.destroyed", {{"keys", *destroyed}});
    }
    return interval;
  });
}

}  // namespace keyward::key_vault
