#include "common/events/lease.h"

#include <algorithm>

#include "common/events/errors.h"

namespace keyward::events {

absl::Duration Lease::Until(const std::atomic<int64_t>& until_nanos) const {
  const absl::Duration until = absl::Nanoseconds(until_nanos.load(std::memory_order_acquire));
  return std::max(until - clock_.MonotonicNow(), absl::ZeroDuration());
}

void Lease::Grant(absl::Duration sent, int64_t newest_sequence, absl::Duration lease,
                  absl::Duration upstream_lease) {
  absl::MutexLock lock(&mutex_);
  const absl::Duration own_until = sent + std::max(lease, absl::ZeroDuration());
  const absl::Duration chain_until =
      sent + std::max(std::min(lease, upstream_lease), absl::ZeroDuration());
  pending_.push_back({newest_sequence, absl::ToInt64Nanoseconds(own_until),
                      absl::ToInt64Nanoseconds(chain_until)});
  Promote();
}

void Lease::Applied(int64_t sequence) {
  absl::MutexLock lock(&mutex_);
  applied_ = std::max(applied_, sequence);
  Promote();
}

void Lease::Promote() {
  const int64_t now = absl::ToInt64Nanoseconds(clock_.MonotonicNow());
  std::erase_if(pending_, [&](const Pending& grant) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (grant.own_until_nanos <= now) return true;
    if (grant.newest_sequence > applied_) return false;
    own_until_nanos_.store(std::max(own_until_nanos_.load(), grant.own_until_nanos),
                           std::memory_order_release);
    chain_until_nanos_.store(std::max(chain_until_nanos_.load(), grant.chain_until_nanos),
                             std::memory_order_release);
    return true;
  });
}

absl::Status RequireFresh(const Lease& lease, std::string_view source) {
  if (lease.chain_remaining() > absl::ZeroDuration()) return absl::OkStatus();
  return FeedStale(source);
}

}  // namespace keyward::events
