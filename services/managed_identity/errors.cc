#include "services/managed_identity/errors.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"

namespace keyward::managed_identity {
namespace {

constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;
constexpr absl::StatusCode kExists = absl::StatusCode::kAlreadyExists;
constexpr absl::StatusCode kPrecondition = absl::StatusCode::kFailedPrecondition;

absl::Status About(const std::string& resource, absl::StatusCode code, absl::string_view reason,
                   std::string message) {
  return ErrorBuilder(code, reason, std::move(message)).With("resource", resource);
}

// A broken precondition, told as google.rpc.PreconditionFailure too.
absl::Status Broken(const std::string& resource, const std::string& reason, std::string message) {
  return ErrorBuilder(kPrecondition, reason, message)
      .With("resource", resource)
      .Violation(reason, resource, message);
}

}  // namespace

absl::Status TenantNotFound(const TenantName& name) {
  return About(name.ToString(), kNotFound, "TENANT_NOT_FOUND",
               absl::StrCat(name.ToString(), " does not exist; ListTenants shows those that do"));
}

absl::Status SubscriptionNotFound(const SubscriptionName& name) {
  return About(
      name.ToString(), kNotFound, "SUBSCRIPTION_NOT_FOUND",
      absl::StrCat(name.ToString(), " does not exist; ListSubscriptions shows those that do"));
}

absl::Status IdentityNotFound(const IdentityName& name) {
  return About(name.ToString(), kNotFound, "IDENTITY_NOT_FOUND",
               absl::StrCat(name.ToString(),
                            " does not exist; ListIdentities shows those that do. The identity of "
                            "an account comes into being with the account"));
}

absl::Status RoleAssignmentNotFound(const RoleAssignmentName& name) {
  return About(
      name.ToString(), kNotFound, "ROLE_ASSIGNMENT_NOT_FOUND",
      absl::StrCat(name.ToString(), " does not exist; ListRoleAssignments shows those that do"));
}

absl::Status SigningKeyNotFound(const std::string& key_id) {
  const std::string name = absl::StrCat("signingKeys/", key_id);
  return About(name, kNotFound, "SIGNING_KEY_NOT_FOUND",
               absl::StrCat(name, " does not exist; ListSigningKeys shows those that do"));
}

absl::Status NamedTenantNotFound(absl::string_view field, const TenantName& name) {
  return Broken(name.ToString(), "TENANT_NOT_FOUND",
                absl::StrCat(field, " names ", name.ToString(),
                             ", which does not exist; make it with CreateTenant first"));
}

absl::Status NamedSubscriptionNotFound(absl::string_view field, const SubscriptionName& name) {
  return Broken(name.ToString(), "SUBSCRIPTION_NOT_FOUND",
                absl::StrCat(field, " names ", name.ToString(),
                             ", which does not exist; make it with CreateSubscription first"));
}

absl::Status NamedIdentityNotFound(absl::string_view field, const IdentityName& name) {
  return Broken(name.ToString(), "IDENTITY_NOT_FOUND",
                absl::StrCat(field, " names ", name.ToString(),
                             ", which does not exist; ListIdentities shows those that do"));
}

absl::Status PrincipalNotFound(const std::string& principal_id) {
  return Broken(principal_id, "PRINCIPAL_NOT_FOUND",
                absl::StrCat("no identity has the principal id ", principal_id,
                             " now; GetIdentity shows the one of an enabled identity, which is new "
                             "each time it is enabled"));
}

absl::Status TenantExists(const TenantName& name) {
  return About(name.ToString(), kExists, "TENANT_EXISTS",
               absl::StrCat(name.ToString(), " exists already; choose another tenant_id"));
}

absl::Status SubscriptionExists(const SubscriptionName& name) {
  return About(name.ToString(), kExists, "SUBSCRIPTION_EXISTS",
               absl::StrCat(name.ToString(), " exists already; choose another subscription_id"));
}

absl::Status RoleAssignmentExists(const RoleAssignmentName& existing, const std::string& principal,
                                  const std::string& role, const std::string& scope) {
  return About(existing.ToString(), kExists, "ROLE_ASSIGNMENT_EXISTS",
               absl::StrCat(principal, " holds ", role, " on ", scope, " already, by ",
                            existing.ToString(), "; there is nothing to do"));
}

absl::Status IdentityExists(const IdentityName& existing, absl::string_view conflict) {
  return About(existing.ToString(), kExists, "IDENTITY_EXISTS",
               absl::StrCat(existing.ToString(), " exists already and ", conflict));
}

absl::Status SubscriptionAlreadyThere(const SubscriptionName& name, const TenantName& tenant) {
  return Broken(
      name.ToString(), "SUBSCRIPTION_ALREADY_THERE",
      absl::StrCat(name.ToString(), " is in ", tenant.ToString(), " already; nothing was changed"));
}

absl::Status IdentityDisabled(const IdentityName& name, const std::string& state_reason) {
  return Broken(
      name.ToString(), "IDENTITY_DISABLED",
      absl::StrCat(name.ToString(), " is disabled (", state_reason,
                   ") and has no principal; EnableIdentity gives it a new one, which needs "
                   "new grants"));
}

absl::Status IdentityDeleted(const IdentityName& name) {
  return Broken(name.ToString(), "IDENTITY_DELETED",
                absl::StrCat(name.ToString(),
                             " was deleted, with its principal and the roles on it. EnableIdentity "
                             "brings a resource's own identity back with a new principal; make a "
                             "user-assigned one anew with CreateUserAssignedIdentity"));
}

absl::Status IdentityNotUserAssigned(const IdentityName& name) {
  return Broken(name.ToString(), "IDENTITY_NOT_USER_ASSIGNED",
                absl::StrCat(name.ToString(),
                             " is the system-assigned identity of its resource, and for no other; "
                             "make one to share with CreateUserAssignedIdentity"));
}

absl::Status IdentityNotAttached(const IdentityName& name, const std::string& resource) {
  return Broken(name.ToString(), "IDENTITY_NOT_ATTACHED",
                absl::StrCat(name.ToString(), " is neither the identity of ", resource,
                             " nor attached to it; AttachIdentity attaches a user-assigned one"));
}

absl::Status IdentityAmbiguous(const std::string& resource,
                               const std::vector<std::string>& identities) {
  return Broken(resource, "IDENTITY_AMBIGUOUS",
                absl::StrCat(resource, " could act as any of ", absl::StrJoin(identities, ", "),
                             "; name one, or enable its system-assigned identity"));
}

absl::Status ResourceUnknown(const std::string& resource) {
  return Broken(
      resource, "RESOURCE_UNKNOWN",
      absl::StrCat(resource,
                   " has no identity here: an account has one once it is created, and again by "
                   "EnableIdentity after the deletion of it"));
}

absl::Status OtherTenant(const IdentityName& name, const TenantName& tenant,
                         const std::string& resource, const TenantName& other) {
  return Broken(name.ToString(), "OTHER_TENANT",
                absl::StrCat(name.ToString(), " is in ", tenant.ToString(), " and ", resource,
                             " in ", other.ToString(), "; identities do not cross tenants"));
}

absl::Status LastAdministrator(const RoleAssignmentName& name) {
  return Broken(name.ToString(), "LAST_ADMINISTRATOR",
                absl::StrCat(name.ToString(),
                             " makes the last operator administrator of \"/\"; without it nobody "
                             "could manage everything. Make another operator ROLE_ADMINISTRATOR on "
                             "\"/\" first"));
}

absl::Status SigningKeyExpired(const std::string& name, const std::string& why) {
  return Broken(name, "SIGNING_KEY_EXPIRED",
                absl::StrCat(name, " is not published any more (", why,
                             "), so no service accepts a token of it; nothing is left to revoke"));
}

}  // namespace keyward::managed_identity
