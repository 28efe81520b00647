#include "tests/mission/revocation_probe.h"

#include <string>

#include "absl/status/statusor.h"

namespace keyward::mission {

RevocationProbe::RevocationProbe(Customer& customer)
    : customer_(customer), thread_([this] { Run(); }) {}

RevocationProbe::~RevocationProbe() {
  stop_ = true;
  thread_.join();
}

void RevocationProbe::Run() {
  while (!stop_) {
    const absl::Time start = absl::Now();
    absl::StatusOr<std::string> text = customer_.TranslateOnce("The door is open.");
    absl::MutexLock lock(&mu_);
    if (text.ok()) {
      last_success_start_ = start;
    } else if (refusal_.ok()) {
      first_refusal_ = absl::Now();
      refusal_ = text.status();
      return;
    }
  }
}

bool RevocationProbe::WaitForSuccess(absl::Duration limit) {
  absl::MutexLock lock(&mu_);
  auto succeeded = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return last_success_start_ != absl::InfinitePast();
  };
  return mu_.AwaitWithTimeout(absl::Condition(&succeeded), limit);
}

bool RevocationProbe::WaitForRefusal(absl::Duration limit) {
  absl::MutexLock lock(&mu_);
  auto refused = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return !refusal_.ok(); };
  return mu_.AwaitWithTimeout(absl::Condition(&refused), limit);
}

absl::Time RevocationProbe::last_success_start() {
  absl::MutexLock lock(&mu_);
  return last_success_start_;
}

absl::Time RevocationProbe::first_refusal() {
  absl::MutexLock lock(&mu_);
  return first_refusal_;
}

absl::Status RevocationProbe::refusal() {
  absl::MutexLock lock(&mu_);
  return refusal_;
}

}  // namespace keyward::mission
