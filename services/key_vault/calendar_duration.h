#ifndef KEYWARD_SERVICES_KEY_VAULT_CALENDAR_DURATION_H_
#define KEYWARD_SERVICES_KEY_VAULT_CALENDAR_DURATION_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace keyward::key_vault {

// A length of time as calendars tell it, written as ISO 8601 has it: "P90D", "P18M", "P2Y",
// "P1Y10D", "PT48H". How long a month is depends on where it begins. More than nothing, and at most
// 100 years. A value.
class CalendarDuration {
 public:
  // INVALID_ARGUMENT with a message that continues "the field ", such as "must be …". Whole numbers
  // in the order years, months, days, "T", hours, minutes, seconds, each at most once; capital
  // letters. No weeks, fractions, signs or blanks.
  static absl::StatusOr<CalendarDuration> Parse(absl::string_view text);
  static CalendarDuration Days(int64_t days);

  // What Parse reads as an equal value: the same fields, without leading zeros.
  std::string ToString() const;

  // The moment that lies this much after, or before, another, in UTC: first the years and months,
  // then the days, then the rest. Where a month lacks the day, its last day stands for it (a month
  // after 31 January is 28 or 29 February).
  absl::Time After(absl::Time time) const;
  absl::Time Before(absl::Time time) const;

  friend bool operator==(const CalendarDuration&, const CalendarDuration&) = default;

 private:
  CalendarDuration() = default;
  absl::Time Move(absl::Time time, int64_t sign) const;

  int64_t years_ = 0;
  int64_t months_ = 0;
  int64_t days_ = 0;
  int64_t hours_ = 0;
  int64_t minutes_ = 0;
  int64_t seconds_ = 0;
};

// Whether `longer` outlasts `shorter` by at least `margin`, from whichever day on both are counted.
bool OutlastsBy(const CalendarDuration& longer, const CalendarDuration& shorter,
                absl::Duration margin);

// Whether it lasts at least so long, from whichever day on it is counted.
bool LastsAtLeast(const CalendarDuration& duration, absl::Duration least);

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_CALENDAR_DURATION_H_
