#include "services/encryption/access_prober.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "common/crypto/hash.h"
#include "common/server/client_context.h"
#include "common/server/log.h"
#include "common/status/status_macros.h"

namespace keyward::encryption {
namespace {

constexpr absl::Duration kPass = absl::Seconds(1);
constexpr absl::Duration kPlanAhead = absl::Minutes(1);
constexpr absl::Duration kProbeTime = absl::Seconds(10);

// How far into each interval its turn is: the same for ever, and as if at random among accounts.
absl::Duration OffsetOf(const AccountName& account, absl::Duration interval) {
  const std::string digest = crypto::Sha256(account.ToString());
  uint64_t number = 0;
  for (int i = 0; i < 8; ++i) number = number << 8 | static_cast<unsigned char>(digest[i]);
  return absl::Microseconds(number % static_cast<uint64_t>(absl::ToInt64Microseconds(interval)));
}

// Since when nothing has confirmed the account's access.
absl::Time LastConfirmed(const Account& account) {
  return std::max({account.check.time, account.settings_time, account.access.since});
}

}  // namespace

absl::Time AccessProber::LastTurn(const AccountName& account, absl::Duration interval,
                                  absl::Time time) {
  const absl::Time first = absl::UnixEpoch() + OffsetOf(account, interval);
  return first + absl::Floor(time - first, interval);
}

absl::Status AccessProber::Plan(absl::Time now) {
  // Also after the wall clock was set.
  const bool anew = planned_until_ + options_.interval < now || planned_until_ > now + kPlanAhead;
  KW_ASSIGN_OR_RETURN(const std::vector<AccountPtr> accounts, directory_.All());
  if (anew) turns_.clear();
  const absl::Time until = now + kPlanAhead;
  for (const AccountPtr& account : accounts) {
    if (!account->customer_managed()) continue;
    const AccountName& name = account->name;
    const absl::Time passed = LastTurn(name, options_.interval, now);
    if (anew && LastConfirmed(*account) < passed) turns_.emplace(passed, name);
    const absl::Time next = LastTurn(name, options_.interval, until);
    if (next > (anew ? now : planned_until_)) turns_.emplace(next, name);
  }
  planned_until_ = until;
  return absl::OkStatus();
}

AccessProber::Outcome AccessProber::Probe(const AccountName& name, absl::Time turn) {
  const absl::StatusOr<AccountPtr> account = directory_.Find(name);
  if (!account.ok() || !(*account)->customer_managed()) return Outcome::kSkipped;
  if (LastConfirmed(**account) >= turn) return Outcome::kSkipped;
  // Without the feeds nothing that key_vault says can be weighed; and all is suspended anyway.
  if (absl::IsUnavailable(gate_.Check(**account))) return Outcome::kNotNow;
  server::CallContext call;
  call.correlation_id = server::NewCorrelationId();
  call.deadline = clock_.Now() + kProbeTime;
  const absl::Status status = (*account)->access.denied()
                                  ? restorer_.Try(call, name).status()
                                  : unlocker_.Unlock(call, **account).status();
  if (!absl::IsUnavailable(status)) return Outcome::kProbed;
  server::Log(server::Severity::kWarning, "access.probe_failed",
              {{"account", name.ToString()},
               {"error", std::string(status.message())},
               {"correlation_id", call.correlation_id}});
  return Outcome::kTrouble;
}

absl::Duration AccessProber::Run(const std::function<bool()>& stopping) {
  const absl::Time now = clock_.Now();
  if (now + kPass > planned_until_ || planned_until_ > now + kPlanAhead) {
    const absl::Status planned = Plan(now);
    if (!planned.ok()) {
      server::Log(server::Severity::kWarning, "access.probes_not_planned",
                  {{"error", planned.ToString()}});
      return kPass;
    }
  }
  for (int probed = 0; probed < options_.per_second && !stopping();) {
    if (turns_.empty() || turns_.begin()->first > now) break;
    const auto [turn, name] = *turns_.begin();
    const Outcome outcome = Probe(name, turn);
    if (outcome == Outcome::kNotNow) break;
    turns_.erase(turns_.begin());
    if (outcome == Outcome::kTrouble) break;
    if (outcome == Outcome::kProbed) ++probed;
  }
  return kPass;
}

}  // namespace keyward::encryption
