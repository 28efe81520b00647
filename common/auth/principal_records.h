#ifndef KEYWARD_COMMON_AUTH_PRINCIPAL_RECORDS_H_
#define KEYWARD_COMMON_AUTH_PRINCIPAL_RECORDS_H_

#include <cstdint>
#include <map>
#include <string>
#include <variant>

#include "absl/time/time.h"
#include "common/crypto/ecdsa.h"
#include "keyward/identity/v1/roles.pb.h"

namespace keyward::auth {

// What PrincipalDirectory keeps, in the database and in memory. Each record carries the sequence,
// in managed_identity's feed, of the event that it came from: of two records about the same thing
// the one with the higher sequence stands. Plain values.

// A key that verifies tokens, and the `iss` that they must have.
struct SigningKey {
  std::string issuer;
  crypto::EcPublicKey key;
};

// The keys that verify tokens, all of them.
struct SigningKeySet {
  int64_t sequence = 0;
  // By key id.
  std::map<std::string, SigningKey> keys;
};

// A principal: what its identity is while it is ENABLED.
struct Principal {
  int64_t sequence = 0;
  std::string id;
  // As "identities/{identity}".
  std::string identity;
  // The resource whose identity it is, such as "accounts/contoso".
  std::string resource;
  // As "tenants/{tenant}".
  std::string tenant;
  // Whether it exists now.
  bool active = false;
  // Tokens issued before are refused.
  absl::Time not_before = absl::InfinitePast();
};

// A role assignment, or the memory of one that is gone. Deleting one also raises the moment before
// which no token of its principal counts.
struct RoleGrant {
  int64_t sequence = 0;
  // As "roleAssignments/{role_assignment}".
  std::string name;
  std::string principal;
  identity::v1::Role role = identity::v1::ROLE_UNSPECIFIED;
  std::string scope;
  bool deleted = false;
  absl::Time not_before = absl::InfinitePast();
};

using PrincipalRecord = std::variant<SigningKeySet, Principal, RoleGrant>;

}  // namespace keyward::auth

#endif  // KEYWARD_COMMON_AUTH_PRINCIPAL_RECORDS_H_
