#include "services/encryption/access_event_handler.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "common/events/event_store.h"
#include "common/status/status_macros.h"
#include "services/encryption/access_rules.h"
#include "services/encryption/account_store.h"
#include "services/encryption/replica_store.h"
#include "services/encryption/work_store.h"

namespace keyward::encryption {
namespace {

const std::string* VaultOf(const AccessEvent& event) {
  if (const auto* key = std::get_if<KeyEvent>(&event.what)) return &key->vault;
  if (const auto* policy = std::get_if<PolicyEvent>(&event.what)) return &policy->vault;
  if (const auto* vault = std::get_if<VaultEvent>(&event.what)) return &vault->vault;
  return nullptr;
}

}  // namespace

absl::Status AccessEventHandler::Apply(storage::Transaction& tx, const events::v1::Event& event) {
  KW_ASSIGN_OR_RETURN(std::optional<AccessEvent> what, ReadAccessEvent(event));
  KW_RETURN_IF_ERROR(StoreApplied(tx, event.source(), event.sequence()));
  tx.OnCommit([this, event, what] { replica_.Learn(event, what); });
  if (!what.has_value()) return absl::OkStatus();
  KW_ASSIGN_OR_RETURN(std::vector<Account> accounts, StoreFacts(tx, *what));
  for (Account& account : accounts) KW_RETURN_IF_ERROR(ApplyTo(tx, account, *what));
  return absl::OkStatus();
}

void AccessEventHandler::Observe(const events::v1::Event& event) {
  const absl::StatusOr<std::optional<AccessEvent>> what = ReadAccessEvent(event);
  if (!what.ok()) return;
  replica_.Learn(event, *what);
  // Which accounts it took access from, the other replica knows; keys that are still good are soon
  // unwrapped again.
  if (what->has_value()) cache_.Clear();
}

absl::StatusOr<std::vector<Account>> AccessEventHandler::StoreFacts(storage::Transaction& tx,
                                                                    const AccessEvent& event) {
  if (const auto* subscription = std::get_if<SubscriptionEvent>(&event.what)) {
    KW_RETURN_IF_ERROR(StoreSubscription(tx, event.sequence, *subscription));
    return AccountsOfSubscription(tx, subscription->subscription);
  }
  if (const auto* principal = std::get_if<PrincipalEvent>(&event.what)) {
    KW_RETURN_IF_ERROR(StorePrincipal(tx, event.sequence, *principal));
    return AccountsOfPrincipal(tx, principal->principal, principal->resource, principal->identity);
  }
  if (const auto* attachment = std::get_if<AttachmentEvent>(&event.what)) {
    KW_RETURN_IF_ERROR(StoreAttachment(tx, event.sequence, *attachment));
    return AccountsOfPrincipal(tx, /*principal=*/"", attachment->resource, attachment->identity);
  }
  const std::string& vault = *VaultOf(event);
  KW_RETURN_IF_ERROR(StoreVaultChange(tx, event.sequence, vault));
  return AccountsOfVault(tx, vault);
}

absl::Status AccessEventHandler::ApplyTo(storage::Transaction& tx, Account& account,
                                         const AccessEvent& event) {
  // Nobody knows of it yet, and its creation looks at the subscription once more in the end; or
  // nothing is left of it.
  if (account.provisioning || account.purged()) return absl::OkStatus();
  if (const auto* moved = std::get_if<SubscriptionEvent>(&event.what)) {
    KW_RETURN_IF_ERROR(FollowSubscription(tx, account, *moved, event));
  }
  if (!account.customer_managed()) return absl::OkStatus();
  const EventMeaning meaning = Judge(account.name, account.subscription, *account.binding, event);
  std::optional<AccountWork::Kind> work;
  switch (meaning.kind) {
    case EventMeaning::Kind::kNone:
      break;
    case EventMeaning::Kind::kLoss:
      // The first loss counts; what else is taken away later must be given back as well. That this
      // one has taken effect means that the first one has, further down too.
      if (account.access.denied()) {
        KW_ASSIGN_OR_RETURN(const int64_t newest, events::NewestSequence(tx));
        tx.NoteAppended(newest);
        break;
      }
      return transitions_.Lose(tx, account, {meaning.cause, event.time, event.id},
                               event.correlation_id);
    case EventMeaning::Kind::kMayRestore:
      if (account.access.denied()) work = AccountWork::Kind::kRestore;
      break;
    case EventMeaning::Kind::kNewVersion:
      if (!account.access.denied()) work = AccountWork::Kind::kFollowNewest;
      break;
  }
  if (!work.has_value()) return absl::OkStatus();
  KW_RETURN_IF_ERROR(RequestWork(tx, account.name, *work, event.id, clock_.Now()));
  tx.OnCommit([this] { background_.Wake(); });
  return absl::OkStatus();
}

absl::Status AccessEventHandler::FollowSubscription(storage::Transaction& tx, Account& account,
                                                    const SubscriptionEvent& moved,
                                                    const AccessEvent& event) {
  KW_ASSIGN_OR_RETURN(const std::optional<std::string> tenant, TenantOf(tx, moved.subscription));
  if (!tenant.has_value() || *tenant == account.tenant) return absl::OkStatus();
  account.tenant = *tenant;
  return writer_.Save(tx, account, kAccountUpdated, {event.correlation_id, event.id});
}

}  // namespace keyward::encryption
