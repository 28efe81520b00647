#ifndef KEYWARD_SERVICES_ENCRYPTION_OPEN_KEYS_H_
#define KEYWARD_SERVICES_ENCRYPTION_OPEN_KEYS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/crypto/aes_gcm.h"
#include "services/encryption/account.h"
#include "services/encryption/account_key.h"

namespace keyward::encryption {

// What must stay as it is for keys that were taken from an account to stay good. A value.
struct KeyTag {
  int64_t account_key = 0;
  int64_t epoch = 0;
  int64_t scopes_revision = 0;

  static KeyTag Of(const Account& account) {
    return {account.key.number, account.access.epoch, account.scopes_revision};
  }
  friend bool operator==(const KeyTag&, const KeyTag&) = default;
};

// A scope key, ready for use.
struct ScopeKey {
  int64_t generation = 0;
  std::shared_ptr<const crypto::AesGcmAead> aead;
};

// The unwrapped keys of one account: its account key, and those scope keys that were needed so far.
// Everything is wiped with the last reference. Thread-safe.
class OpenKeys {
 public:
  explicit OpenKeys(AccountKey account_key) : account_key_(std::move(account_key)) {}

  const AccountKey& account_key() const { return account_key_; }

  // The key that new objects of a scope are put under; none if it was not needed yet.
  std::optional<ScopeKey> Newest(const std::string& scope) const;
  // The key of that generation; null if it was not needed yet.
  std::shared_ptr<const crypto::AesGcmAead> Find(const std::string& scope,
                                                 int64_t generation) const;

  // Remembers a key, also as the newest one if it is.
  void Remember(const std::string& scope, const ScopeKey& key, bool newest);

 private:
  const AccountKey account_key_;
  mutable absl::Mutex mutex_;
  std::map<std::string, ScopeKey> newest_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, int64_t>, std::shared_ptr<const crypto::AesGcmAead>> keys_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_OPEN_KEYS_H_
