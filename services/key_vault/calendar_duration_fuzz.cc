#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/key_vault/calendar_duration.h"

// Whatever parses is written as what is read again as the same, and moves time on.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using keyward::key_vault::CalendarDuration;
  const auto duration =
      CalendarDuration::Parse(absl::string_view(reinterpret_cast<const char*>(data), size));
  if (!duration.ok()) return 0;
  const auto again = CalendarDuration::Parse(duration->ToString());
  if (!again.ok() || *again != *duration) std::abort();
  for (const int64_t seconds : {int64_t{0}, int64_t{1'709'200'000}, int64_t{253'402'300'799}}) {
    const absl::Time time = absl::FromUnixSeconds(seconds);
    if (duration->After(time) <= time || duration->Before(time) >= time) std::abort();
  }
  return 0;
}
