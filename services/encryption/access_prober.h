#ifndef KEYWARD_SERVICES_ENCRYPTION_ACCESS_PROBER_H_
#define KEYWARD_SERVICES_ENCRYPTION_ACCESS_PROBER_H_

#include <functional>
#include <map>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "services/encryption/access_restorer.h"
#include "services/encryption/account_directory.h"
#include "services/encryption/key_gate.h"
#include "services/encryption/key_unlocker.h"

namespace keyward::encryption {

// Backs the events up: unwraps each customer-managed account's key for real once an interval, used
// or not. When within the interval follows from the account's name alone, so that any number of
// accounts spread over it evenly, on every replica and after every restart; and no more than so
// many a second are probed, whatever has piled up. An unwrap that somebody else has made since
// counts as the probe. What a probe finds is for KeyUnlocker: a refusal, confirmed, is a loss; all
// else leaves everything as it is, and ends the pass, so that key_vault in trouble is asked once a
// second only. An account that is DENIED is tried for access to be back. Called from one thread.
class AccessProber {
 public:
  struct Options {
    absl::Duration interval = absl::Hours(1);
    int per_second = 50;
  };

  // All must outlive this.
  AccessProber(const AccountDirectory& directory, const KeyGate& gate, KeyUnlocker& unlocker,
               AccessRestorer& restorer, const clock::Clock& clock, Options options)
      : directory_(directory),
        gate_(gate),
        unlocker_(unlocker),
        restorer_(restorer),
        clock_(clock),
        options_(options) {}

  // One pass, which ends early once `stopping`; returns how long to wait for the next, a second.
  absl::Duration Run(const std::function<bool()>& stopping);

  // When, at `time` or last before it, it was the account's turn.
  static absl::Time LastTurn(const AccountName& account, absl::Duration interval, absl::Time time);

 private:
  // What became of a turn: kTrouble if key_vault did not answer, kNotNow if what is known of it is
  // stale, so that nobody was asked.
  enum class Outcome { kSkipped, kProbed, kTrouble, kNotNow };

  // Queues the turns up to a while ahead; the first time, also those that passed unused.
  absl::Status Plan(absl::Time now);
  Outcome Probe(const AccountName& name, absl::Time turn);

  const AccountDirectory& directory_;
  const KeyGate& gate_;
  KeyUnlocker& unlocker_;
  AccessRestorer& restorer_;
  const clock::Clock& clock_;
  const Options options_;
  std::multimap<absl::Time, AccountName> turns_;
  absl::Time planned_until_ = absl::InfinitePast();
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_ACCESS_PROBER_H_
