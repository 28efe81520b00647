#ifndef KEYWARD_TESTS_MISSION_REVOCATION_PROBE_H_
#define KEYWARD_TESTS_MISSION_REVOCATION_PROBE_H_

#include <atomic>
#include <thread>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "tests/mission/customer.h"

namespace keyward::mission {

// Somebody who uses a deployed model all the time: translates over and over in a thread of its own
// and remembers when it was last answered and when first refused.
class RevocationProbe {
 public:
  explicit RevocationProbe(Customer& customer);
  // Stops.
  ~RevocationProbe();

  RevocationProbe(const RevocationProbe&) = delete;
  RevocationProbe& operator=(const RevocationProbe&) = delete;

  // Returns once a translation has succeeded, or false after `limit`.
  bool WaitForSuccess(absl::Duration limit);
  // Returns once a translation was refused, or false after `limit`.
  bool WaitForRefusal(absl::Duration limit);

  // When the last translation that succeeded was *asked for*: its answer may come later.
  absl::Time last_success_start();
  absl::Time first_refusal();
  absl::Status refusal();

 private:
  void Run();

  Customer& customer_;
  absl::Mutex mu_;
  absl::Time last_success_start_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  absl::Time first_refusal_ ABSL_GUARDED_BY(mu_) = absl::InfiniteFuture();
  absl::Status refusal_ ABSL_GUARDED_BY(mu_);
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace keyward::mission

#endif  // KEYWARD_TESTS_MISSION_REVOCATION_PROBE_H_
