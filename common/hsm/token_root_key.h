#ifndef KEYWARD_COMMON_HSM_TOKEN_ROOT_KEY_H_
#define KEYWARD_COMMON_HSM_TOKEN_ROOT_KEY_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/root_key.h"
#include "common/crypto/secret_bytes.h"
#include "common/hsm/token.h"
#include "common/hsm/token_object.h"

namespace keyward::hsm {

// A root key that was made in a token and cannot leave it: AES-256, sensitive, not extractable.
// Sealing is AES-256-GCM in the token (CKM_AES_GCM) with the context as associated data. Its id is
// the object's CKA_ID, by which keys of one label are told apart. UNAVAILABLE while the token or
// the key in it is out of reach. Thread-safe.
//
// Nonces are random, so a key may seal 2^32 secrets in its life (NIST SP 800-38D, section 8.3): a
// secret is sealed once when it is made, which is far below that.
class TokenRootKey final : public crypto::RootKey {
 public:
  // The key of that label and id; of that label alone the one with the lowest id, if `id` is empty.
  // NOT_FOUND if there is none; FAILED_PRECONDITION, saying what to do, if it is no such key as
  // above.
  static absl::StatusOr<std::unique_ptr<TokenRootKey>> Find(std::shared_ptr<Token> token,
                                                            const std::string& label,
                                                            absl::string_view id);

  // A new key.
  static absl::StatusOr<std::unique_ptr<TokenRootKey>> Create(std::shared_ptr<Token> token,
                                                              const std::string& label);

  absl::StatusOr<std::string> Seal(const crypto::SecretBytes& secret,
                                   absl::string_view context) const override;
  absl::StatusOr<crypto::SecretBytes> Unseal(absl::string_view sealed,
                                             absl::string_view context) const override;
  const std::string& id() const override { return id_; }

 private:
  TokenRootKey(std::shared_ptr<Token> token, std::string label, std::string id);

  absl::Status CheckAttributes() const;
  // Whether the token seals and unseals as it should.
  bool Works() const;
  // Unseals once. `refused` tells that the token was there and did not.
  absl::StatusOr<crypto::SecretBytes> Open(absl::string_view body, absl::string_view context,
                                           bool& refused) const;

  const std::shared_ptr<Token> token_;
  const std::string label_;
  const std::string id_;
  const TokenObject key_;
};

}  // namespace keyward::hsm

#endif  // KEYWARD_COMMON_HSM_TOKEN_ROOT_KEY_H_
