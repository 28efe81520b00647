#include "services/encryption/access_restorer.h"

#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "services/encryption/access_event.h"
#include "services/encryption/account_store.h"
#include "services/encryption/errors.h"
#include "services/encryption/replica_store.h"

namespace keyward::encryption {
namespace {

constexpr int kAttempts = 3;

}  // namespace

absl::StatusOr<Account> AccessRestorer::Try(const server::CallContext& call,
                                            const AccountName& name, const std::string& caused_by) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    KW_ASSIGN_OR_RETURN(const AccountPtr account, directory_.Find(name));
    if (!account->customer_managed()) return *account;
    KW_ASSIGN_OR_RETURN(std::optional<Account> restored, TryOnce(call, account, caused_by));
    if (restored.has_value()) return *std::move(restored);
  }
  return ChangedMeanwhile(name);
}

absl::StatusOr<std::optional<Account>> AccessRestorer::TryOnce(const server::CallContext& call,
                                                               const AccountPtr& account,
                                                               const std::string& caused_by) {
  const Binding& binding = *account->binding;
  const KeyUser user = account->user();
  KW_ASSIGN_OR_RETURN(const std::string principal, examiner_.PrincipalOf(call, user));
  KW_ASSIGN_OR_RETURN(KeyFacts facts, examiner_.Examine(call, *account, binding.version, user,
                                                        principal, KeyFacts::Purpose::kRestore));
  const std::vector<RuleVerdict> verdicts = CheckRules(facts);
  if (!WorthProbing(verdicts)) return CustomerKeyRulesBroken(account->name, verdicts);

  const absl::StatusOr<CustomerKeys::Unwrapped> unwrapped =
      customer_keys_.Unwrap(call, user, binding.version, account->key.ciphertext);
  unlocker_.NoteCheck(*account, unwrapped.status());
  if (!unwrapped.ok() && ProbeTellsOfAccess(unwrapped.status())) {
    facts.probe = unwrapped.status();
    return CustomerKeyRulesBroken(account->name, CheckRules(facts));
  }
  if (!unwrapped.ok()) return PeerUnavailable(kKeyVault, unwrapped.status().message());
  if (unwrapped->principal != principal) {
    customer_keys_.ForgetToken(account->name);
    return std::nullopt;
  }
  const BindingFacts found = {binding.vault, facts.inspection.sequence, user.identity, principal};
  if (!examiner_.AwaitFeeds(account->name, found)) {
    return PeerUnavailable(kKeyVault,
                           "its events, or managed_identity's, have not all arrived yet");
  }
  return Commit(call, account, found, caused_by);
}

absl::StatusOr<std::optional<Account>> AccessRestorer::Commit(const server::CallContext& call,
                                                              const AccountPtr& before,
                                                              const BindingFacts& facts,
                                                              const std::string& caused_by) {
  std::optional<Account> account;
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(account, FindAccount(tx, before->name));
    const bool same = account.has_value() && account->revision == before->revision;
    if (!same) {
      account.reset();
      return absl::OkStatus();
    }
    // Access that was not lost is confirmed as it is, with the principal that it was bound to.
    if (!account->access.denied()) return absl::OkStatus();
    KW_ASSIGN_OR_RETURN(const bool facts_hold, facts.Hold(tx, *account));
    if (!facts_hold) {
      account.reset();
      return absl::OkStatus();
    }
    Binding binding = *account->binding;
    binding.principal = facts.principal;
    binding.tenant = account->tenant;
    binding.vault_sequence = facts.sequence;
    KW_ASSIGN_OR_RETURN(binding.identity_sequence, AppliedOf(tx, kManagedIdentity));
    return transitions_.Restore(tx, *account, binding, {call.correlation_id, caused_by});
  }));
  return account;
}

}  // namespace keyward::encryption
