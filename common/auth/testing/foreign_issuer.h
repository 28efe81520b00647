#ifndef KEYWARD_COMMON_AUTH_TESTING_FOREIGN_ISSUER_H_
#define KEYWARD_COMMON_AUTH_TESTING_FOREIGN_ISSUER_H_

#include <nlohmann/json.hpp>
#include <string>

#include "absl/time/time.h"
#include "common/crypto/ecdsa.h"
#include "common/crypto/rsa.h"

namespace keyward::auth::testing {

// Plays another issuer of tokens: has one key of each type, "rsa" and "ec", and signs whatever a
// test wants. Thread-safe.
class ForeignIssuer {
 public:
  ForeignIssuer();

  // A JWK of its public key: "rsa" for RS256, "ec" for ES256.
  nlohmann::json Jwk(const std::string& key_id) const;
  // The set of both, as it publishes it.
  std::string JwkSet() const;

  // Claims that are good at `now`: of `issuer` about "system:serviceaccount:shop:checkout", for the
  // audience "keyward", for an hour.
  static nlohmann::json Claims(const std::string& issuer, absl::Time now);

  // A token with the key "rsa" or "ec" under its own header, or under `header`.
  std::string Sign(const nlohmann::json& claims, const std::string& key_id = "rsa") const;
  std::string Sign(const nlohmann::json& claims, const std::string& key_id,
                   const nlohmann::json& header) const;

 private:
  const crypto::RsaPrivateKey rsa_;
  const crypto::EcPrivateKey ec_;
};

}  // namespace keyward::auth::testing

#endif  // KEYWARD_COMMON_AUTH_TESTING_FOREIGN_ISSUER_H_
