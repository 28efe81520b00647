#include "services/encryption/access_transitions.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/server/log.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/encryption/background_audit.h"
#include "services/encryption/errors.h"
#include "services/encryption/scope_key_store.h"
#include "services/encryption/timestamps.h"
#include "services/encryption/work_store.h"

namespace keyward::encryption {
namespace {

// One line of the log once the change is committed; how often a transaction was tried shows
// nowhere.
void LogChange(storage::Transaction& tx, server::Severity severity, const char* what,
               const Account& account, const std::string& cause, const Origin& origin) {
  tx.OnCommit([severity, what, name = account.name.ToString(), cause, epoch = account.access.epoch,
               origin] {
    server::Log(severity, what,
                {{"account", name},
                 {"cause", cause},
                 {"event", origin.caused_by},
                 {"epoch", epoch},
                 {"correlation_id", origin.correlation_id}});
  });
}

}  // namespace

absl::Status CheckScope(const std::string& scope) {
  if (scope == kUploadsScope || scope == kModelsScope) return absl::OkStatus();
  return InvalidField("scope", "must be \"uploads\" or \"models\"");
}

absl::Status AccessTransitions::Lose(storage::Transaction& tx, Account& account, const Loss& loss,
                                     const std::string& correlation_id) {
  const absl::Time now = clock_.Now();
  const Origin origin = {correlation_id, loss.event};
  v1::AccountChanged details;
  if (account.upload_retention_grace > absl::ZeroDuration()) {
    absl::Time destroy_time = now + account.upload_retention_grace;
    if (account.deleted()) destroy_time = std::min(destroy_time, account.deletion->purge_time);
    KW_RETURN_IF_ERROR(ResealScopeKeys(tx, account.name, kUploadsScope, destroy_time));
    *details.mutable_upload_retention_grace() = ToProto(account.upload_retention_grace);
  } else {
    KW_RETURN_IF_ERROR(
        DestroyScopeKeys(tx, account.name, kUploadsScope, account.access.epoch, now).status());
    *details.mutable_uploads_destroyed_time() = ToProto(now);
    tx.OnCommit([this] { scrubber_.Wake(); });
    // Those who sealed its uploads, since it was deleted, need not wait for the purge.
    if (account.deleted()) {
      KW_RETURN_IF_ERROR(writer_.PublishScopeDestroyed(tx, account.name, kUploadsScope,
                                                       account.access.epoch, origin));
    }
  }
  account.access.verdict = v1::VERDICT_DENIED;
  account.access.cause = loss.cause;
  account.access.since = loss.since;
  account.access.event = loss.event;
  ++account.access.epoch;
  ++account.scopes_revision;
  KW_RETURN_IF_ERROR(
      Audit(tx, "background/AccessLost", account, origin,
            {{"cause", CauseName(loss.cause)}, {"epoch", absl::StrCat(account.access.epoch)}}));
  LogChange(tx, server::Severity::kWarning, "access.lost", account, CauseName(loss.cause), origin);
  return writer_.Save(tx, account, kAccessLost, origin, details);
}

absl::Status AccessTransitions::Restore(storage::Transaction& tx, Account& account,
                                        const Binding& binding, const Origin& origin) {
  // What is overdue stays lost, whoever comes to it first.
  KW_RETURN_IF_ERROR(DestroyDue(tx, account, origin));
  if (account.deleted()) {
    KW_RETURN_IF_ERROR(
        ResealScopeKeys(tx, account.name, kUploadsScope, account.deletion->purge_time));
  } else {
    KW_RETURN_IF_ERROR(UnsealScopeKeys(tx, account.name, kUploadsScope).status());
  }
  account.binding = binding;
  account.access.verdict = v1::VERDICT_ACCESSIBLE;
  account.access.cause = v1::CAUSE_UNSPECIFIED;
  account.access.since = clock_.Now();
  account.access.event = origin.caused_by;
  ++account.scopes_revision;
  if (binding.follows_newest) {
    // Versions that came while access was lost were not taken over.
    KW_RETURN_IF_ERROR(RequestWork(tx, account.name, AccountWork::Kind::kFollowNewest,
                                   origin.caused_by, clock_.Now()));
  }
  KW_RETURN_IF_ERROR(Audit(tx, "background/AccessRestored", account, origin,
                           {{"key_version", binding.version}, {"principal", binding.principal}}));
  LogChange(tx, server::Severity::kInfo, "access.restored", account, "", origin);
  // Nobody is to open a deleted account.
  return writer_.Save(tx, account, account.deleted() ? kAccountUpdated : kAccessRestored, origin);
}

absl::Status AccessTransitions::DestroyDue(storage::Transaction& tx, Account& account,
                                           const Origin& origin) {
  KW_ASSIGN_OR_RETURN(const int64_t destroyed,
                      DestroyDueScopeKeys(tx, account.name, kUploadsScope, clock_.Now()));
  if (destroyed == 0) return absl::OkStatus();
  // Sealed keys are all of epochs before the loss that sealed them.
  return TellDestroyed(tx, account, kUploadsScope, account.access.epoch - 1, origin);
}

absl::StatusOr<int64_t> AccessTransitions::DestroyScope(storage::Transaction& tx, Account& account,
                                                        const std::string& scope,
                                                        int64_t up_to_epoch, const Origin& origin) {
  KW_ASSIGN_OR_RETURN(const int64_t destroyed,
                      DestroyScopeKeys(tx, account.name, scope, up_to_epoch, clock_.Now()));
  if (destroyed > 0) {
    // Keys of the present epoch are gone: what was made with them and is not finished must not be
    // taken for what comes after.
    if (up_to_epoch >= account.access.epoch) account.access.epoch = up_to_epoch + 1;
    KW_RETURN_IF_ERROR(TellDestroyed(tx, account, scope, up_to_epoch, origin));
  }
  return destroyed;
}

absl::Status AccessTransitions::TellDestroyed(storage::Transaction& tx, Account& account,
                                              const std::string& scope, int64_t up_to_epoch,
                                              const Origin& origin) {
  KW_RETURN_IF_ERROR(Audit(tx, "background/ScopeDestroyed", account, origin,
                           {{"scope", scope}, {"access_epoch", absl::StrCat(up_to_epoch)}}));
  ++account.scopes_revision;
  KW_RETURN_IF_ERROR(writer_.Save(tx, account, kAccountUpdated, origin));
  KW_RETURN_IF_ERROR(writer_.PublishScopeDestroyed(tx, account.name, scope, up_to_epoch, origin));
  tx.OnCommit([this] { scrubber_.Wake(); });
  return absl::OkStatus();
}

absl::Status AccessTransitions::Audit(storage::Transaction& tx, const char* operation,
                                      const Account& account, const Origin& origin,
                                      std::map<std::string, std::string> details) {
  return AuditBackground(tx, clock_.Now(), operation, account.name, origin, std::move(details));
}

}  // namespace keyward::encryption
