#ifndef KEYWARD_COMMON_HSM_TOKEN_KEYS_H_
#define KEYWARD_COMMON_HSM_TOKEN_KEYS_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/ecdsa.h"
#include "common/crypto/rsa.h"
#include "common/hsm/token.h"

namespace keyward::hsm {

// Key pairs whose private keys were made in a token and cannot leave it: sensitive, not
// extractable. A private key is found by its id (CKA_ID), which is the caller's to choose and never
// used again; its label is for people. Every error is UNAVAILABLE while the token or the key in it
// is out of reach, FAILED_PRECONDITION if the token cannot do it. Thread-safe.
//
// With RSA the token does the bare private operation alone (CKM_RSA_X_509, in C_Decrypt); paddings
// are BoringSSL's, in constant time, for tokens differ in which hashes they know for OAEP and PSS.
class TokenKeys {
 public:
  explicit TokenKeys(std::shared_ptr<Token> token) : token_(std::move(token)) {}

  // Makes a private key, of 2048, 3072 or 4096 bits with exponent 65537, or on a curve.
  absl::StatusOr<crypto::RsaPublicKey> GenerateRsa(int bits, absl::string_view id,
                                                   absl::string_view label) const;
  absl::StatusOr<crypto::EcPublicKey> GenerateEc(crypto::EcCurve curve, absl::string_view id,
                                                 absl::string_view label) const;

  // The private key of that id, to be used from any number of threads. Whether it is there shows
  // when it is used.
  crypto::RsaPrivateKey OpenRsa(const crypto::RsaPublicKey& key, absl::string_view id) const;
  crypto::EcPrivateKey OpenEc(const crypto::EcPublicKey& key, absl::string_view id) const;

  // Destroys what has that id, if there is anything.
  absl::Status Destroy(absl::string_view id) const;

 private:
  const std::shared_ptr<Token> token_;
};

}  // namespace keyward::hsm

#endif  // KEYWARD_COMMON_HSM_TOKEN_KEYS_H_
