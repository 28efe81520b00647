#include "common/auth/authorizer.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/auth/errors.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace keyward::auth {
namespace {

constexpr char kRoot[] = "/";

bool IsListedService(const Caller& caller, const v1::Authorization& rule) {
  return caller.kind == Caller::Kind::kService &&
         std::find(rule.services().begin(), rule.services().end(), caller.name) !=
             rule.services().end();
}

}  // namespace

Authorizer::Authorizer(const PrincipalDirectory& directory, ResourceHierarchy& hierarchy,
                       KeyPermissionChecker* key_permissions, FreshnessCheck fresh)
    : directory_(directory),
      hierarchy_(hierarchy),
      key_permissions_(key_permissions),
      fresh_(std::move(fresh)) {}

bool Authorizer::LetsInWithoutRight(const Caller& caller, const v1::Authorization& rule) {
  return rule.any_authenticated() || IsListedService(caller, rule);
}

absl::Status Authorizer::Authorize(const Caller& caller, const v1::Authorization& rule,
                                   absl::string_view resource) const {
  if (LetsInWithoutRight(caller, rule)) return absl::OkStatus();
  if (resource.empty()) resource = kRoot;
  absl::Status refusal = NotAuthorized();
  if (!rule.permission().empty()) {
    refusal = CheckRoles(caller, rule.permission(), resource);
    if (refusal.ok()) return refusal;
  }
  if (!rule.key_permission().empty() && key_permissions_ != nullptr) {
    absl::Status by_policy = key_permissions_->Check(caller, resource, rule.key_permission());
    if (by_policy.ok()) return by_policy;
    if (absl::IsInvalidArgument(by_policy) && ErrorReason(by_policy).empty()) {
      by_policy = InvalidField(rule.resource(), by_policy.message());
    }
    // What could not be found out outweighs a refusal: the caller may try again.
    if (refusal.code() == absl::StatusCode::kPermissionDenied) refusal = std::move(by_policy);
  }
  return refusal;
}

absl::Status Authorizer::CheckRoles(const Caller& caller, absl::string_view permission,
                                    absl::string_view resource) const {
  KW_RETURN_IF_ERROR(fresh_());
  // Most roles are on the root or on the resource itself; no need to ask the store then.
  std::vector<std::string> scopes = {kRoot, std::string(resource)};
  if (directory_.HoldsPermission(caller.principal, permission, scopes)) return absl::OkStatus();
  KW_ASSIGN_OR_RETURN(scopes, hierarchy_.Ancestors(resource));
  if (directory_.HoldsPermission(caller.principal, permission, scopes)) return absl::OkStatus();
  return NotAuthorized(permission);
}

}  // namespace keyward::auth
