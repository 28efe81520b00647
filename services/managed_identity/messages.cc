#include "services/managed_identity/messages.h"

#include "google/protobuf/util/time_util.h"

namespace keyward::managed_identity {

google::protobuf::Timestamp ToProto(absl::Time time) {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time));
}

identity::v1::Tenant ToProto(const Tenant& tenant) {
  identity::v1::Tenant message;
  message.set_name(tenant.name.ToString());
  message.set_display_name(tenant.display_name);
  *message.mutable_create_time() = ToProto(tenant.create_time);
  return message;
}

identity::v1::Subscription ToProto(const Subscription& subscription) {
  identity::v1::Subscription message;
  message.set_name(subscription.name.ToString());
  message.set_tenant(subscription.tenant.ToString());
  message.set_display_name(subscription.display_name);
  *message.mutable_create_time() = ToProto(subscription.create_time);
  *message.mutable_update_time() = ToProto(subscription.update_time);
  return message;
}

identity::v1::Identity ToProto(const Identity& identity) {
  identity::v1::Identity message;
  message.set_name(identity.name.ToString());
  message.set_resource(identity.resource);
  message.set_subscription(identity.subscription.ToString());
  message.set_tenant(identity.tenant.ToString());
  message.set_state(static_cast<identity::v1::Identity::State>(identity.state));
  message.set_principal_id(identity.principal_id);
  message.set_state_reason(identity.state_reason);
  message.set_kind(identity.user_assigned() ? identity::v1::Identity::KIND_USER_ASSIGNED
                                            : identity::v1::Identity::KIND_SYSTEM_ASSIGNED);
  *message.mutable_create_time() = ToProto(identity.create_time);
  *message.mutable_update_time() = ToProto(identity.update_time);
  return message;
}

identity::v1::RoleAssignment ToProto(const RoleAssignment& assignment) {
  identity::v1::RoleAssignment message;
  message.set_name(assignment.name.ToString());
  message.set_principal(assignment.principal);
  message.set_role(assignment.role);
  message.set_scope(assignment.scope.ToString());
  *message.mutable_create_time() = ToProto(assignment.create_time);
  return message;
}

identity::v1::TrustedIssuer ToProto(const TrustedIssuer& issuer) {
  identity::v1::TrustedIssuer message;
  message.set_name(issuer.name.ToString());
  message.set_issuer(issuer.issuer);
  message.set_ca_certificates(issuer.ca_certificates);
  message.set_jwks_uri(issuer.jwks_uri);
  message.set_operators(issuer.operators);
  *message.mutable_create_time() = ToProto(issuer.create_time);
  return message;
}

identity::v1::FederatedCredential ToProto(const FederatedCredential& credential) {
  identity::v1::FederatedCredential message;
  message.set_name(credential.name.ToString());
  message.set_issuer(credential.issuer);
  message.set_subject(credential.subject);
  message.add_audiences(credential.audience);
  *message.mutable_create_time() = ToProto(credential.create_time);
  if (credential.last_use_time > absl::UnixEpoch()) {
    *message.mutable_last_use_time() = ToProto(credential.last_use_time);
  }
  return message;
}

identity::v1::PrincipalChanged PrincipalCame(const Identity& identity) {
  identity::v1::PrincipalChanged message;
  message.set_identity(identity.name.ToString());
  message.set_resource(identity.resource);
  message.set_principal_id(identity.principal_id);
  message.set_tenant(identity.tenant.ToString());
  message.set_active(true);
  *message.mutable_not_before() = ToProto(identity.not_before);
  return message;
}

identity::v1::PrincipalChanged PrincipalWent(const Identity& identity,
                                             const std::string& principal_id,
                                             const TenantName& tenant, absl::Time now) {
  identity::v1::PrincipalChanged message;
  message.set_identity(identity.name.ToString());
  message.set_resource(identity.resource);
  message.set_principal_id(principal_id);
  message.set_tenant(tenant.ToString());
  message.set_active(false);
  *message.mutable_not_before() = ToProto(now);
  return message;
}

}  // namespace keyward::managed_identity
