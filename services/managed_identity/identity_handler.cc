#include "services/managed_identity/identity_handler.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/auth/caller.h"
#include "common/auth/errors.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "common/storage/page_token.h"
#include "services/managed_identity/attachment_change.h"
#include "services/managed_identity/attachment_store.h"
#include "services/managed_identity/errors.h"
#include "services/managed_identity/federation_store.h"
#include "services/managed_identity/identity_store.h"
#include "services/managed_identity/identity_view.h"
#include "services/managed_identity/messages.h"
#include "services/managed_identity/names.h"
#include "services/managed_identity/role_change.h"
#include "services/managed_identity/tenant_store.h"
#include "services/managed_identity/uuid.h"

namespace keyward::managed_identity {
namespace {

absl::StatusOr<Identity> RequireIdentity(storage::Transaction& tx, const IdentityName& name) {
  KW_ASSIGN_OR_RETURN(std::optional<Identity> identity, FindIdentity(tx, name));
  if (!identity.has_value()) return IdentityNotFound(name);
  return *std::move(identity);
}

absl::StatusOr<IdentityParent> ParseParent(const std::string& parent) {
  if (parent.empty()) return IdentityParent();
  if (auto tenant = TenantName::Parse(parent, "parent"); tenant.ok()) return *std::move(tenant);
  auto subscription = SubscriptionName::Parse(parent, "parent");
  if (subscription.ok()) return *std::move(subscription);
  return InvalidField("parent", "must be empty, tenants/{tenant} or subscriptions/{subscription}");
}

absl::Status RequireParent(storage::Transaction& tx, const IdentityParent& parent) {
  if (const auto* tenant = std::get_if<TenantName>(&parent)) {
    KW_ASSIGN_OR_RETURN(const auto found, FindTenant(tx, *tenant));
    if (!found.has_value()) return TenantNotFound(*tenant);
  } else if (const auto* subscription = std::get_if<SubscriptionName>(&parent)) {
    KW_ASSIGN_OR_RETURN(const auto found, FindSubscription(tx, *subscription));
    if (!found.has_value()) return SubscriptionNotFound(*subscription);
  }
  return absl::OkStatus();
}

// A service has no business but with the identities of its own resources. Accounts are the only
// ones that have identities, and their service is the only one that comes here.
absl::Status CheckService(const server::CallContext& call, const std::string& resource) {
  if (call.caller.kind != auth::Caller::Kind::kService || IsAccount(resource)) {
    return absl::OkStatus();
  }
  return auth::NotAuthorized();
}

// The identity that is registered already, if it is the one `wanted`; an error if another stands in
// the way; nothing if the way is free. A deleted one makes room, whatever it was the identity of.
absl::StatusOr<std::optional<Identity>> FindRegistered(storage::Transaction& tx,
                                                       const Identity& wanted) {
  KW_ASSIGN_OR_RETURN(std::optional<Identity> existing, FindIdentity(tx, wanted.name));
  const bool living = existing.has_value() && existing->state != IdentityState::kDeleted;
  if (!existing.has_value() || existing->resource != wanted.resource) {
    if (living) {
      return IdentityExists(existing->name, absl::StrCat("belongs to ", existing->resource,
                                                         "; choose another identity_id"));
    }
    KW_ASSIGN_OR_RETURN(const auto other, FindIdentityOfResource(tx, wanted.resource));
    if (!other.has_value()) return std::nullopt;
    return IdentityExists(
        other->name, absl::StrCat("belongs to ", wanted.resource, ", which can have one only"));
  }
  if (!living) return std::nullopt;
  if (!(existing->subscription == wanted.subscription)) {
    return IdentityExists(existing->name,
                          absl::StrCat("is registered in ", existing->subscription.ToString()));
  }
  return existing;
}

// Returns the sequence of the last event; 0 if there was none.
absl::StatusOr<int64_t> WithdrawRoles(Change& change, const std::string& resource) {
  KW_ASSIGN_OR_RETURN(const auto withdrawn, WithdrawRolesWithin(change, resource));
  return withdrawn.empty() ? 0 : withdrawn.back().last_event;
}

// Ends what others were given about an identity that is deleted: roles on it, and on its resource
// if that goes with it; who may act as it; which resources use it, and which identities its
// resource used. Returns the sequence of the last event.
absl::StatusOr<int64_t> EndAllAbout(Change& change, const Identity& identity) {
  KW_ASSIGN_OR_RETURN(int64_t last_event, WithdrawRoles(change, identity.name.ToString()));
  if (!identity.user_assigned()) {
    KW_ASSIGN_OR_RETURN(const int64_t of_resource, WithdrawRoles(change, identity.resource));
    last_event = std::max(last_event, of_resource);
    KW_ASSIGN_OR_RETURN(std::vector<Identity> used,
                        IdentitiesAttachedTo(change.tx(), identity.resource));
    for (Identity& other : used) {
      KW_RETURN_IF_ERROR(Detach(change, other, identity.resource));
      last_event = std::max(last_event, other.last_event);
    }
  }
  KW_RETURN_IF_ERROR(DeleteFederatedCredentialsOf(change.tx(), identity.name));
  KW_RETURN_IF_ERROR(DeleteAttachmentsOf(change.tx(), identity));
  return last_event;
}

}  // namespace

absl::StatusOr<identity::v1::Identity> IdentityHandler::Create(
    const server::CallContext& call, const identity::v1::CreateIdentityRequest& request) const {
  KW_ASSIGN_OR_RETURN(const IdentityName name,
                      IdentityName::FromId(request.identity_id(), "identity_id"));
  KW_ASSIGN_OR_RETURN(const ResourcePath resource,
                      ResourcePath::Parse(request.resource(), "resource"));
  KW_RETURN_IF_ERROR(CheckService(call, resource.ToString()));
  if (resource.is_root() || resource.collection() == IdentityKind::kCollection) {
    return InvalidField("resource", "must name a resource, neither the root nor an identity");
  }
  KW_ASSIGN_OR_RETURN(const SubscriptionName subscription,
                      SubscriptionName::Parse(request.subscription(), "subscription"));
  return changes_.Commit<identity::v1::Identity>(
      call, request, [&](Change& change) -> absl::StatusOr<identity::v1::Identity> {
        KW_ASSIGN_OR_RETURN(const auto owner, FindSubscription(change.tx(), subscription));
        if (!owner.has_value()) return NamedSubscriptionNotFound("subscription", subscription);
        const Identity made = Identity::Register(name, resource.ToString(), subscription,
                                                 owner->tenant, change.now());
        KW_ASSIGN_OR_RETURN(const auto registered, FindRegistered(change.tx(), made));
        if (registered.has_value()) return ToProto(*registered);
        KW_RETURN_IF_ERROR(SaveIdentity(change.tx(), made));
        return ToProto(made);
      });
}

absl::StatusOr<identity::v1::Identity> IdentityHandler::Get(
    const server::CallContext& call, const identity::v1::GetIdentityRequest& request) const {
  KW_ASSIGN_OR_RETURN(const IdentityName name, IdentityName::Parse(request.name(), "name"));
  using Answer = identity::v1::Identity;
  return changes_.Read<Answer>([&](storage::Transaction& tx) -> absl::StatusOr<Answer> {
    KW_ASSIGN_OR_RETURN(const Identity identity, RequireIdentity(tx, name));
    return ViewOf(tx, call.caller, identity);
  });
}

absl::StatusOr<identity::v1::ListIdentitiesResponse> IdentityHandler::List(
    const identity::v1::ListIdentitiesRequest& request) const {
  KW_ASSIGN_OR_RETURN(const storage::Page page, storage::ParsePage(request));
  KW_ASSIGN_OR_RETURN(const IdentityParent parent, ParseParent(request.parent()));
  using All = std::vector<Identity>;
  KW_ASSIGN_OR_RETURN(All identities,
                      changes_.Read<All>([&](storage::Transaction& tx) -> absl::StatusOr<All> {
                        KW_RETURN_IF_ERROR(RequireParent(tx, parent));
                        return ListIdentities(tx, parent, page.after, page.limit());
                      }));
  identity::v1::ListIdentitiesResponse response;
  response.set_next_page_token(storage::CutPage(
      request, page, identities, [](const Identity& last) { return last.name.id(); }));
  for (const Identity& identity : identities) *response.add_identities() = ToProto(identity);
  return response;
}

absl::StatusOr<identity::v1::Identity> IdentityHandler::Enable(
    const server::CallContext& call, const identity::v1::EnableIdentityRequest& request) const {
  KW_ASSIGN_OR_RETURN(const IdentityName name, IdentityName::Parse(request.name(), "name"));
  KW_ASSIGN_OR_RETURN(
      identity::v1::Identity answer,
      changes_.Commit<identity::v1::Identity>(
          call, request, [&](Change& change) -> absl::StatusOr<identity::v1::Identity> {
            KW_ASSIGN_OR_RETURN(Identity identity, RequireIdentity(change.tx(), name));
            KW_RETURN_IF_ERROR(CheckService(call, identity.resource));
            if (identity.enabled()) return ToProto(identity);
            KW_RETURN_IF_ERROR(identity.Enable(NewUuid(), change.now()));
            KW_ASSIGN_OR_RETURN(
                identity.last_event,
                change.Publish("IdentityEnabled", name.ToString(), PrincipalCame(identity)));
            KW_RETURN_IF_ERROR(SaveIdentity(change.tx(), identity));
            return ToProto(identity);
          }));
  call.Note("principal_id", answer.principal_id());
  // What comes next is a grant to the principal and a token for it, at services that must know it.
  KW_ASSIGN_OR_RETURN(const Identity stored, changes_.Read<Identity>([&](storage::Transaction& tx) {
    return RequireIdentity(tx, name);
  }));
  KW_RETURN_IF_ERROR(changes_.AwaitDelivery(call, stored.last_event).status());
  return answer;
}

template <typename Response, typename Request>
absl::StatusOr<Response> IdentityHandler::Revoke(
    const server::CallContext& call, const Request& request, const char* type,
    absl::FunctionRef<void(Identity&, absl::Time)> apply) const {
  KW_ASSIGN_OR_RETURN(const IdentityName name, IdentityName::Parse(request.name(), "name"));
  std::string lost_principal_id;
  const auto revoke = [&](Change& change) -> absl::StatusOr<Response> {
    KW_ASSIGN_OR_RETURN(Identity identity, RequireIdentity(change.tx(), name));
    lost_principal_id = identity.principal_id;
    apply(identity, change.now());
    if (identity.state == IdentityState::kDeleted) {
      KW_ASSIGN_OR_RETURN(const int64_t last_event, EndAllAbout(change, identity));
      identity.last_event = std::max(identity.last_event, last_event);
    }
    if (!lost_principal_id.empty()) {
      KW_ASSIGN_OR_RETURN(identity.last_event,
                          change.Publish(type, name.ToString(),
                                         PrincipalWent(identity, lost_principal_id, identity.tenant,
                                                       change.now())));
    }
    KW_RETURN_IF_ERROR(SaveIdentity(change.tx(), identity));
    Response answer;
    *answer.mutable_identity() = ToProto(identity);
    // Also when nothing changed: an earlier call may have been too impatient to wait.
    answer.mutable_delivery()->set_sequence(identity.last_event);
    return answer;
  };
  if (request.validate_only()) {
    KW_ASSIGN_OR_RETURN(Response answer, changes_.Try<Response>(call, revoke));
    answer.clear_delivery();
    return answer;
  }
  KW_ASSIGN_OR_RETURN(Response answer, changes_.Commit<Response>(call, request, revoke));
  if (!lost_principal_id.empty()) call.Note("lost_principal_id", lost_principal_id);
  KW_RETURN_IF_ERROR(changes_.FinishDelivery(call, request.async(), answer));
  return answer;
}

absl::StatusOr<identity::v1::DisableIdentityResponse> IdentityHandler::Disable(
    const server::CallContext& call, const identity::v1::DisableIdentityRequest& request) const {
  return Revoke<identity::v1::DisableIdentityResponse>(
      call, request, "IdentityDisabled", [&](Identity& identity, absl::Time now) {
        if (identity.enabled()) identity.Disable(call.caller.principal, now);
      });
}

absl::StatusOr<identity::v1::DeleteIdentityResponse> IdentityHandler::Delete(
    const server::CallContext& call, const identity::v1::DeleteIdentityRequest& request) const {
  return Revoke<identity::v1::DeleteIdentityResponse>(
      call, request, "IdentityDeleted", [&](Identity& identity, absl::Time now) {
        if (identity.state != IdentityState::kDeleted) identity.Delete(call.caller.principal, now);
      });
}

}  // namespace keyward::managed_identity
