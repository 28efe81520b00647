#ifndef KEYWARD_COMMON_EVENTS_LEASE_H_
#define KEYWARD_COMMON_EVENTS_LEASE_H_

#include <atomic>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"

namespace keyward::events {

// How long a follower may hold what it knows of a peer for true. Each heartbeat grants a time
// counted from the moment its request was *sent*, and the grant counts only once everything up to
// the newest sequence in the answer has been applied. New leases have run out. Asking is lock-free,
// for the hot path. Thread-safe.
class Lease {
 public:
  explicit Lease(const clock::Clock& clock) : clock_(clock) {}

  // Whether everything the peer itself changed up to a moment within the lease is known here.
  bool fresh() const { return remaining() > absl::ZeroDuration(); }
  // For how long; zero when it has run out.
  absl::Duration remaining() const { return Until(own_until_nanos_); }
  // The same for what the peer knows from those that it follows itself; never more than
  // remaining(). What is decided on the peer's word about them must not outlive it.
  absl::Duration chain_remaining() const { return Until(chain_until_nanos_); }

  // A heartbeat asked for at `sent` (on the monotonic clock) was answered.
  void Grant(absl::Duration sent, int64_t newest_sequence, absl::Duration lease,
             absl::Duration upstream_lease);
  // Everything up to `sequence` has been applied.
  void Applied(int64_t sequence);

 private:
  struct Pending {
    int64_t newest_sequence;
    int64_t own_until_nanos;
    int64_t chain_until_nanos;
  };

  absl::Duration Until(const std::atomic<int64_t>& until_nanos) const;
  void Promote() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const clock::Clock& clock_;
  std::atomic<int64_t> own_until_nanos_{0};
  std::atomic<int64_t> chain_until_nanos_{0};
  absl::Mutex mutex_;
  int64_t applied_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Pending> pending_ ABSL_GUARDED_BY(mutex_);
};

// OK while `lease` is fresh along the whole chain; otherwise UNAVAILABLE with reason FEED_STALE,
// naming `source`, such as "managed_identity", with RetryInfo.
absl::Status RequireFresh(const Lease& lease, std::string_view source);

}  // namespace keyward::events

#endif  // KEYWARD_COMMON_EVENTS_LEASE_H_
