#ifndef KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_KEY_H_
#define KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_KEY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/crypto/aead.h"
#include "common/crypto/aes_gcm.h"
#include "common/crypto/aes_key.h"
#include "common/crypto/secret_bytes.h"
#include "services/encryption/names.h"

namespace keyward::encryption {

// The AES-256 key of one account: wraps its scope keys, and is itself wrapped by the platform's key
// or by the customer's. Every wrapping is bound to what it is for, so that none can be put in
// another's place. Immutable but for being
// moved; thread-safe.
class AccountKey {
 public:
  static AccountKey Generate(AccountName account) {
    return AccountKey(std::move(account), crypto::AesKey::Generate());
  }
  // From what the customer's key unwrapped. INVALID_ARGUMENT unless it has the size of a key.
  static absl::StatusOr<AccountKey> FromBytes(AccountName account, crypto::SecretBytes bytes);
  // From what WrapWith made. INVALID_ARGUMENT if it was changed, or is of another account or
  // number.
  static absl::StatusOr<AccountKey> Unwrap(AccountName account, int64_t number,
                                           const crypto::Aead& platform_key,
                                           const std::string& wrapped);

  // For the customer's key to wrap.
  const crypto::SecretBytes& bytes() const { return key_.bytes(); }

  // Wraps it as the account's key of this number.
  absl::StatusOr<std::string> WrapWith(const crypto::Aead& platform_key, int64_t number) const;

  absl::StatusOr<std::string> WrapScopeKey(const std::string& scope, int64_t generation,
                                           const crypto::AesKey& scope_key) const;
  // INVALID_ARGUMENT if `wrapped` was changed, or is of another account, scope or generation.
  absl::StatusOr<crypto::AesKey> UnwrapScopeKey(const std::string& scope, int64_t generation,
                                                const std::string& wrapped) const;

 private:
  AccountKey(AccountName account, crypto::AesKey key)
      : account_(std::move(account)),
        key_(std::move(key)),
        aead_(std::make_unique<const crypto::AesGcmAead>(key_)) {}

  AccountName account_;
  crypto::AesKey key_;
  std::unique_ptr<const crypto::AesGcmAead> aead_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_KEY_H_
