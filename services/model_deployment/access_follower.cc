#include "services/model_deployment/access_follower.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/status/status_macros.h"
#include "services/model_deployment/account_store.h"
#include "services/model_deployment/document_store.h"
#include "services/model_deployment/encryption_client.h"
#include "services/model_deployment/loss_store.h"
#include "services/model_deployment/model_store.h"
#include "services/model_deployment/timestamps.h"

namespace keyward::model_deployment {

namespace {

using encryption::v1::AccountChanged;
using encryption::v1::ScopeDestroyed;
using events::v1::Event;

constexpr absl::string_view kAccessLost = "keyward.encryption.AccessLost";
constexpr absl::string_view kAccessRestored = "keyward.encryption.AccessRestored";

Account AccountFrom(const AccountChanged& change) {
  Account account;
  account.name = change.account();
  account.subscription = change.subscription();
  account.tenant = change.tenant();
  account.region = change.region();
  account.key_source = change.key_source();
  account.verdict = change.access().verdict();
  account.denial = {change.access().cause(), FromProto(change.access().since()),
                    change.access().event()};
  account.message = change.access().message();
  account.epoch = change.access().epoch();
  return account;
}

}  // namespace

absl::Status AccessFollower::Apply(storage::Transaction& tx, const Event& event) {
  AccountChanged account;
  if (event.data().UnpackTo(&account)) {
    return event.type() == kAccessLost ? ApplyLoss(tx, event, account)
                                       : ApplyAccount(tx, event, account);
  }
  ScopeDestroyed scope;
  if (event.data().UnpackTo(&scope)) return ApplyScopeDestroyed(tx, event, scope);
  return absl::OkStatus();
}

void AccessFollower::Observe(const Event& event) {
  AccountChanged change;
  if (event.data().UnpackTo(&change)) {
    gates_.Set(AccountFrom(change));
    if (event.type() == kAccessLost) deployments_.KillAccount(change.account());
    changed_(change.account());
    return;
  }
  ScopeDestroyed scope;
  if (!event.data().UnpackTo(&scope)) return;
  // Those of its models that may go on are loaded again.
  if (scope.scope() == kModelsScope) deployments_.KillAccount(scope.account());
  changed_(scope.account());
}

absl::Status AccessFollower::ApplyAccount(storage::Transaction& tx, const Event& event,
                                          const AccountChanged& change) {
  Account account = AccountFrom(change);
  KW_ASSIGN_OR_RETURN(std::optional<Account> known, FindAccount(tx, account.name));
  // The account was asked for when this service had not yet heard of it: what comes is older.
  if (known.has_value() && known->epoch > account.epoch) return absl::OkStatus();
  if (event.type() == kAccessRestored) {
    KW_RETURN_IF_ERROR(UnsealDocuments(tx, account.name));
    KW_RETURN_IF_ERROR(RestoreSealedLosses(tx, account.name));
  }
  KW_RETURN_IF_ERROR(PutAccount(tx, account));
  tx.OnCommit([this, account, restored = event.type() == kAccessRestored] {
    gates_.Set(account);
    if (restored) changed_(account.name);
  });
  return absl::OkStatus();
}

absl::Status AccessFollower::ApplyLoss(storage::Transaction& tx, const Event& event,
                                       const AccountChanged& change) {
  Account account = AccountFrom(change);
  KW_ASSIGN_OR_RETURN(std::optional<Account> known, FindAccount(tx, account.name));
  // One that this service has seen the end of already, when it first asked for the account.
  bool is_past = known.has_value() && known->epoch >= account.epoch;
  bool sealed = change.has_upload_retention_grace() && !change.has_uploads_destroyed_time();
  Loss loss;
  loss.access_event = event.id();
  loss.account = account.name;
  loss.epoch = account.epoch;
  loss.cause = account.denial.cause;
  loss.loss_event = account.denial.event;
  loss.loss_time = account.denial.since;
  loss.gate_closed_time = clock_.Now();
  if (change.has_uploads_destroyed_time()) {
    loss.scope_destroyed_time = FromProto(change.uploads_destroyed_time());
  }
  loss.state = sealed ? Loss::State::kSealed : Loss::State::kDestroying;
  KW_ASSIGN_OR_RETURN(bool is_new, AddLoss(tx, loss));
  if (!is_new) return absl::OkStatus();
  KW_RETURN_IF_ERROR(CondemnDocuments(tx, account.name, account.epoch, event.id(), sealed));
  if (is_past) {
    tx.OnCommit([this, name = account.name] { changed_(name); });
    return absl::OkStatus();
  }
  KW_RETURN_IF_ERROR(
      ApplyLossToModels(tx, {account.name, account.denial.cause, account.denial.event, event.id(),
                             loss.gate_closed_time}));
  account.verdict = encryption::v1::VERDICT_DENIED;
  KW_RETURN_IF_ERROR(PutAccount(tx, account));
  tx.OnCommit([this, account] {
    gates_.Set(account);
    deployments_.KillAccount(account.name);
    changed_(account.name);
  });
  return absl::OkStatus();
}

absl::Status AccessFollower::ApplyScopeDestroyed(storage::Transaction& tx, const Event& event,
                                                 const ScopeDestroyed& change) {
  if (change.scope() == kModelsScope) {
    KW_ASSIGN_OR_RETURN(
        std::vector<std::string> models,
        ApplyArtifactLoss(tx, change.account(), change.access_epoch(), event.id(), clock_.Now()));
    tx.OnCommit([this, account = change.account(), models] {
      for (const std::string& model : models) deployments_.Unload(model);
      changed_(account);
    });
    return absl::OkStatus();
  }
  if (change.scope() != kUploadsScope) return absl::OkStatus();
  // Keys up to an epoch are gone: the end of the grace of losses up to the one after it.
  int64_t epoch = change.access_epoch() + 1;
  KW_RETURN_IF_ERROR(
      ReleaseSealedLosses(tx, change.account(), epoch, FromProto(change.destroy_time())));
  KW_RETURN_IF_ERROR(CondemnSealedDocuments(tx, change.account(), epoch));
  KW_RETURN_IF_ERROR(CondemnOnRequest(tx, event, change));
  tx.OnCommit([this, account = change.account()] { changed_(account); });
  return absl::OkStatus();
}

absl::Status AccessFollower::CondemnOnRequest(storage::Transaction& tx, const Event& event,
                                              const ScopeDestroyed& change) {
  int64_t epoch = change.access_epoch() + 1;
  KW_ASSIGN_OR_RETURN(int64_t documents, CountDocumentsBefore(tx, change.account(), epoch));
  if (documents == 0) return absl::OkStatus();
  // Somebody asked for it: access goes on, but receipts are due all the same.
  Loss loss;
  loss.access_event = event.id();
  loss.account = change.account();
  loss.epoch = epoch;
  loss.loss_event = event.caused_by().empty() ? event.id() : event.caused_by();
  loss.loss_time = FromProto(change.destroy_time());
  loss.gate_closed_time = clock_.Now();
  loss.scope_destroyed_time = FromProto(change.destroy_time());
  KW_ASSIGN_OR_RETURN(bool is_new, AddLoss(tx, loss));
  if (!is_new) return absl::OkStatus();
  return CondemnDocuments(tx, change.account(), epoch, event.id(), /*sealed=*/false);
}

}  // namespace keyward::model_deployment
