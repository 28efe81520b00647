#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_MESSAGES_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_MESSAGES_H_

#include <string>

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "keyward/identity/v1/events.pb.h"
#include "keyward/identity/v1/federation.pb.h"
#include "keyward/identity/v1/identities.pb.h"
#include "keyward/identity/v1/roles.pb.h"
#include "keyward/identity/v1/tenants.pb.h"
#include "services/managed_identity/federation.h"
#include "services/managed_identity/identity.h"
#include "services/managed_identity/role_assignment.h"
#include "services/managed_identity/tenant.h"

namespace keyward::managed_identity {

// Domain values as messages: those of answers, and those of events.

// To the microsecond, which is what the database keeps.
google::protobuf::Timestamp ToProto(absl::Time time);
identity::v1::Tenant ToProto(const Tenant& tenant);
identity::v1::Subscription ToProto(const Subscription& subscription);
identity::v1::Identity ToProto(const Identity& identity);
identity::v1::RoleAssignment ToProto(const RoleAssignment& assignment);
identity::v1::TrustedIssuer ToProto(const TrustedIssuer& issuer);
identity::v1::FederatedCredential ToProto(const FederatedCredential& credential);

// What is told of a principal that came, or that stays with a later mark; or of one that went:
// `principal_id` was that of `identity` in `tenant` before the change.
identity::v1::PrincipalChanged PrincipalCame(const Identity& identity);
identity::v1::PrincipalChanged PrincipalWent(const Identity& identity,
                                             const std::string& principal_id,
                                             const TenantName& tenant, absl::Time now);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_MESSAGES_H_
