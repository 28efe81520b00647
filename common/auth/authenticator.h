#ifndef KEYWARD_COMMON_AUTH_AUTHENTICATOR_H_
#define KEYWARD_COMMON_AUTH_AUTHENTICATOR_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/auth/authorizer.h"
#include "common/auth/caller.h"
#include "common/auth/token_verifier.h"

namespace keyward::auth {

// What a call brought along to prove who makes it.
struct Credentials {
  // From the client certificate, verified by TLS; empty if there is none or it has no SPIFFE ID.
  std::string spiffe_id;
  // The value of the metadata "authorization", if it was sent.
  std::optional<std::string> authorization;
};

// Tells who calls. The certificate always counts; a token that came with it makes the caller the
// token's identity, and a bad one is never ignored. Thread-safe.
class Authenticator {
 public:
  struct Result {
    // The caller, or the error for it: UNAUTHENTICATED with reason CERTIFICATE_REQUIRED or
    // TOKEN_INVALID; UNAVAILABLE with reason FEED_STALE for a token that cannot be judged now.
    absl::StatusOr<Caller> caller;
    // With an error: precisely what is wrong, for the log only.
    std::string cause;
    // The SPIFFE ID of the certificate, if it is one of the trust domain.
    std::string spiffe_id;
  };

  Authenticator(std::string trust_domain, const TokenVerifier& tokens, FreshnessCheck fresh);

  Result Authenticate(const Credentials& credentials) const;

 private:
  Result AuthenticateToken(Caller via, absl::string_view authorization) const;

  const std::string trust_domain_;
  const TokenVerifier& tokens_;
  const FreshnessCheck fresh_;
};

}  // namespace keyward::auth

#endif  // KEYWARD_COMMON_AUTH_AUTHENTICATOR_H_
