#include "services/key_vault/calendar_duration.h"

#include <algorithm>
#include <array>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"

namespace keyward::key_vault {
namespace {

// More digits than 100 years of seconds have are refused before they can overflow.
constexpr size_t kMaxDigits = 10;
// Those of 100 years from the reference on.
constexpr absl::Duration kLongest = absl::Hours(24 * 36524);
// The leap years come round in so many days.
constexpr int kCycle = 4 * 365 + 1;
// Any moment before a leap day.
constexpr int64_t kReference = 1'700'000'000;

absl::Status Malformed() {
  return absl::InvalidArgumentError(
      "must be an ISO 8601 duration of years, months, days, hours, minutes and seconds, such as "
      "\"P90D\", \"P18M\", \"P1Y10D\" or \"PT48H\", of at most 100 years");
}

struct Component {
  char letter;
  int64_t* value;
};

// Reads "<number><letter>" for some of the components, in their order, until the text ends or a "T"
// follows. False for anything else, and if there is none at all.
template <size_t kSize>
bool ReadComponents(absl::string_view& text, const std::array<Component, kSize>& components) {
  bool any = false;
  auto next = components.begin();
  while (!text.empty() && text[0] != 'T') {
    int64_t number = 0;
    size_t digits = 0;
    while (digits < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[digits]))) {
      if (digits == kMaxDigits) return false;
      number = number * 10 + (text[digits++] - '0');
    }
    if (digits == 0 || digits == text.size()) return false;
    const char letter = text[digits];
    next = std::find_if(next, components.end(), [letter](const Component& component) {
      return component.letter == letter;
    });
    if (next == components.end()) return false;
    *next++->value = number;
    text.remove_prefix(digits + 1);
    any = true;
  }
  return any;
}

absl::CivilDay LastDayOf(absl::CivilMonth month) { return absl::CivilDay(month + 1) - 1; }

}  // namespace

absl::StatusOr<CalendarDuration> CalendarDuration::Parse(absl::string_view text) {
  CalendarDuration read;
  if (!absl::ConsumePrefix(&text, "P") || text.empty()) return Malformed();
  if (text[0] != 'T' &&
      !ReadComponents<3>(text, {{{'Y', &read.years_}, {'M', &read.months_}, {'D', &read.days_}}})) {
    return Malformed();
  }
  if (absl::ConsumePrefix(&text, "T") &&
      !ReadComponents<3>(text,
                         {{{'H', &read.hours_}, {'M', &read.minutes_}, {'S', &read.seconds_}}})) {
    return Malformed();
  }
  // A second "T", or what follows it.
  if (!text.empty()) return Malformed();
  // Each on its own, so that no sum overflows.
  if (read.years_ > 100 || read.months_ > 1200 || read.days_ > 36'600 ||
      absl::Hours(read.hours_) + absl::Minutes(read.minutes_) + absl::Seconds(read.seconds_) >
          kLongest) {
    return Malformed();
  }
  const absl::Time reference = absl::FromUnixSeconds(kReference);
  const absl::Duration length = read.After(reference) - reference;
  if (length <= absl::ZeroDuration() || length > kLongest) return Malformed();
  return read;
}

CalendarDuration CalendarDuration::Days(int64_t days) {
  CalendarDuration duration;
  duration.days_ = days;
  return duration;
}

std::string CalendarDuration::ToString() const {
  std::string text = "P";
  const auto append = [&text](int64_t value, char letter) {
    if (value != 0) absl::StrAppend(&text, value, absl::string_view(&letter, 1));
  };
  append(years_, 'Y');
  append(months_, 'M');
  append(days_, 'D');
  if (hours_ == 0 && minutes_ == 0 && seconds_ == 0) return text;
  text += 'T';
  append(hours_, 'H');
  append(minutes_, 'M');
  append(seconds_, 'S');
  return text;
}

absl::Time CalendarDuration::After(absl::Time time) const { return Move(time, 1); }
absl::Time CalendarDuration::Before(absl::Time time) const { return Move(time, -1); }

absl::Time CalendarDuration::Move(absl::Time time, int64_t sign) const {
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::CivilDay from = absl::ToCivilDay(time, utc);
  const absl::Duration of_day = time - absl::FromCivil(from, utc);
  const absl::CivilMonth month = absl::CivilMonth(from) + sign * (12 * years_ + months_);
  absl::CivilDay day(month.year(), month.month(), 1);
  day = std::min(day + (from.day() - 1), LastDayOf(month));
  const absl::Duration rest =
      absl::Hours(hours_) + absl::Minutes(minutes_) + absl::Seconds(seconds_);
  return absl::FromCivil(day + sign * days_, utc) + of_day + sign * rest;
}

bool OutlastsBy(const CalendarDuration& longer, const CalendarDuration& shorter,
                absl::Duration margin) {
  absl::Time from = absl::FromUnixSeconds(kReference);
  for (int day = 0; day < kCycle; ++day, from += absl::Hours(24)) {
    if (longer.After(from) - shorter.After(from) < margin) return false;
  }
  return true;
}

bool LastsAtLeast(const CalendarDuration& duration, absl::Duration least) {
  absl::Time from = absl::FromUnixSeconds(kReference);
  for (int day = 0; day < kCycle; ++day, from += absl::Hours(24)) {
    if (duration.After(from) - from < least) return false;
  }
  return true;
}

}  // namespace keyward::key_vault
