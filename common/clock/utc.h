#ifndef KEYWARD_COMMON_CLOCK_UTC_H_
#define KEYWARD_COMMON_CLOCK_UTC_H_

#include <string>

#include "absl/time/time.h"

namespace keyward {

// A moment as people and programs read it in errors, audit entries and logs, in UTC and to the
// millisecond: "2026-11-24T08:20:54.989Z".
inline std::string FormatUtc(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

}  // namespace keyward

#endif  // KEYWARD_COMMON_CLOCK_UTC_H_
