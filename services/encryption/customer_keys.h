#ifndef KEYWARD_SERVICES_ENCRYPTION_CUSTOMER_KEYS_H_
#define KEYWARD_SERVICES_ENCRYPTION_CUSTOMER_KEYS_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/crypto/secret_bytes.h"
#include "common/server/call_context.h"
#include "services/encryption/identity_tokens.h"
#include "services/encryption/key_vault_client.h"

namespace keyward::encryption {

// Uses customers' keys in key_vault as the identities of their accounts. A token that key_vault
// does not accept (it may not have heard yet of a principal just made) is replaced, and the call
// tried again for a short time. Thread-safe.
//
// Errors: what key_vault said, with its reason (IsAuthoritativeRefusal tells what it means), or
// UNAVAILABLE if there is no token.
class CustomerKeys {
 public:
  // All must outlive this.
  CustomerKeys(KeyVaultClient& client, IdentityTokens& tokens, const clock::Clock& clock)
      : client_(client), tokens_(tokens), clock_(clock) {}

  struct Wrapped {
    std::string ciphertext;
    // The principal that did it.
    std::string principal;
  };
  struct Unwrapped {
    crypto::SecretBytes plaintext;
    std::string principal;
  };

  // Wraps with this very version of a key, and unwraps.
  absl::StatusOr<Wrapped> Wrap(const server::CallContext& call, const KeyUser& user,
                               const std::string& version, const crypto::SecretBytes& plaintext);
  absl::StatusOr<Unwrapped> Unwrap(const server::CallContext& call, const KeyUser& user,
                                   const std::string& version, const std::string& ciphertext);

  // Wraps something and unwraps it again.
  absl::Status Probe(const server::CallContext& call, const KeyUser& user,
                     const std::string& version);

  // The next call for the account gets a new token.
  void ForgetToken(const AccountName& account) { tokens_.Drop(account); }

 private:
  // Runs `use` with a token, and anew with a fresh one while key_vault does not accept it; returns
  // the principal of the token that was accepted.
  absl::StatusOr<std::string> WithToken(const server::CallContext& call, const KeyUser& user,
                                        absl::FunctionRef<absl::Status(const std::string&)> use);
  // Waits before the next try; false if there is no time for one.
  bool BackOff(const server::CallContext& call, int attempt) const;

  KeyVaultClient& client_;
  IdentityTokens& tokens_;
  const clock::Clock& clock_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_CUSTOMER_KEYS_H_
