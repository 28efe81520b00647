#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_ROLE_ASSIGNMENT_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_ROLE_ASSIGNMENT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "keyward/identity/v1/roles.pb.h"
#include "services/managed_identity/names.h"

namespace keyward::managed_identity {

// Whom a role is given to, as checked by ParseGrantee. A value.
struct Grantee {
  // A SPIFFE ID, the principal id of an identity, or "oidc:{issuer}#{sub}".
  std::string principal;
  bool is_identity = false;
  bool is_oidc = false;
};

// A principal's role on a resource and on all that lies below it. A value.
struct RoleAssignment {
  RoleAssignmentName name;
  std::string principal;
  identity::v1::Role role = identity::v1::ROLE_UNSPECIFIED;
  ResourcePath scope;
  absl::Time create_time;
  // The sequence of the event that told of it.
  int64_t last_event = 0;

  // Whether it makes an operator administrator of everything. An identity does not count, because
  // it can be disabled at any time.
  bool keeps_the_door_open() const;
};

// INVALID_ARGUMENT naming `field` unless it is the SPIFFE ID of an operator or a service of the
// trust domain, a UUID, or "oidc:{issuer}#{sub}". Whether an identity has that UUID, and whether
// the issuer is trusted, is for the caller to see.
absl::StatusOr<Grantee> ParseGrantee(absl::string_view principal, absl::string_view trust_domain,
                                     absl::string_view field);

// INVALID_ARGUMENT naming `field` unless it is one of the built-in roles.
absl::StatusOr<identity::v1::Role> ParseRole(int role, absl::string_view field);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_ROLE_ASSIGNMENT_H_
