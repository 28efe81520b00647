#include "services/managed_identity/subscription_handler.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "common/storage/page_token.h"
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

identity::v1::SubscriptionChanged Created(const Subscription& subscription) {
  identity::v1::SubscriptionChanged event;
  event.set_subscription(subscription.name.ToString());
  event.set_tenant(subscription.tenant.ToString());
  return event;
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
  KW_ASSIGN_OR_RETURN(std::vector<Subscription> subscriptions,
                      changes_.Read<std::vector<Subscription>>([&](storage::Transaction& tx) {
                        return ListSubscriptions(tx, page.after, page.limit());
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
    return MoveSubscription(change, name, destination);
  };
  if (request.validate_only()) {
    KW_ASSIGN_OR_RETURN(Response answer, changes_.Try<Response>(call, move));
    answer.clear_delivery();
    return answer;
  }
  KW_ASSIGN_OR_RETURN(Response answer, changes_.Commit<Response>(call, request, move));
  call.Note("dropped_identities", absl::StrCat(answer.dropped_identities_size()));
  KW_RETURN_IF_ERROR(changes_.FinishDelivery(call, request.async(), answer));
  return answer;
}

}  // namespace keyward::managed_identity
