#include "tests/mission/transcript.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace keyward::mission {

Transcript::Transcript(std::function<void(const std::string&)> print) : print_(std::move(print)) {}

absl::Duration Transcript::SinceLastLine() {
  const absl::Time now = absl::Now();
  return now - std::exchange(last_line_, now);
}

void Transcript::Step(absl::string_view title) {
  SinceLastLine();
  print_(absl::StrCat("\n", ++steps_, ". ", title));
}

absl::Status Transcript::Check(bool holds, absl::string_view what) {
  return Check(holds ? absl::OkStatus() : absl::InternalError("it does not"), what);
}

absl::Status Transcript::Check(const absl::Status& status, absl::string_view what) {
  const double ms = absl::ToDoubleMilliseconds(SinceLastLine());
  ++checks_;
  if (status.ok()) {
    print_(absl::StrFormat("  ✔ %8.1f ms  %s", ms, what));
    return absl::OkStatus();
  }
  print_(absl::StrFormat("  ✘ %8.1f ms  %s\n      %s", ms, what, status.ToString()));
  return absl::Status(status.code(), absl::StrCat(what, ": ", status.message()));
}

void Transcript::Note(absl::string_view text) { print_(absl::StrCat("      ", text)); }

}  // namespace keyward::mission
