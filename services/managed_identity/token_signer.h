#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_TOKEN_SIGNER_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_TOKEN_SIGNER_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/auth/token.h"
#include "common/crypto/ecdsa.h"
#include "common/crypto/root_key.h"
#include "common/server/sealed_column.h"
#include "keyward/identity/v1/tokens.pb.h"
#include "services/managed_identity/changes.h"

namespace keyward::managed_identity {

// Where the sealed signing keys are.
server::SealedColumn SigningKeyColumn();

// Signs tokens with the newest of the service's P-256 keys. Private keys rest in the database,
// sealed under the root key; published are the public ones, by SigningKeysChanged. Thread-safe.
class TokenSigner {
 public:
  // Loads the keys. If there is none yet, which is so at the first start, makes one, stores it and
  // publishes it, all in one transaction: of several replicas that start at once, one does.
  // `issuer` is for a key made now. FAILED_PRECONDITION, saying what to do, if a key was sealed
  // under another root key.
  static absl::StatusOr<std::unique_ptr<TokenSigner>> LoadOrCreate(const Changes& changes,
                                                                   const crypto::RootKey& root_key,
                                                                   const std::string& issuer);

  // The `iss` that tokens need.
  const std::string& issuer() const { return issuer_; }
  // The keys that verify tokens.
  const std::vector<identity::v1::SigningKey>& public_keys() const { return public_keys_; }

  // The token with these claims, as a compact ES256 JWT; a secret.
  absl::StatusOr<std::string> Sign(const auth::TokenClaims& claims) const;

 private:
  TokenSigner(crypto::EcPrivateKey key, std::string key_id, std::string issuer,
              std::vector<identity::v1::SigningKey> public_keys)
      : key_(std::move(key)),
        key_id_(std::move(key_id)),
        issuer_(std::move(issuer)),
        public_keys_(std::move(public_keys)) {}

  const crypto::EcPrivateKey key_;
  const std::string key_id_;
  const std::string issuer_;
  const std::vector<identity::v1::SigningKey> public_keys_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_TOKEN_SIGNER_H_
