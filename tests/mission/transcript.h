#ifndef KEYWARD_TESTS_MISSION_TRANSCRIPT_H_
#define KEYWARD_TESTS_MISSION_TRANSCRIPT_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace keyward::mission {

// What a run of the story shows, line by line, as it happens: steps, and in each step what was
// checked, marked, with the time it took since the line before.
class Transcript {
 public:
  // Each finished line goes to `print`.
  explicit Transcript(std::function<void(const std::string&)> print);

  // Begins a step.
  void Step(absl::string_view title);

  // Records that something held; or, if not, says so and returns an error that ends the story.
  absl::Status Check(bool holds, absl::string_view what);

  // Records that a call did what it should; or says how it failed, and returns the error.
  absl::Status Check(const absl::Status& status, absl::string_view what);

  // A line that only informs.
  void Note(absl::string_view text);

  int checks() const { return checks_; }
  int steps() const { return steps_; }

 private:
  absl::Duration SinceLastLine();

  const std::function<void(const std::string&)> print_;
  absl::Time last_line_ = absl::Now();
  int checks_ = 0;
  int steps_ = 0;
};

}  // namespace keyward::mission

#endif  // KEYWARD_TESTS_MISSION_TRANSCRIPT_H_
