#include "services/encryption/account_creator.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "common/storage/fault_point.h"
#include "services/encryption/access_event.h"
#include "services/encryption/account_key.h"
#include "services/encryption/account_store.h"
#include "services/encryption/errors.h"
#include "services/encryption/replica_store.h"

namespace keyward::encryption {
namespace {

// A subscription made a moment ago may still be on its way here.
constexpr absl::Duration kSubscriptionTimeout = absl::Seconds(1);

bool SameWish(const Account& a, const Account& b) {
  return a.subscription == b.subscription && a.resource_group == b.resource_group &&
         a.region == b.region && a.tier == b.tier &&
         a.upload_retention_grace == b.upload_retention_grace && a.tags == b.tags;
}

// Whether managed_identity refused for good, so that trying again would change nothing.
bool IsRefusal(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
      return !ErrorReason(status).empty();
    default:
      return false;
  }
}

}  // namespace

absl::Status AccountCreator::Create(const server::CallContext& call, const Account& wanted,
                                    Commit commit) {
  const std::optional<std::string> tenant =
      replica_.AwaitTenant(wanted.subscription, kSubscriptionTimeout);
  if (!tenant.has_value()) return SubscriptionUnknown(wanted.subscription);
  KW_RETURN_IF_ERROR(Reserve(wanted, *tenant));
  KW_FAULT_POINT("encryption.account_reserved");
  KW_RETURN_IF_ERROR(RegisterIdentity(call, wanted.name, wanted.subscription));
  KW_FAULT_POINT("encryption.identity_registered");
  return commit([&](storage::Transaction& tx) {
    return Activate(tx, wanted.name, {call.correlation_id, ""});
  });
}

absl::Status AccountCreator::Reserve(const Account& wanted, const std::string& tenant) {
  return database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(const std::optional<Account> existing, FindAccount(tx, wanted.name));
    if (existing.has_value() && existing->deleted()) return AccountNameSpent(*existing);
    if (existing.has_value() && !existing->provisioning) return AccountExists(wanted.name);
    if (existing.has_value()) {
      return SameWish(*existing, wanted) ? absl::OkStatus() : AccountBeingCreated(wanted.name);
    }
    Account account = wanted;
    account.provisioning = true;
    account.tenant = tenant;
    account.create_time = account.update_time = account.settings_time = clock_.Now();
    account.access.since = account.create_time;
    account.key.number = 1;
    account.key.platform_version = platform_keys_.current_version();
    KW_ASSIGN_OR_RETURN(
        account.key.ciphertext,
        AccountKey::Generate(wanted.name).WrapWith(platform_keys_.current(), account.key.number));
    return writer_.Insert(tx, account);
  });
}

absl::Status AccountCreator::RegisterIdentity(const server::CallContext& call,
                                              const AccountName& name,
                                              const std::string& subscription) {
  const absl::StatusOr<AccountIdentity> identity = identities_.Create(call, name, subscription);
  if (!identity.ok() && !IsRefusal(identity.status())) {
    return PeerUnavailable(kManagedIdentity, identity.status().message());
  }
  if (identity.ok() && identity->subscription == subscription) return absl::OkStatus();
  KW_RETURN_IF_ERROR(Undo(name));
  if (identity.ok()) return AccountExists(name);
  return absl::IsFailedPrecondition(identity.status()) ? SubscriptionUnknown(subscription)
                                                       : AccountExists(name);
}

absl::StatusOr<Account> AccountCreator::Activate(storage::Transaction& tx, const AccountName& name,
                                                 const Origin& origin) {
  KW_ASSIGN_OR_RETURN(std::optional<Account> account, FindAccount(tx, name));
  if (!account.has_value()) return ChangedMeanwhile(name);
  // Somebody else has finished it: the same request sent twice, or FinishAll.
  if (!account->provisioning) return *std::move(account);
  account->provisioning = false;
  KW_ASSIGN_OR_RETURN(const std::optional<std::string> tenant, TenantOf(tx, account->subscription));
  if (tenant.has_value()) account->tenant = *tenant;
  KW_RETURN_IF_ERROR(writer_.Save(tx, *account, kAccountCreated, origin));
  return *std::move(account);
}

absl::Status AccountCreator::Undo(const AccountName& name) {
  return database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(const std::optional<Account> account, FindAccount(tx, name));
    if (!account.has_value() || !account->provisioning) return absl::OkStatus();
    return writer_.Delete(tx, name);
  });
}

absl::Status AccountCreator::FinishAll(const server::CallContext& call) {
  std::vector<Account> unfinished;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(unfinished, UnfinishedAccounts(tx));
    return absl::OkStatus();
  }));
  absl::Status first_problem;
  for (const Account& account : unfinished) {
    const absl::Status registered = RegisterIdentity(call, account.name, account.subscription);
    if (!registered.ok()) {
      first_problem.Update(registered);
      continue;
    }
    first_problem.Update(database_.Write([&](storage::Transaction& tx) {
      return Activate(tx, account.name, {call.correlation_id, ""}).status();
    }));
  }
  return first_problem;
}

}  // namespace keyward::encryption
