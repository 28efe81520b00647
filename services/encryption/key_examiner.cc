#include "services/encryption/key_examiner.h"

#include <utility>

#include "common/status/status_macros.h"
#include "services/encryption/access_event.h"
#include "services/encryption/errors.h"
#include "services/encryption/tiers.h"

namespace keyward::encryption {
namespace {

constexpr absl::Duration kFeedTimeout = absl::Seconds(2);

absl::StatusOr<std::string> PrincipalIn(const absl::StatusOr<AccountIdentity>& identity) {
  if (!identity.ok()) return PeerUnavailable(kManagedIdentity, identity.status().message());
  return identity->principal;
}

}  // namespace

absl::StatusOr<std::string> KeyExaminer::PrincipalOf(const server::CallContext& call,
                                                     const KeyUser& user) {
  if (user.own()) return PrincipalIn(identities_.Get(call, user.account));
  const auto selected = identities_.Select(call, user.account, user.identity);
  if (absl::IsFailedPrecondition(selected.status())) return "";
  return PrincipalIn(selected);
}

absl::StatusOr<KeyUser> KeyExaminer::Choose(const server::CallContext& call, const Account& account,
                                            const std::string& identity) {
  const auto selected = identities_.Select(call, account.name, identity);
  if (absl::IsFailedPrecondition(selected.status())) return selected.status();
  if (!selected.ok()) return PeerUnavailable(kManagedIdentity, selected.status().message());
  return KeyUser(account.name, selected->name);
}

absl::StatusOr<std::string> KeyExaminer::EnableIdentity(const server::CallContext& call,
                                                        const KeyUser& user) {
  KW_ASSIGN_OR_RETURN(const std::string principal, PrincipalOf(call, user));
  if (!principal.empty() || !user.own()) return principal;
  const absl::StatusOr<AccountIdentity> enabled = identities_.Enable(call, user.account);
  if (enabled.ok()) return enabled->principal;
  // It may be enabled all the same, and only some other service slow to hear of it.
  KW_ASSIGN_OR_RETURN(const std::string after_all, PrincipalOf(call, user));
  if (!after_all.empty()) return after_all;
  return PrincipalIn(enabled);
}

absl::StatusOr<KeyFacts> KeyExaminer::Examine(const server::CallContext& call,
                                              const Account& account, const std::string& key,
                                              const KeyUser& user, const std::string& principal,
                                              KeyFacts::Purpose purpose) {
  absl::StatusOr<KeyInspection> inspection =
      key_vault_.Inspect(call, key, account.tenant, principal);
  if (!inspection.ok()) return PeerUnavailable(kKeyVault, inspection.status().message());
  const Tier* tier = FindTier(account.tier);
  KeyFacts facts;
  facts.purpose = purpose;
  facts.tier = account.tier;
  facts.tier_supports_customer_keys = tier != nullptr && tier->customer_managed_keys;
  facts.region = account.region;
  facts.tenant = account.tenant;
  facts.key = key;
  facts.identity = user.identity;
  facts.principal = principal;
  facts.inspection = *std::move(inspection);
  facts.now = clock_.Now();
  return facts;
}

bool KeyExaminer::AwaitFeeds(const AccountName& account, const BindingFacts& facts) const {
  return replica_.AwaitApplied(kKeyVault, facts.sequence, kFeedTimeout) &&
         replica_.AwaitPrincipal(KeyUser(account, facts.identity).resource(), facts.principal,
                                 kFeedTimeout);
}

bool ProbeTellsOfAccess(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kInvalidArgument:
      return true;
    default:
      return false;
  }
}

}  // namespace keyward::encryption
