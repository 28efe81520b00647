#ifndef KEYWARD_SERVICES_ENCRYPTION_KEY_VAULT_CLIENT_H_
#define KEYWARD_SERVICES_ENCRYPTION_KEY_VAULT_CLIENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/crypto/secret_bytes.h"
#include "common/server/call_context.h"
#include "services/encryption/key_inspection.h"

namespace keyward::encryption {

// What this service asks of key_vault. Each call ends within a short time of its own, or earlier
// with the deadline of `call`. Errors are those of key_vault, with its reasons; an answer whose
// bytes were damaged on their way is UNAVAILABLE, as if none had come. Thread-safe.
class KeyVaultClient {
 public:
  struct Wrapped {
    // The version used, by its full name.
    std::string version;
    std::string ciphertext;
  };

  virtual ~KeyVaultClient() = default;

  // All that bears on whether `principal` (which may be empty) can use the key for an account of
  // `tenant`. `key` may name a version.
  virtual absl::StatusOr<KeyInspection> Inspect(const server::CallContext& call,
                                                const std::string& key, const std::string& tenant,
                                                const std::string& principal) = 0;

  // Wraps and unwraps with RSA-OAEP-256, as the identity whose token is given.
  virtual absl::StatusOr<Wrapped> Wrap(const server::CallContext& call, const std::string& token,
                                       const std::string& key,
                                       const crypto::SecretBytes& plaintext) = 0;
  virtual absl::StatusOr<crypto::SecretBytes> Unwrap(const server::CallContext& call,
                                                     const std::string& token,
                                                     const std::string& version,
                                                     const std::string& ciphertext) = 0;

  // Tells, as this service, that `user` (the name of an account) depends on a version, or does no
  // longer. Either can be repeated. NOT_FOUND if the version is gone for good.
  virtual absl::Status RegisterUsage(const server::CallContext& call, const std::string& version,
                                     const std::string& user) = 0;
  virtual absl::Status ReleaseUsage(const server::CallContext& call, const std::string& version,
                                    const std::string& user) = 0;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_KEY_VAULT_CLIENT_H_
