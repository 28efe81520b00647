#include "services/key_vault/calendar_duration.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"

namespace keyward::key_vault {
namespace {

absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

CalendarDuration Of(const std::string& text) {
  const auto duration = CalendarDuration::Parse(text);
  EXPECT_TRUE(duration.ok()) << text << ": " << duration.status();
  return *duration;
}

TEST(CalendarDurationTest, WhatAzureWritesIsReadAndWrittenBack) {
  for (const char* text :
       {"P90D", "P18M", "P2Y", "P1Y10D", "PT48H", "P48M", "P1Y2M3DT4H5M6S", "P1DT1S", "P100Y"}) {
    EXPECT_EQ(Of(text).ToString(), text);
  }
  EXPECT_EQ(Of("P0Y007D").ToString(), "P7D");
  EXPECT_EQ(Of("P30D"), CalendarDuration::Days(30));
}

TEST(CalendarDurationTest, AnythingElseIsRefused) {
  for (
      const char* text :
      {"",      "P",     "PT",    "P0D",     "PT0S",   "90D",           "p90D",           "P90d",
       "P90",   "PD",    "P-1D",  "-P1D",    "+P1D",   "P1.5D",         "P1,5D",          "P4W",
       "P1M1Y", "P1D1D", "P1H",   "PT1D",    "P1DT",   "PTT1H",         "PT1HT1M",        " P1D",
       "P1D ",  "P 1D",  "P101Y", "P100Y1D", "P1201M", "P99999999999D", "PT99999999999S", "P36601D",
       "P1Y\n"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(CalendarDuration::Parse(text).status())) << text;
  }
  EXPECT_FALSE(CalendarDuration::Parse(absl::string_view("P1D\0", 4)).ok());
}

TEST(CalendarDurationTest, MovesAsCalendarsDo) {
  struct Case {
    const char* from;
    const char* duration;
    const char* after;
    const char* before;
  };
  const Case cases[] = {
      {"2024-01-31T12:00:00Z", "P1M", "2024-02-29T12:00:00Z", "2023-12-31T12:00:00Z"},
      {"2023-01-31T12:00:00Z", "P1M", "2023-02-28T12:00:00Z", "2022-12-31T12:00:00Z"},
      {"2024-03-31T00:00:01Z", "P1M", "2024-04-30T00:00:01Z", "2024-02-29T00:00:01Z"},
      {"2024-02-29T23:59:59Z", "P1Y", "2025-02-28T23:59:59Z", "2023-02-28T23:59:59Z"},
      {"2024-02-29T23:59:59Z", "P4Y", "2028-02-29T23:59:59Z", "2020-02-29T23:59:59Z"},
      {"2023-11-14T22:13:20Z", "P18M", "2025-05-14T22:13:20Z", "2022-05-14T22:13:20Z"},
      {"2023-12-31T00:00:00Z", "P1Y10D", "2025-01-10T00:00:00Z", "2022-12-21T00:00:00Z"},
      // The month first, then the day: not the other way round.
      {"2023-01-31T00:00:00Z", "P1M1D", "2023-03-01T00:00:00Z", "2022-12-30T00:00:00Z"},
      {"2024-02-28T01:00:00Z", "PT48H", "2024-03-01T01:00:00Z", "2024-02-26T01:00:00Z"},
      {"2024-02-28T23:00:00Z", "P1DT90M", "2024-03-01T00:30:00Z", "2024-02-27T21:30:00Z"},
      {"2023-11-14T22:13:20.5Z", "P90D", "2024-02-12T22:13:20.5Z", "2023-08-16T22:13:20.5Z"},
  };
  for (const Case& test : cases) {
    EXPECT_EQ(Of(test.duration).After(At(test.from)), At(test.after)) << test.duration;
    EXPECT_EQ(Of(test.duration).Before(At(test.from)), At(test.before)) << test.duration;
  }
}

TEST(CalendarDurationTest, BoundsHoldFromWhicheverDay) {
  constexpr absl::Duration kDay = absl::Hours(24);
  EXPECT_TRUE(LastsAtLeast(Of("P28D"), 28 * kDay));
  EXPECT_TRUE(LastsAtLeast(Of("P1M"), 28 * kDay));
  EXPECT_FALSE(LastsAtLeast(Of("P1M"), 29 * kDay));
  EXPECT_FALSE(LastsAtLeast(Of("P27DT23H59M59S"), 28 * kDay));
  EXPECT_FALSE(LastsAtLeast(Of("P1Y"), 366 * kDay));
  EXPECT_TRUE(OutlastsBy(Of("P1Y"), Of("P358D"), 7 * kDay));
  EXPECT_FALSE(OutlastsBy(Of("P1Y"), Of("P359D"), 7 * kDay));
  EXPECT_FALSE(OutlastsBy(Of("P1Y"), Of("P12M"), absl::Seconds(1)));
  // A quarter has 89 days at least.
  EXPECT_TRUE(OutlastsBy(Of("P3M"), Of("P82D"), 7 * kDay));
  EXPECT_FALSE(OutlastsBy(Of("P3M"), Of("P83D"), 7 * kDay));
}

}  // namespace
}  // namespace keyward::key_vault
