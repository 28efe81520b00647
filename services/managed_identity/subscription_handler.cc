#include "services/managed_identity/subscription_handler.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "common/storage/page_token.h"
#include "services/managed_identity/attachment_store.h"
#include "services/managed_identity/caller_rights.h"
#include "services/managed_identity/errors.h"
#include "services/managed_identity/messages.h"
#include "services/managed_identity/names.h"
#include "services/managed_identity/subscription_move.h"
#include "services/managed_identity/tenant.h"
#include "services/managed_identity/tenant_store.h"

namespace keyward::managed_identity {
namespace {

constexpr char kCreatePermission[] = "identity.subscriptions.create";
constexpr char kReadPermission[] = "identity.identities.get";

identity::v1::SubscriptionChanged Created(const Subscription& subscription) {
  identity::v1::SubscriptionChanged event;
  event.set_subscription(subscription.name.ToString());
  event.set_tenant(subscription.tenant.ToString());
  return event;
}

// Which attachments the move of a subscription ends, as far as the caller may read both ends.
absl::Status TellAttachments(storage::Transaction& tx, const CallerRights& rights,
                             const SubscriptionName& name,
                             identity::v1::MoveSubscriptionResponse& answer) {
  KW_ASSIGN_OR_RETURN(const std::vector<Attachment> ending, AttachmentsOutOf(tx, name));
  answer.set_ended_attachment_count(static_cast<int64_t>(ending.size()));
  for (const Attachment& attachment : ending) {
    if (answer.ended_attachments_size() == kToldOfAMove) break;
    const std::string identity = attachment.identity.ToString();
    KW_ASSIGN_OR_RETURN(const bool sees_identity, rights.Include(kReadPermission, identity));
    KW_ASSIGN_OR_RETURN(const bool sees_resource,
                        rights.Include(kReadPermission, attachment.resource));
    if (!sees_identity || !sees_resource) continue;
    auto& told = *answer.add_ended_attachments();
    told.set_identity(identity);
    told.set_resource(attachment.resource);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<identity::v1::Subscription> SubscriptionHandler::Create(
    const server::CallContext& call, const identity::v1::CreateSubscriptionRequest& request) const {
  KW_ASSIGN_OR_RETURN(const SubscriptionName name,
                      SubscriptionName::FromId(request.subscription_id(), "subscription_id"));
  KW_ASSIGN_OR_RETURN(const TenantName tenant,
                      TenantName::Parse(request.subscription().tenant(), "subscription.tenant"));
  KW_ASSIGN_OR_RETURN(
      const std::string display_name,
      ParseDisplayName(request.subscription().display_name(), "subscription.display_name"));
  KW_ASSIGN_OR_RETURN(
      identity::v1::Subscription answer,
      changes_.Commit<identity::v1::Subscription>(
          call, request, [&](Change& change) -> absl::StatusOr<identity::v1::Subscription> {
            KW_ASSIGN_OR_RETURN(const auto existing, FindSubscription(change.tx(), name));
            if (existing.has_value()) return SubscriptionExists(name);
            KW_ASSIGN_OR_RETURN(const auto owner, FindTenant(change.tx(), tenant));
            if (!owner.has_value()) return NamedTenantNotFound("subscription.tenant", tenant);
            Subscription made = {name, tenant, display_name, change.now(), change.now()};
            KW_ASSIGN_OR_RETURN(made.last_event, change.Publish("SubscriptionCreated",
                                                                name.ToString(), Created(made)));
            KW_RETURN_IF_ERROR(SaveSubscription(change.tx(), made));
            return ToProto(made);
          }));
  // The next thing the caller does is to make a vault in it, so the vaults should know it by then.
  KW_ASSIGN_OR_RETURN(const auto stored,
                      changes_.Read<std::optional<Subscription>>(
                          [&](storage::Transaction& tx) { return FindSubscription(tx, name); }));
  KW_RETURN_IF_ERROR(
      changes_.AwaitDelivery(call, stored.has_value() ? stored->last_event : 0).status());
  return answer;
}

absl::StatusOr<identity::v1::Subscription> SubscriptionHandler::Get(
    const identity::v1::GetSubscriptionRequest& request) const {
  KW_ASSIGN_OR_RETURN(const SubscriptionName name, SubscriptionName::Parse(request.name(), "name"));
  KW_ASSIGN_OR_RETURN(const auto subscription,
                      changes_.Read<std::optional<Subscription>>(
                          [&](storage::Transaction& tx) { return FindSubscription(tx, name); }));
  if (!subscription.has_value()) return SubscriptionNotFound(name);
  return ToProto(*subscription);
}

absl::StatusOr<identity::v1::ListSubscriptionsResponse> SubscriptionHandler::List(
    const identity::v1::ListSubscriptionsRequest& request) const {
  KW_ASSIGN_OR_RETURN(const storage::Page page, storage::ParsePage(request));
  std::optional<TenantName> tenant;
  if (!request.parent().empty()) {
    KW_ASSIGN_OR_RETURN(tenant, TenantName::Parse(request.parent(), "parent"));
  }
  using All = std::vector<Subscription>;
  KW_ASSIGN_OR_RETURN(All subscriptions,
                      changes_.Read<All>([&](storage::Transaction& tx) -> absl::StatusOr<All> {
                        if (tenant.has_value()) {
                          KW_ASSIGN_OR_RETURN(const auto owner, FindTenant(tx, *tenant));
                          if (!owner.has_value()) return TenantNotFound(*tenant);
                        }
                        return ListSubscriptions(tx, tenant, page.after, page.limit());
                      }));
  identity::v1::ListSubscriptionsResponse response;
  response.set_next_page_token(storage::CutPage(
      request, page, subscriptions, [](const Subscription& last) { return last.name.id(); }));
  for (const Subscription& subscription : subscriptions) {
    *response.add_subscriptions() = ToProto(subscription);
  }
  return response;
}

absl::StatusOr<identity::v1::MoveSubscriptionResponse> SubscriptionHandler::Move(
    const server::CallContext& call, const identity::v1::MoveSubscriptionRequest& request) const {
  KW_ASSIGN_OR_RETURN(const SubscriptionName name, SubscriptionName::Parse(request.name(), "name"));
  KW_ASSIGN_OR_RETURN(const TenantName destination,
                      TenantName::Parse(request.destination_tenant(), "destination_tenant"));
  call.Note("destination_tenant", destination.ToString());
  using Response = identity::v1::MoveSubscriptionResponse;
  const auto move = [&](Change& change) -> absl::StatusOr<Response> {
    // The method's option covers the subscription alone. Nobody shall put one on another's tenant,
    // or find out by trying which tenants there are.
    KW_ASSIGN_OR_RETURN(const CallerRights rights, CallerRights::Load(change.tx(), call.caller));
    KW_RETURN_IF_ERROR(rights.Require(kCreatePermission, destination.ToString()));
    KW_ASSIGN_OR_RETURN(const auto origin, FindSubscription(change.tx(), name));
    if (origin.has_value()) call.Note("origin_tenant", origin->tenant.ToString());
    // Before it happens, as long as the caller's rights are what they were.
    Response ending;
    KW_RETURN_IF_ERROR(TellAttachments(change.tx(), rights, name, ending));
    KW_ASSIGN_OR_RETURN(Response answer, MoveSubscription(change, name, destination));
    answer.MergeFrom(ending);
    return answer;
  };
  if (request.validate_only()) {
    KW_ASSIGN_OR_RETURN(Response answer, changes_.Try<Response>(call, move));
    answer.clear_delivery();
    return answer;
  }
  KW_ASSIGN_OR_RETURN(Response answer, changes_.Commit<Response>(call, request, move));
  call.Note("dropped_identities", absl::StrCat(answer.dropped_identity_count()));
  KW_RETURN_IF_ERROR(changes_.FinishDelivery(call, request.async(), answer));
  return answer;
}

}  // namespace keyward::managed_identity
