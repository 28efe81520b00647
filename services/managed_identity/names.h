#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_NAMES_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_NAMES_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace keyward::managed_identity {

// The name of a resource of this service, "{collection}/{id}", known to be well formed. Kinds
// differ in their collection and in the form of their ids. Parse and FromId return INVALID_ARGUMENT
// naming `field`, the field of the request that holds the name. Values; cheap to copy and to
// compare.
template <typename Kind>
class ResourceName {
 public:
  // From its full form, such as "tenants/contoso".
  static absl::StatusOr<ResourceName> Parse(absl::string_view name, absl::string_view field);
  // From an id that a caller chose, such as "contoso".
  static absl::StatusOr<ResourceName> FromId(absl::string_view id, absl::string_view field);
  // From an id that this service wrote itself.
  static ResourceName FromTrustedId(std::string id) { return ResourceName(std::move(id)); }

  const std::string& id() const { return id_; }
  std::string ToString() const { return absl::StrCat(Kind::kCollection, "/", id_); }

  friend bool operator==(const ResourceName& a, const ResourceName& b) { return a.id_ == b.id_; }

 private:
  explicit ResourceName(std::string id) : id_(std::move(id)) {}

  std::string id_;
};

struct TenantKind {
  static constexpr absl::string_view kCollection = "tenants";
};
struct SubscriptionKind {
  static constexpr absl::string_view kCollection = "subscriptions";
};
struct IdentityKind {
  static constexpr absl::string_view kCollection = "identities";
};
struct RoleAssignmentKind {
  static constexpr absl::string_view kCollection = "roleAssignments";
};
struct TrustedIssuerKind {
  static constexpr absl::string_view kCollection = "trustedIssuers";
};

// "tenants/{tenant}", an id of 3-63 of [0-9a-z-], a letter first; so are the next three.
using TenantName = ResourceName<TenantKind>;
using SubscriptionName = ResourceName<SubscriptionKind>;
using IdentityName = ResourceName<IdentityKind>;
using TrustedIssuerName = ResourceName<TrustedIssuerKind>;
// "roleAssignments/{uuid}".
using RoleAssignmentName = ResourceName<RoleAssignmentKind>;

extern template class ResourceName<TenantKind>;
extern template class ResourceName<SubscriptionKind>;
extern template class ResourceName<IdentityKind>;
extern template class ResourceName<RoleAssignmentKind>;
extern template class ResourceName<TrustedIssuerKind>;

// "identities/{identity}/federatedCredentials/{id}", an id of 3-120 of [0-9A-Za-z-], a letter or a
// digit first. A value.
class FederatedCredentialName {
 public:
  // Both return INVALID_ARGUMENT naming `field`.
  static absl::StatusOr<FederatedCredentialName> Parse(absl::string_view name,
                                                       absl::string_view field);
  static absl::StatusOr<FederatedCredentialName> FromId(IdentityName identity, absl::string_view id,
                                                        absl::string_view field);
  // From ids that this service wrote itself.
  static FederatedCredentialName FromTrustedIds(std::string identity_id, std::string id) {
    return FederatedCredentialName(IdentityName::FromTrustedId(std::move(identity_id)),
                                   std::move(id));
  }

  const IdentityName& identity() const { return identity_; }
  const std::string& id() const { return id_; }
  std::string ToString() const {
    return absl::StrCat(identity_.ToString(), "/federatedCredentials/", id_);
  }

  friend bool operator==(const FederatedCredentialName&, const FederatedCredentialName&) = default;

 private:
  FederatedCredentialName(IdentityName identity, std::string id)
      : identity_(std::move(identity)), id_(std::move(id)) {}

  IdentityName identity_;
  std::string id_;
};

// Where a resource of any service of Keyward stands: pairs of collection and id, such as
// "accounts/contoso" or "vaults/v/keys/k", or "/" for the root above them all. A value.
class ResourcePath {
 public:
  // INVALID_ARGUMENT naming `field` unless it is "/" or the name of a resource as Keyward has them:
  // below tenants, subscriptions, identities, vaults or accounts, each id 1-127 of [0-9A-Za-z-].
  static absl::StatusOr<ResourcePath> Parse(absl::string_view path, absl::string_view field);

  bool is_root() const;
  const std::string& ToString() const { return path_; }
  // The first collection, such as "vaults"; empty for the root.
  absl::string_view collection() const;
  // The path one pair shorter; the root above a single pair and above itself.
  ResourcePath Parent() const;

 private:
  explicit ResourcePath(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

// Whether this names an account of the encryption service, "accounts/{account}".
bool IsAccount(absl::string_view resource);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_NAMES_H_
