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
                                                     const Account& account) {
  return PrincipalIn(identities_.Get(call, account.name));
}

absl::StatusOr<std::string> KeyExaminer::EnableIdentity(const server::CallContext& call,
                                                        const Account& account) {
  KW_ASSIGN_OR_RETURN(const std::string principal, PrincipalOf(call, account));
  if (!principal.empty()) return principal;
  const absl::StatusOr<AccountIdentity> enabled = identities_.Enable(call, account.name);
  if (enabled.ok()) return enabled->principal;
  // It may be enabled all the same, and only some other service slow to hear of it.
  KW_ASSIGN_OR_RETURN(const std::string after_all, PrincipalOf(call, account));
  if (!after_all.empty()) return after_all;
  return PrincipalIn(enabled);
}

absl::StatusOr<KeyFacts> KeyExaminer::Examine(const server::CallContext& call,
                                              const Account& account, const std::string& key,
                                              const std::string& principal,
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
  facts.identity = account.name.Identity();
  facts.principal = principal;
  facts.inspection = *std::move(inspection);
  facts.now = clock_.Now();
  return facts;
}

bool KeyExaminer::AwaitFeeds(const AccountName& account, const BindingFacts& facts) const {
  return replica_.AwaitApplied(kKeyVault, facts.sequence, kFeedTimeout) &&
         replica_.AwaitPrincipal(account.ToString(), facts.principal, kFeedTimeout);
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
