#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_TOKEN_SIGNER_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_TOKEN_SIGNER_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/auth/token.h"
#include "common/crypto/ecdsa.h"
#include "common/crypto/root_key.h"
#include "services/managed_identity/changes.h"
#include "services/managed_identity/key_succession.h"

namespace keyward::managed_identity {

// Signs tokens with the key whose turn it is, which the database is asked for each time: replicas
// that share it sign with the same one, and a revoked one signs nothing from the moment of its
// revocation on. Private keys rest in the database, sealed under the root key; the one in use is
// kept in memory. Thread-safe.
class TokenSigner {
 public:
  // Makes the keys that are missing, all at the first start, in one transaction: of several
  // replicas that start at once, one does. `issuer` is for keys made from now on. `changes` and
  // `succession` must outlive this. FAILED_PRECONDITION, saying what to do, if the key in use was
  // sealed under another root key.
  static absl::StatusOr<std::unique_ptr<TokenSigner>> Open(const Changes& changes,
                                                           const KeySuccession& succession,
                                                           const crypto::RootKey& root_key,
                                                           const std::string& issuer);

  // The issuer of keys made from now on.
  const std::string& issuer() const { return issuer_; }

  // The token with these claims, as a compact ES256 JWT; a secret. The issuer is set here: it is
  // that of the key. Waits first, where it must, until every service knows the key, which may have
  // taken the place of a revoked one: DEADLINE_EXCEEDED if `deadline` comes first.
  absl::StatusOr<std::string> Sign(auth::TokenClaims claims,
                                   absl::Time deadline = absl::InfiniteFuture()) const;

 private:
  struct Opened {
    std::string key_id;
    std::shared_ptr<const crypto::EcPrivateKey> key;
  };

  TokenSigner(const Changes& changes, const crypto::RootKey& root_key, std::string issuer)
      : changes_(changes), root_key_(root_key), issuer_(std::move(issuer)) {}

  absl::StatusOr<SigningKey> FindActive() const;
  absl::StatusOr<std::shared_ptr<const crypto::EcPrivateKey>> OpenKey(
      const std::string& key_id) const;

  const Changes& changes_;
  const crypto::RootKey& root_key_;
  const std::string issuer_;
  mutable absl::Mutex mutex_;
  mutable Opened opened_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_TOKEN_SIGNER_H_
