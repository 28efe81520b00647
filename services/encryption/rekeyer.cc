#include "services/encryption/rekeyer.h"

#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "services/encryption/access_event.h"
#include "services/encryption/account_store.h"
#include "services/encryption/errors.h"
#include "services/encryption/replica_store.h"
#include "services/encryption/scope_key_store.h"

namespace keyward::encryption {
namespace {

// The feeds may be late: then nothing can be decided now.
absl::Status FeedsLate() {
  return PeerUnavailable(kKeyVault, "its events, or managed_identity's, have not all arrived yet");
}

}  // namespace

absl::StatusOr<Rekeyer::Plan> Rekeyer::PlanCustomerKey(const server::CallContext& call,
                                                       const AccountPtr& account,
                                                       const CustomerKeyName& key,
                                                       const KeyUser& user,
                                                       const std::string& principal) {
  KW_ASSIGN_OR_RETURN(KeyFacts facts, examiner_.Examine(call, *account, key.ToString(), user,
                                                        principal, KeyFacts::Purpose::kBind));
  std::vector<RuleVerdict> verdicts = CheckRules(facts);
  if (!WorthProbing(verdicts)) return CustomerKeyRulesBroken(account->name, verdicts);
  KW_ASSIGN_OR_RETURN(const CustomerKeyName version,
                      CustomerKeyName::Parse(facts.inspection.version, "version"));
  Binding binding;
  binding.vault = version.vault();
  binding.key = version.key();
  binding.version = version.ToString();
  binding.follows_newest = key.follows_newest();
  if (!user.own()) binding.identity = user.identity;
  binding.principal = principal;
  binding.tenant = account->tenant;
  binding.vault_sequence = facts.inspection.sequence;

  KW_ASSIGN_OR_RETURN(AccountKey old_key, unlocker_.Unlock(call, *account));
  // From here on nobody takes the version away without having seen the account.
  const absl::Status registered = registrar_.Register(call, account->name, binding.version);
  if (!registered.ok()) return PeerUnavailable(kKeyVault, registered.message());
  AccountKey new_key = AccountKey::Generate(account->name);
  absl::StatusOr<std::string> wrapped = WrapAndVerify(call, user, binding, new_key);
  if (!wrapped.ok() && ProbeTellsOfAccess(wrapped.status())) {
    facts.probe = wrapped.status();
    return CustomerKeyRulesBroken(account->name, CheckRules(facts));
  }
  if (!wrapped.ok()) return PeerUnavailable(kKeyVault, wrapped.status().message());

  Plan plan = {account,
               std::move(old_key),
               std::move(new_key),
               {account->key.number + 1, 0, *std::move(wrapped)},
               binding,
               {binding.vault, binding.vault_sequence, user.identity, principal}};
  if (!examiner_.AwaitFeeds(account->name, plan.facts)) return FeedsLate();
  return plan;
}

absl::StatusOr<std::string> Rekeyer::WrapAndVerify(const server::CallContext& call,
                                                   const KeyUser& user, const Binding& binding,
                                                   const AccountKey& key) {
  KW_ASSIGN_OR_RETURN(CustomerKeys::Wrapped wrapped,
                      customer_keys_.Wrap(call, user, binding.version, key.bytes()));
  KW_ASSIGN_OR_RETURN(const CustomerKeys::Unwrapped unwrapped,
                      customer_keys_.Unwrap(call, user, binding.version, wrapped.ciphertext));
  if (unwrapped.plaintext != key.bytes()) {
    return PeerUnavailable(kKeyVault, "what it unwrapped is not what it had wrapped");
  }
  if (wrapped.principal != binding.principal || unwrapped.principal != binding.principal) {
    customer_keys_.ForgetToken(user.account);
    return PeerUnavailable(kManagedIdentity, "the account's identity is changing");
  }
  return std::move(wrapped.ciphertext);
}

absl::StatusOr<Rekeyer::Plan> Rekeyer::PlanPlatformKey(const server::CallContext& call,
                                                       const AccountPtr& account) {
  const Binding& binding = *account->binding;
  // A loss that was committed before this call must count, though the account goes away from that
  // key: so the feed is applied up to here, as for a new binding.
  KW_ASSIGN_OR_RETURN(const KeyFacts facts,
                      examiner_.Examine(call, *account, binding.version, account->user(),
                                        binding.principal, KeyFacts::Purpose::kRestore));
  KW_ASSIGN_OR_RETURN(AccountKey old_key, unlocker_.Unlock(call, *account));
  AccountKey new_key = AccountKey::Generate(account->name);
  const int64_t number = account->key.number + 1;
  KW_ASSIGN_OR_RETURN(std::string wrapped, new_key.WrapWith(platform_keys_.current(), number));
  Plan plan = {
      account,
      std::move(old_key),
      std::move(new_key),
      {number, platform_keys_.current_version(), std::move(wrapped)},
      std::nullopt,
      {binding.vault, facts.inspection.sequence, account->user().identity, binding.principal}};
  if (!examiner_.AwaitFeeds(account->name, plan.facts)) return FeedsLate();
  return plan;
}

absl::StatusOr<std::optional<Account>> Rekeyer::Commit(storage::Transaction& tx, const Plan& plan,
                                                       const Origin& origin) {
  KW_ASSIGN_OR_RETURN(std::optional<Account> account, FindAccount(tx, plan.before->name));
  if (!account.has_value() || account->revision != plan.before->revision) return std::nullopt;
  KW_ASSIGN_OR_RETURN(const bool facts_hold, plan.facts.Hold(tx, *account));
  if (!facts_hold) return std::nullopt;

  KW_ASSIGN_OR_RETURN(const std::vector<StoredScopeKey> scope_keys,
                      UndestroyedScopeKeys(tx, account->name));
  for (const StoredScopeKey& stored : scope_keys) {
    KW_ASSIGN_OR_RETURN(
        const crypto::AesKey key,
        plan.old_key.UnwrapScopeKey(stored.scope, stored.generation, stored.wrapped));
    KW_ASSIGN_OR_RETURN(const std::string wrapped,
                        plan.new_key.WrapScopeKey(stored.scope, stored.generation, key));
    KW_RETURN_IF_ERROR(RewrapScopeKey(tx, account->name, stored, wrapped));
  }
  account->key = plan.wrapped;
  account->binding = plan.binding;
  if (account->binding.has_value()) {
    KW_ASSIGN_OR_RETURN(account->binding->identity_sequence, AppliedOf(tx, kManagedIdentity));
  }
  account->settings_time = clock_.Now();
  KW_RETURN_IF_ERROR(writer_.Save(tx, *account, kKeySourceChanged, origin));
  KW_RETURN_IF_ERROR(registrar_.BindingChanged(tx, account->name));
  tx.OnCommit([this] { scrubber_.Wake(); });
  return account;
}

}  // namespace keyward::encryption
