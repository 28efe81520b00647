#include "services/encryption/account_lifecycle.h"

#include <optional>
#include <string>
#include <vector>

#include "common/status/status_macros.h"
#include "common/storage/fault_point.h"
#include "services/encryption/account_store.h"
#include "services/encryption/background_audit.h"
#include "services/encryption/scope_key_store.h"
#include "services/encryption/timestamps.h"
#include "services/encryption/usage_store.h"
#include "services/encryption/work_store.h"

namespace keyward::encryption {

Account AccountLifecycle::AfterDelete(Account account) const {
  // To the microsecond, as it is stored.
  const absl::Time now = absl::FromUnixMicros(absl::ToUnixMicros(clock_.Now()));
  account.deletion = {now, now + kAccountRetention};
  if (account.access.denied()) return account;
  ++account.access.epoch;
  ++account.scopes_revision;
  return account;
}

absl::Status AccountLifecycle::Delete(storage::Transaction& tx, Account& account,
                                      const Origin& origin) {
  account = AfterDelete(account);
  // What access was lost to already has been destroyed or sealed, and told of.
  if (account.access.denied()) return writer_.Save(tx, account, kAccountUpdated, origin);
  KW_RETURN_IF_ERROR(SealScopeKeys(tx, account.name, kUploadsScope, account.deletion->purge_time));
  v1::AccountChanged details;
  *details.mutable_upload_retention_grace() = ToProto(kAccountRetention);
  return writer_.Save(tx, account, kAccessLost, origin, details);
}

absl::Status AccountLifecycle::Recover(storage::Transaction& tx, Account& account,
                                       const Origin& origin) {
  // What is overdue stays lost, whoever comes to it first.
  KW_RETURN_IF_ERROR(transitions_.DestroyDue(tx, account, origin));
  account.deletion.reset();
  ++account.scopes_revision;
  if (!account.access.denied()) {
    // Who was at work when it was deleted must see that it was.
    account.access.since = clock_.Now();
    account.access.event = origin.caused_by;
    KW_RETURN_IF_ERROR(UnsealScopeKeys(tx, account.name, kUploadsScope).status());
    return writer_.Save(tx, account, kAccessRestored, origin);
  }
  // What would have brought access back may have happened while nobody asked.
  KW_RETURN_IF_ERROR(
      RequestWork(tx, account.name, AccountWork::Kind::kRestore, origin.caused_by, clock_.Now()));
  tx.OnCommit([this] { work_.Wake(); });
  return writer_.Save(tx, account, kAccountUpdated, origin);
}

absl::Status AccountLifecycle::Purge(storage::Transaction& tx, Account& account,
                                     const Origin& origin) {
  const int64_t epoch = account.access.epoch;
  for (const char* scope : {kUploadsScope, kModelsScope}) {
    KW_RETURN_IF_ERROR(DestroyScopeKeys(tx, account.name, scope, epoch, clock_.Now()).status());
    // Also if there was no key: it ends what the deletion has sealed.
    KW_RETURN_IF_ERROR(writer_.PublishScopeDestroyed(tx, account.name, scope, epoch, origin));
  }
  // Overwritten in its place.
  account.key.ciphertext.assign(account.key.ciphertext.size(), '\0');
  account.binding.reset();
  account.deletion->purged = true;
  ++account.scopes_revision;
  KW_RETURN_IF_ERROR(writer_.Save(tx, account, kAccountPurged, origin));
  KW_RETURN_IF_ERROR(ForgetUsage(tx, account.name));
  KW_RETURN_IF_ERROR(registrar_.BindingChanged(tx, account.name));
  KW_RETURN_IF_ERROR(
      RequestWork(tx, account.name, AccountWork::Kind::kDeleteIdentity, "", clock_.Now()));
  tx.OnCommit([this] {
    work_.Wake();
    scrubber_.Wake();
  });
  return absl::OkStatus();
}

absl::Status AccountLifecycle::PurgeDue(const server::CallContext& call, int limit) {
  std::vector<Account> due;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(due, AccountsToPurge(tx, clock_.Now(), limit));
    return absl::OkStatus();
  }));
  const Origin origin = {call.correlation_id, ""};
  for (const Account& found : due) {
    KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
      KW_ASSIGN_OR_RETURN(std::optional<Account> account, FindAccount(tx, found.name));
      // It was recovered meanwhile, or another replica was faster.
      if (!account.has_value() || account->purged() || !RetentionOver(*account)) {
        return absl::OkStatus();
      }
      KW_RETURN_IF_ERROR(Purge(tx, *account, origin));
      return AuditBackground(tx, clock_.Now(), "background/PurgeAccount", account->name, origin,
                             {});
    }));
  }
  return absl::OkStatus();
}

absl::Status AccountLifecycle::FinishPurge(const server::CallContext& call,
                                           const AccountName& account) {
  const absl::Status deleted = identities_.Delete(call, account);
  KW_FAULT_POINT("encryption.identity_deleted");
  return absl::IsNotFound(deleted) ? absl::OkStatus() : deleted;
}

}  // namespace keyward::encryption
