#ifndef KEYWARD_SERVICES_ENCRYPTION_PLATFORM_KEYS_H_
#define KEYWARD_SERVICES_ENCRYPTION_PLATFORM_KEYS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/crypto/aes_gcm.h"
#include "common/crypto/root_key.h"
#include "common/server/sealed_column.h"
#include "common/storage/database.h"

namespace keyward::encryption {

// Where the sealed platform keys are.
server::SealedColumn PlatformKeyColumn();

// The platform's own keys, AES-256, numbered: the newest wraps, the older ones go on to unwrap.
// They lie in the database sealed under the service's root key. Immutable once loaded; thread-safe.
class PlatformKeys {
 public:
  // Unseals all of them; makes the first one if there is none. FAILED_PRECONDITION if they were
  // sealed under another root key; INVALID_ARGUMENT if they were changed.
  static absl::StatusOr<std::unique_ptr<PlatformKeys>> Load(storage::Database& database,
                                                            const crypto::RootKey& root_key,
                                                            absl::Time now);

  int64_t current_version() const { return keys_.rbegin()->first; }
  const crypto::AesGcmAead& current() const { return *keys_.rbegin()->second; }

  // The key of that version; null if there never was one.
  const crypto::AesGcmAead* Find(int64_t version) const;

 private:
  using Keys = std::map<int64_t, std::unique_ptr<const crypto::AesGcmAead>>;

  explicit PlatformKeys(Keys keys) : keys_(std::move(keys)) {}

  const Keys keys_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_PLATFORM_KEYS_H_
