#include "services/encryption/key_unlocker.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/server/log.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/encryption/access_event.h"
#include "services/encryption/account_store.h"
#include "services/encryption/errors.h"
#include "services/encryption/refusals.h"
#include "services/encryption/replica_store.h"

namespace keyward::encryption {
namespace {

constexpr absl::Duration kFeedTimeout = absl::Seconds(2);

// What people are told of a failure that says nothing about access.
std::string Describe(const absl::Status& status) {
  return absl::StrCat("key_vault answered ", CodeName(status.code()), " (", status.message(), ")");
}

}  // namespace

absl::StatusOr<AccountKey> KeyUnlocker::Unlock(const server::CallContext& call,
                                               const Account& account) {
  if (!account.customer_managed()) return UnlockWithPlatformKey(account);
  absl::StatusOr<AccountKey> key = TryCustomerKey(call, account);
  if (key.ok()) return key;
  if (IsAuthoritativeRefusal(key.status())) return ConfirmRefusal(call, account);
  return Unverified(account, key.status());
}

absl::StatusOr<AccountKey> KeyUnlocker::UnlockWithPlatformKey(const Account& account) const {
  const crypto::AesGcmAead* platform_key = parts_.platform_keys.Find(account.key.platform_version);
  if (platform_key == nullptr) {
    return absl::DataLossError(absl::StrCat("platform key ", account.key.platform_version, " of ",
                                            account.name.ToString(), " is not there"));
  }
  absl::StatusOr<AccountKey> key =
      AccountKey::Unwrap(account.name, account.key.number, *platform_key, account.key.ciphertext);
  if (!key.ok()) {
    return absl::DataLossError(
        absl::StrCat("the account key of ", account.name.ToString(), " does not unwrap"));
  }
  return key;
}

absl::StatusOr<AccountKey> KeyUnlocker::TryCustomerKey(const server::CallContext& call,
                                                       const Account& account) {
  absl::StatusOr<AccountKey> key = UnwrapWithCustomerKey(call, account);
  NoteCheck(account, key.status());
  return key;
}

absl::StatusOr<AccountKey> KeyUnlocker::UnwrapWithCustomerKey(const server::CallContext& call,
                                                              const Account& account) {
  KW_ASSIGN_OR_RETURN(CustomerKeys::Unwrapped unwrapped,
                      parts_.customer_keys.Unwrap(call, account.user(), account.binding->version,
                                                  account.key.ciphertext));
  if (unwrapped.principal != account.binding->principal) {
    // Another principal means that the bound one is gone: the event that says so is on its way, and
    // nothing may be opened that the loss would have kept shut.
    parts_.customer_keys.ForgetToken(account.name);
    return PeerUnavailable(kManagedIdentity, "the account's identity is changing");
  }
  return AccountKey::FromBytes(account.name, std::move(unwrapped.plaintext));
}

absl::StatusOr<AccountKey> KeyUnlocker::ConfirmRefusal(const server::CallContext& call,
                                                       const Account& account) {
  const Binding& binding = *account.binding;
  const absl::StatusOr<KeyInspection> inspection =
      parts_.key_vault.Inspect(call, binding.version, account.tenant, binding.principal);
  if (!inspection.ok()) return Unverified(account, inspection.status());
  if (!parts_.replica.AwaitApplied(kKeyVault, inspection->sequence, kFeedTimeout)) {
    return AccessUnverified(account.name, "key_vault's events have not all arrived yet");
  }
  KW_ASSIGN_OR_RETURN(const AccountPtr now, parts_.directory.Find(account.name));
  if (now->access.denied()) return AccessDenied(*now);
  parts_.customer_keys.ForgetToken(account.name);
  absl::StatusOr<AccountKey> key = TryCustomerKey(call, account);
  if (key.ok()) return key;
  if (!IsAuthoritativeRefusal(key.status())) return Unverified(account, key.status());
  server::Log(server::Severity::kWarning, "access.refused_by_vault",
              {{"account", account.name.ToString()},
               {"reason", ErrorReason(key.status())},
               {"correlation_id", call.correlation_id}});
  return TakeAccess(call, account, inspection->sequence);
}

absl::Status KeyUnlocker::TakeAccess(const server::CallContext& call, const Account& account,
                                     int64_t sequence) {
  absl::Status outcome;
  KW_RETURN_IF_ERROR(parts_.database.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(std::optional<Account> now, FindAccount(tx, account.name));
    KW_ASSIGN_OR_RETURN(const int64_t applied, AppliedOf(tx, kKeyVault));
    if (now.has_value() && now->access.denied()) {
      outcome = AccessDenied(*now);
      return absl::OkStatus();
    }
    if (!now.has_value() || now->revision != account.revision || applied < sequence) {
      outcome = AccessUnverified(account.name, "its settings are being changed");
      return absl::OkStatus();
    }
    KW_RETURN_IF_ERROR(parts_.transitions.Lose(
        tx, *now, {v1::CAUSE_REFUSED_BY_VAULT, parts_.clock.Now(), ""}, call.correlation_id));
    outcome = AccessDenied(*now);
    return absl::OkStatus();
  }));
  return outcome;
}

std::optional<KeyUnlocker::Trouble> KeyUnlocker::TroubleWith(const AccountName& account) const {
  absl::MutexLock lock(&mutex_);
  const auto found = troubles_.find(account);
  if (found == troubles_.end()) return std::nullopt;
  return found->second;
}

void KeyUnlocker::NoteCheck(const Account& account, const absl::Status& status) {
  {
    absl::MutexLock lock(&mutex_);
    if (status.ok()) {
      troubles_.erase(account.name);
    } else {
      // The first failure tells since when.
      auto [trouble, first] = troubles_.try_emplace(account.name);
      if (first) trouble->second.since = parts_.clock.Now();
      trouble->second.why = Describe(status);
    }
  }
  Account checked = account;
  checked.check = {parts_.clock.Now(), CodeName(status.code())};
  const absl::Status saved = parts_.database.Write(
      [&](storage::Transaction& tx) { return parts_.writer.SaveCheck(tx, checked); });
  if (!saved.ok()) {
    server::Log(server::Severity::kWarning, "access.check_not_saved",
                {{"account", account.name.ToString()}, {"error", saved.ToString()}});
  }
}

absl::Status KeyUnlocker::Unverified(const Account& account, const absl::Status& cause) {
  return AccessUnverified(account.name, Describe(cause));
}

}  // namespace keyward::encryption
