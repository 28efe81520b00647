#ifndef KEYWARD_COMMON_AUTH_CALLER_H_
#define KEYWARD_COMMON_AUTH_CALLER_H_

#include <string>

namespace keyward::auth {

// Who calls, as proved by the client certificate and, where one was sent, by a bearer token. A
// plain value.
struct Caller {
  enum class Kind {
    // A person or a tool with an operator's certificate.
    kOperator,
    // A service of Keyward with its certificate.
    kService,
    // A managed identity by its token, sent over somebody's certificate.
    kIdentity,
    // What runs elsewhere, such as in a cluster, with a certificate that is good for getting a
    // token
    // and for sending it along; by itself it has no right.
    kWorkload,
  };

  Kind kind = Kind::kOperator;
  // A SPIFFE ID such as "spiffe://keyward.local/operator/alice", or the principal id of an identity
  // (a UUID), or "oidc:{issuer}#{sub}" of an operator known by a token. What role assignments and
  // access policies name.
  std::string principal;
  // The last part of the SPIFFE ID, such as "alice" or "encryption"; empty for identities.
  std::string name;
  // The SPIFFE ID of the certificate over which a token came; empty without a token.
  std::string via;
  // Identities only: the tenant of the principal, as "tenants/{tenant}".
  std::string tenant;
  // Identities only: the resource whose identity it is, such as "accounts/contoso".
  std::string resource;
};

}  // namespace keyward::auth

#endif  // KEYWARD_COMMON_AUTH_CALLER_H_
