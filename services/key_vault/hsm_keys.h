#ifndef KEYWARD_SERVICES_KEY_VAULT_HSM_KEYS_H_
#define KEYWARD_SERVICES_KEY_VAULT_HSM_KEYS_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock/background_worker.h"
#include "common/clock/clock.h"
#include "common/crypto/secret_bytes.h"
#include "common/hsm/token.h"
#include "common/hsm/token_keys.h"
#include "common/storage/database.h"
#include "keyward/keyvault/v1/keys.pb.h"
#include "services/key_vault/key_material.h"
#include "services/key_vault/names.h"

namespace keyward::key_vault {

// The private keys that are made in a token and stay there: those of premium vaults. The database
// remembers each (hsm_key_store.h) before it is made, so that what a crash, a refused request or a
// purge leaves behind in the token is destroyed later. Thread-safe.
class HsmKeys {
 public:
  // A key in the token, and what the vault keeps of it, to be sealed: no secret, but it decides
  // which key is used.
  struct Made {
    KeyMaterial material;
    crypto::SecretBytes stored;
  };

  // The first two must outlive this.
  HsmKeys(storage::Database& database, const clock::Clock& clock, std::shared_ptr<hsm::Token> token)
      : database_(database), clock_(clock), keys_(std::move(token)), worker_(clock) {}

  // Makes the private key of a version that is about to be created. KEY_TYPE_NOT_IN_HSM;
  // UNAVAILABLE while the token is out of reach; errors of the database.
  absl::StatusOr<Made> Generate(const KeyVersionName& version, keyvault::v1::KeyType type);

  // Whether that is what Made::stored holds.
  static bool IsStored(const crypto::SecretBytes& stored);

  // The key of which that was stored. INVALID_ARGUMENT if it was not of a key of that type.
  absl::StatusOr<KeyMaterial> Open(keyvault::v1::KeyType type,
                                   const crypto::SecretBytes& stored) const;

  // Destroys in the token what no version uses; returns how many keys that were.
  absl::StatusOr<int> DestroyUnused();

  // Does so now and then, in a thread of its own. Once only. Stop returns when the thread has
  // ended.
  void Start(absl::Duration interval = absl::Minutes(1));
  void Stop() { worker_.Stop(); }

 private:
  storage::Database& database_;
  const clock::Clock& clock_;
  const hsm::TokenKeys keys_;
  // Last, so that it stops first.
  clock::BackgroundWorker worker_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_HSM_KEYS_H_
