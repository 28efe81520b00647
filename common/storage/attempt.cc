#include "common/storage/attempt.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/clock/back_off.h"
#include "common/status/error.h"

namespace keyward::storage {
namespace {

constexpr int kMaximumAttempts = 20;
constexpr absl::Duration kMinimumBackOff = absl::Milliseconds(1);
constexpr absl::Duration kMaximumBackOff = absl::Milliseconds(64);

}  // namespace

absl::Status Repeat(absl::FunctionRef<Attempt()> attempt) {
  bool reconnected = false;
  for (int i = 0; i < kMaximumAttempts; ++i) {
    Attempt result = attempt();
    switch (result.next) {
      case Attempt::Next::kDone:
        return std::move(result.status);
      case Attempt::Next::kReconnect:
        // Once: a server that was restarted answers on a new connection, one that is down does not.
        if (std::exchange(reconnected, true)) return std::move(result.status);
        break;
      case Attempt::Next::kRepeat:
        absl::SleepFor(clock::BackOff(i, kMinimumBackOff, kMaximumBackOff));
        break;
    }
  }
  return ErrorBuilder(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE",
                      absl::StrCat("the database was busy with others each of ", kMaximumAttempts,
                                   " times; nothing was changed, try again"));
}

}  // namespace keyward::storage
