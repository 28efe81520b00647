#ifndef KEYWARD_SERVICES_ENCRYPTION_SCOPE_KEYS_H_
#define KEYWARD_SERVICES_ENCRYPTION_SCOPE_KEYS_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/crypto/aes_gcm.h"
#include "common/storage/database.h"
#include "services/encryption/key_gate.h"
#include "services/encryption/open_keys.h"
#include "services/encryption/scope_key_store.h"

namespace keyward::encryption {

// Finds and makes the keys of an account's scopes. For use inside KeyGate::Run, which makes sure
// that what was found still held in the end. Thread-safe.
class ScopeKeys {
 public:
  // Both must outlive this.
  ScopeKeys(storage::Database& database, const clock::Clock& clock)
      : database_(database), clock_(clock) {}

  // The key for new objects of a scope; made if there is none that lives.
  absl::StatusOr<ScopeKey> ForSealing(const OpenAccount& open, const std::string& scope);

  // The key of that generation. SCOPE_DESTROYED; CIPHERTEXT_INVALID if there never was one.
  absl::StatusOr<std::shared_ptr<const crypto::AesGcmAead>> ForOpening(const OpenAccount& open,
                                                                       const std::string& scope,
                                                                       int64_t generation);

 private:
  // The newest key of the scope if it lives; otherwise a new one, stored.
  absl::StatusOr<StoredScopeKey> NewestOrNew(const OpenAccount& open, const std::string& scope);

  storage::Database& database_;
  const clock::Clock& clock_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_SCOPE_KEYS_H_
