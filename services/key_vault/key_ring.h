#ifndef KEYWARD_SERVICES_KEY_VAULT_KEY_RING_H_
#define KEYWARD_SERVICES_KEY_VAULT_KEY_RING_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/crypto/root_key.h"
#include "common/server/sealed_column.h"
#include "keyward/keyvault/v1/keys.pb.h"
#include "services/key_vault/hsm_keys.h"
#include "services/key_vault/key_material.h"
#include "services/key_vault/names.h"

namespace keyward::key_vault {

// Where the sealed private keys are.
server::SealedColumn PrivateKeyColumn();

// Private keys between the database, where they are sealed under the root key with their version's
// name as context, and memory, where the ones used last are kept ready: unsealed and parsed once.
// Whether a key may be used is not its business: it must be asked of the database each time. It
// only forgets keys that were taken away. Thread-safe; no lock is held while keys are used.
class KeyRing {
 public:
  // Keeps at most `capacity` keys ready. `hsm` is where keys in the token are opened; null if the
  // server has no token.
  KeyRing(const crypto::RootKey& root_key, size_t capacity, HsmKeys* hsm = nullptr)
      : root_key_(root_key), hsm_(hsm), capacity_(capacity) {}

  // A private key that was made in the token, with the form in which it is stored.
  struct InHsm {
    KeyMaterial material;
    std::string sealed;
  };
  // Makes one. HSM_NOT_CONFIGURED; errors of HsmKeys::Generate and of the root key.
  absl::StatusOr<InHsm> MakeInHsm(const KeyVersionName& version, keyvault::v1::KeyType type) const;

  // The form in which the private key of a version is stored.
  absl::StatusOr<std::string> Seal(const KeyVersionName& version, const KeyMaterial& key) const;

  // What Seal made for the version `from`, sealed for the version `to` instead. INTERNAL as Open.
  absl::StatusOr<std::string> SealFor(const KeyVersionName& to, const KeyVersionName& from,
                                      absl::string_view sealed) const;

  // The key if it is ready; null if it must be opened.
  std::shared_ptr<const KeyMaterial> Find(const KeyVersionName& version);

  // Unseals, parses and keeps a key. INTERNAL if what is stored was tampered with, belongs to
  // another version or was sealed under another root key; UNAVAILABLE if the root key or the key is
  // in a token that is out of reach; FAILED_PRECONDITION if it is in a token and the server has
  // none.
  absl::StatusOr<std::shared_ptr<const KeyMaterial>> Open(const KeyVersionName& version,
                                                          keyvault::v1::KeyType type,
                                                          absl::string_view sealed);

  // Forgets a version; or every version of a resource ("vaults/v", "vaults/v/keys/k").
  void Forget(const KeyVersionName& version);
  void ForgetAllOf(absl::string_view resource);

  size_t size() const;

 private:
  struct Entry {
    std::string version;
    std::shared_ptr<const KeyMaterial> key;
  };

  absl::StatusOr<KeyMaterial> Parse(keyvault::v1::KeyType type,
                                    const crypto::SecretBytes& stored) const;

  const crypto::RootKey& root_key_;
  HsmKeys* const hsm_;
  const size_t capacity_;
  mutable absl::Mutex mutex_;
  // The one used last comes first.
  std::list<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, std::list<Entry>::iterator> index_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_KEY_RING_H_
