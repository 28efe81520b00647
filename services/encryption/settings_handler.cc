#include "services/encryption/settings_handler.h"

#include <utility>
#include <vector>

#include "common/server/log.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "common/storage/fault_point.h"
#include "common/storage/request_ids.h"
#include "services/encryption/access_event.h"
#include "services/encryption/answered_request.h"
#include "services/encryption/errors.h"
#include "services/encryption/tiers.h"

namespace keyward::encryption {
namespace {

constexpr int kAttempts = 3;

bool TierHasSettings(const Account& account) {
  const Tier* tier = FindTier(account.tier);
  return tier != nullptr && tier->customer_managed_keys;
}

}  // namespace

absl::StatusOr<AccountPtr> SettingsHandler::FindWithSettings(const std::string& name) const {
  KW_ASSIGN_OR_RETURN(const AccountName account_name, AccountName::Parse(name, "account"));
  KW_ASSIGN_OR_RETURN(AccountPtr account, parts_.directory.Find(account_name));
  if (!TierHasSettings(*account)) {
    return TierWithoutEncryptionSettings(account->name, account->tier);
  }
  return account;
}

std::string SettingsHandler::PresentPrincipal(const server::CallContext& call,
                                              const Account& account) const {
  absl::StatusOr<std::string> principal = parts_.examiner.PrincipalOf(call, account.user());
  if (principal.ok()) return *std::move(principal);
  return parts_.replica.IdentityOf(account.user().resource()).value_or(KnownIdentity()).principal;
}

absl::StatusOr<v1::EncryptionSettings> SettingsHandler::Get(
    const server::CallContext& call, const v1::GetEncryptionSettingsRequest& request) {
  KW_ASSIGN_OR_RETURN(const AccountPtr account, FindWithSettings(request.account()));
  return parts_.views.SettingsOf(*account, PresentPrincipal(call, *account));
}

absl::StatusOr<v1::ValidateCustomerManagedKeyResponse> SettingsHandler::Validate(
    const server::CallContext& call, const v1::ValidateCustomerManagedKeyRequest& request) {
  KW_ASSIGN_OR_RETURN(const AccountName name, AccountName::Parse(request.account(), "account"));
  KW_ASSIGN_OR_RETURN(const CustomerKeyName key,
                      CustomerKeyName::Parse(request.customer_key().key(), "customer_key.key"));
  KW_ASSIGN_OR_RETURN(const std::string identity,
                      ParseIdentity(request.customer_key().identity(), "customer_key.identity"));
  KW_ASSIGN_OR_RETURN(const AccountPtr account, parts_.directory.FindLive(name));
  KW_ASSIGN_OR_RETURN(const KeyUser user, parts_.examiner.Choose(call, *account, identity));
  KW_ASSIGN_OR_RETURN(const std::string principal, parts_.examiner.PrincipalOf(call, user));
  KW_ASSIGN_OR_RETURN(KeyFacts facts, parts_.examiner.Examine(call, *account, key.ToString(), user,
                                                              principal, KeyFacts::Purpose::kBind));
  if (WorthProbing(CheckRules(facts))) {
    const absl::Status probe = parts_.customer_keys.Probe(call, user, facts.inspection.version);
    if (!probe.ok() && !ProbeTellsOfAccess(probe)) {
      return PeerUnavailable(kKeyVault, probe.message());
    }
    facts.probe = probe;
  }
  v1::ValidateCustomerManagedKeyResponse response;
  const std::vector<RuleVerdict> verdicts = CheckRules(facts);
  for (const RuleVerdict& verdict : verdicts) {
    v1::RuleVerdict& view = *response.add_rules();
    view.set_rule(verdict.rule);
    view.set_outcome(verdict.outcome);
    view.set_message(verdict.message);
  }
  response.set_valid(AllHold(verdicts));
  return response;
}

template <typename Request>
absl::StatusOr<std::optional<v1::EncryptionSettings>> SettingsHandler::CarryOut(
    const server::CallContext& call, const Request& request, const Rekeyer::Plan& plan,
    const std::string& principal) {
  KW_FAULT_POINT("encryption.before_rekey");
  bool held = true;
  absl::StatusOr<v1::EncryptionSettings> settings =
      storage::IdempotentWrite<v1::EncryptionSettings>(
          parts_.database, parts_.clock.Now(), call.caller.principal, request,
          [&](storage::Transaction& tx) -> absl::StatusOr<v1::EncryptionSettings> {
            KW_ASSIGN_OR_RETURN(const std::optional<Account> account,
                                parts_.rekeyer.Commit(tx, plan, {call.correlation_id, ""}));
            held = account.has_value();
            if (!held) return absl::CancelledError("the plan did not hold");
            return parts_.views.SettingsOf(*account, principal);
          });
  if (!held) return std::nullopt;
  if (!settings.ok()) return settings.status();
  Scrub();
  call.Note("key_version", settings->key_version_in_use());
  return *std::move(settings);
}

absl::StatusOr<std::optional<v1::EncryptionSettings>> SettingsHandler::EnableOnce(
    const server::CallContext& call, const v1::EnableCustomerManagedKeyRequest& request,
    const AccountName& name, const CustomerKeyName& key) {
  KW_ASSIGN_OR_RETURN(const AccountPtr account, parts_.directory.FindLive(name));
  if (account->access.denied()) {
    // Only the key that guards the account now can hand its account key over.
    KW_RETURN_IF_ERROR(parts_.restorer.Try(call, name).status());
    return std::nullopt;
  }
  const bool eligible = TierHasSettings(*account) && !account->global();
  KW_ASSIGN_OR_RETURN(const std::string identity,
                      ParseIdentity(request.customer_key().identity(), "customer_key.identity"));
  KW_ASSIGN_OR_RETURN(const KeyUser user, parts_.examiner.Choose(call, *account, identity));
  KW_ASSIGN_OR_RETURN(const std::string principal, eligible
                                                       ? parts_.examiner.EnableIdentity(call, user)
                                                       : parts_.examiner.PrincipalOf(call, user));
  KW_ASSIGN_OR_RETURN(const Rekeyer::Plan plan,
                      parts_.rekeyer.PlanCustomerKey(call, account, key, user, principal));
  return CarryOut(call, request, plan, principal);
}

absl::StatusOr<v1::EncryptionSettings> SettingsHandler::Enable(
    const server::CallContext& call, const v1::EnableCustomerManagedKeyRequest& request) {
  KW_ASSIGN_OR_RETURN(const AccountName name, AccountName::Parse(request.account(), "account"));
  KW_ASSIGN_OR_RETURN(const CustomerKeyName key,
                      CustomerKeyName::Parse(request.customer_key().key(), "customer_key.key"));
  KW_ASSIGN_OR_RETURN(std::optional<v1::EncryptionSettings> settings,
                      FindAnswer<v1::EncryptionSettings>(parts_.database, parts_.clock.Now(),
                                                         call.caller.principal, request));
  for (int attempt = 0; !settings.has_value() && attempt < kAttempts; ++attempt) {
    KW_ASSIGN_OR_RETURN(settings, EnableOnce(call, request, name, key));
  }
  if (!settings.has_value()) return ChangedMeanwhile(name);
  return *std::move(settings);
}

absl::StatusOr<v1::EncryptionSettings> SettingsHandler::Revert(
    const server::CallContext& call, const v1::RevertToPlatformManagedRequest& request) {
  KW_ASSIGN_OR_RETURN(const AccountName name, AccountName::Parse(request.account(), "account"));
  KW_ASSIGN_OR_RETURN(std::optional<v1::EncryptionSettings> settings,
                      FindAnswer<v1::EncryptionSettings>(parts_.database, parts_.clock.Now(),
                                                         call.caller.principal, request));
  for (int attempt = 0; !settings.has_value() && attempt < kAttempts; ++attempt) {
    KW_ASSIGN_OR_RETURN(const AccountPtr account, FindWithSettings(request.account()));
    if (account->deleted()) return AccountDeleted(*account);
    if (account->access.denied()) return AccessDenied(*account);
    const std::string principal = PresentPrincipal(call, *account);
    if (!account->customer_managed()) return parts_.views.SettingsOf(*account, principal);
    KW_ASSIGN_OR_RETURN(const Rekeyer::Plan plan, parts_.rekeyer.PlanPlatformKey(call, account));
    KW_ASSIGN_OR_RETURN(settings, CarryOut(call, request, plan, principal));
  }
  if (!settings.has_value()) return ChangedMeanwhile(name);
  return *std::move(settings);
}

absl::StatusOr<v1::EncryptionSettings> SettingsHandler::Revalidate(
    const server::CallContext& call, const v1::RevalidateAccessRequest& request) {
  KW_ASSIGN_OR_RETURN(const AccountPtr account, FindWithSettings(request.account()));
  if (account->deleted()) return AccountDeleted(*account);
  KW_ASSIGN_OR_RETURN(const Account restored, parts_.restorer.Try(call, account->name));
  return parts_.views.SettingsOf(restored, PresentPrincipal(call, restored));
}

void SettingsHandler::Scrub() {
  const absl::Status scrubbed = parts_.database.Scrub();
  if (scrubbed.ok()) return;
  server::Log(server::Severity::kWarning, "storage.scrub_failed", {{"error", scrubbed.ToString()}});
}

}  // namespace keyward::encryption
