#include "services/managed_identity/attachment_handler.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/managed_identity/attachment_change.h"
#include "services/managed_identity/caller_rights.h"
#include "services/managed_identity/errors.h"
#include "services/managed_identity/identity_store.h"
#include "services/managed_identity/identity_view.h"
#include "services/managed_identity/messages.h"
#include "services/managed_identity/tenant_store.h"
#include "services/managed_identity/uuid.h"

namespace keyward::managed_identity {
namespace {

constexpr char kAttachPermission[] = "identity.identities.attach";

absl::StatusOr<Identity> RequireIdentity(storage::Transaction& tx, const IdentityName& name) {
  KW_ASSIGN_OR_RETURN(std::optional<Identity> identity, FindIdentity(tx, name));
  if (!identity.has_value()) return IdentityNotFound(name);
  return *std::move(identity);
}

absl::StatusOr<ResourcePath> ParseResource(const std::string& resource) {
  KW_ASSIGN_OR_RETURN(ResourcePath path, ResourcePath::Parse(resource, "resource"));
  if (path.is_root()) return InvalidField("resource", "must name a resource, not the root");
  return path;
}

// The method's option covers the identity alone: nobody shall bring another's resource under one.
absl::Status CheckResource(storage::Transaction& tx, const server::CallContext& call,
                           const ResourcePath& resource) {
  KW_ASSIGN_OR_RETURN(const CallerRights rights, CallerRights::Load(tx, call.caller));
  return rights.Require(kAttachPermission, resource.ToString());
}

// A new one, or one again under the name of one that was deleted.
absl::StatusOr<Identity> Make(Change& change, const IdentityName& name,
                              const SubscriptionName& subscription) {
  KW_ASSIGN_OR_RETURN(const auto owner, FindSubscription(change.tx(), subscription));
  if (!owner.has_value()) return NamedSubscriptionNotFound("subscription", subscription);
  KW_ASSIGN_OR_RETURN(const std::optional<Identity> existing, FindIdentity(change.tx(), name));
  if (existing.has_value() &&
      !(existing->user_assigned() && existing->state == IdentityState::kDeleted)) {
    return IdentityExists(name, "is taken; choose another identity_id");
  }
  Identity made =
      Identity::Register(name, name.ToString(), subscription, owner->tenant, change.now());
  KW_RETURN_IF_ERROR(made.Enable(NewUuid(), change.now()));
  KW_ASSIGN_OR_RETURN(made.last_event,
                      change.Publish("IdentityEnabled", name.ToString(), PrincipalCame(made)));
  KW_RETURN_IF_ERROR(SaveIdentity(change.tx(), made));
  return made;
}

}  // namespace

absl::StatusOr<identity::v1::Identity> AttachmentHandler::CreateUserAssigned(
    const server::CallContext& call,
    const identity::v1::CreateUserAssignedIdentityRequest& request) const {
  KW_ASSIGN_OR_RETURN(const IdentityName name,
                      IdentityName::FromId(request.identity_id(), "identity_id"));
  KW_ASSIGN_OR_RETURN(const SubscriptionName subscription,
                      SubscriptionName::Parse(request.subscription(), "subscription"));
  using Answer = identity::v1::Identity;
  KW_ASSIGN_OR_RETURN(
      Answer answer,
      changes_.Commit<Answer>(call, request, [&](Change& change) -> absl::StatusOr<Answer> {
        KW_ASSIGN_OR_RETURN(const Identity made, Make(change, name, subscription));
        return ToProto(made);
      }));
  call.Note("principal_id", answer.principal_id());
  KW_ASSIGN_OR_RETURN(const Identity stored, changes_.Read<Identity>([&](storage::Transaction& tx) {
    return RequireIdentity(tx, name);
  }));
  KW_RETURN_IF_ERROR(changes_.AwaitDelivery(call, stored.last_event).status());
  return answer;
}

absl::StatusOr<identity::v1::Identity> AttachmentHandler::Attach(
    const server::CallContext& call, const identity::v1::AttachIdentityRequest& request) const {
  KW_ASSIGN_OR_RETURN(const IdentityName name, IdentityName::Parse(request.name(), "name"));
  KW_ASSIGN_OR_RETURN(const ResourcePath resource, ParseResource(request.resource()));
  call.Note("resource", resource.ToString());
  using Answer = identity::v1::Identity;
  KW_ASSIGN_OR_RETURN(
      Answer answer,
      changes_.Commit<Answer>(call, request, [&](Change& change) -> absl::StatusOr<Answer> {
        KW_RETURN_IF_ERROR(CheckResource(change.tx(), call, resource));
        KW_ASSIGN_OR_RETURN(Identity identity, RequireIdentity(change.tx(), name));
        KW_RETURN_IF_ERROR(managed_identity::Attach(change, identity, resource));
        return ViewOf(change.tx(), call.caller, identity);
      }));
  KW_ASSIGN_OR_RETURN(const Identity stored, changes_.Read<Identity>([&](storage::Transaction& tx) {
    return RequireIdentity(tx, name);
  }));
  KW_RETURN_IF_ERROR(changes_.AwaitDelivery(call, stored.last_event).status());
  return answer;
}

absl::StatusOr<identity::v1::DetachIdentityResponse> AttachmentHandler::Detach(
    const server::CallContext& call, const identity::v1::DetachIdentityRequest& request) const {
  KW_ASSIGN_OR_RETURN(const IdentityName name, IdentityName::Parse(request.name(), "name"));
  KW_ASSIGN_OR_RETURN(const ResourcePath resource, ParseResource(request.resource()));
  call.Note("resource", resource.ToString());
  using Response = identity::v1::DetachIdentityResponse;
  const auto detach = [&](Change& change) -> absl::StatusOr<Response> {
    KW_ASSIGN_OR_RETURN(Identity identity, RequireIdentity(change.tx(), name));
    KW_RETURN_IF_ERROR(managed_identity::Detach(change, identity, resource.ToString()));
    Response answer;
    KW_ASSIGN_OR_RETURN(*answer.mutable_identity(), ViewOf(change.tx(), call.caller, identity));
    // Also when nothing changed: an earlier call may have been too impatient to wait.
    answer.mutable_delivery()->set_sequence(identity.last_event);
    return answer;
  };
  if (request.validate_only()) {
    KW_ASSIGN_OR_RETURN(Response answer, changes_.Try<Response>(call, detach));
    answer.clear_delivery();
    return answer;
  }
  KW_ASSIGN_OR_RETURN(Response answer, changes_.Commit<Response>(call, request, detach));
  KW_RETURN_IF_ERROR(changes_.FinishDelivery(call, request.async(), answer));
  return answer;
}

absl::StatusOr<identity::v1::Identity> AttachmentHandler::Select(
    const identity::v1::SelectIdentityRequest& request) const {
  KW_ASSIGN_OR_RETURN(const ResourcePath resource, ParseResource(request.resource()));
  std::optional<IdentityName> wanted;
  if (!request.identity().empty()) {
    KW_ASSIGN_OR_RETURN(wanted, IdentityName::Parse(request.identity(), "identity"));
  }
  KW_ASSIGN_OR_RETURN(const Identity selected,
                      changes_.Read<Identity>([&](storage::Transaction& tx) {
                        return SelectIdentity(tx, resource.ToString(), wanted);
                      }));
  return ToProto(selected);
}

}  // namespace keyward::managed_identity
