// The vault against a model of it: long random sequences of calls by several callers of two
// tenants, in which both must agree on every outcome. A disagreement is told with the fewest steps
// that were found to lead to it.
//
// Every run makes the same steps, in parts; KEYWARD_MODEL_SEED=N makes others, and with the N of a
// disagreement the first part repeats it; KEYWARD_MODEL_STEPS=N makes more or fewer (--test_env).

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/key_vault/testing/model_run.h"

namespace keyward::key_vault {
namespace {

using testing::ModelRun;
using testing::RandomStep;
using testing::Step;

constexpr uint64_t kSeed = 1;
constexpr uint64_t kSteps = 100'000;
// That can be run beside each other, each from a seed of its own.
constexpr uint64_t kParts = 4;
// A new vault every so many steps, so that a disagreement is never far from the start.
constexpr int kStepsAVault = 4'000;
// How many runs may be spent on leaving out steps.
constexpr int kMostTries = 400;

uint64_t NumberFrom(const char* variable, uint64_t otherwise) {
  const char* const text = getenv(variable);
  uint64_t number = 0;
  return text != nullptr && absl::SimpleAtoi(text, &number) ? number : otherwise;
}

// After how many of the steps vault and model disagree; nothing if they never do.
std::optional<size_t> Disagreement(const std::vector<Step>& steps) {
  ModelRun run;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (!run.Make(steps[i]).empty()) return i + 1;
  }
  return std::nullopt;
}

// Leaves out all that is not needed for a disagreement: halves, quarters, down to single steps.
std::vector<Step> Shrink(std::vector<Step> steps) {
  int tries = 0;
  for (size_t piece = steps.size() / 2; piece > 0 && tries < kMostTries; piece /= 2) {
    for (size_t start = 0; start < steps.size() && tries < kMostTries;) {
      std::vector<Step> fewer(steps.begin(), steps.begin() + static_cast<long>(start));
      const size_t end = std::min(start + piece, steps.size());
      fewer.insert(fewer.end(), steps.begin() + static_cast<long>(end), steps.end());
      ++tries;
      if (const auto length = Disagreement(fewer); length.has_value()) {
        fewer.resize(*length);
        steps = std::move(fewer);
      } else {
        start = end;
      }
    }
  }
  return steps;
}

// The steps in words, and how the last one ended.
std::string Tell(const std::vector<Step>& steps) {
  ModelRun run(/*tracing=*/true);
  std::string text;
  for (const Step& step : steps) {
    const std::string difference = run.Make(step);
    absl::StrAppend(&text, run.LastCall(), "\n");
    if (!difference.empty()) absl::StrAppend(&text, difference, "\n");
  }
  return text;
}

class ModelTest : public ::testing::TestWithParam<uint64_t> {};

TEST_P(ModelTest, VaultAndModelAgreeOnEveryOutcome) {
  const uint64_t seed = NumberFrom("KEYWARD_MODEL_SEED", kSeed) + GetParam();
  const uint64_t steps = NumberFrom("KEYWARD_MODEL_STEPS", kSteps) / kParts;
  std::cout << "KEYWARD_MODEL_SEED=" << seed << std::endl;
  std::mt19937_64 random(seed);
  std::map<std::string, int> outcomes;
  for (uint64_t done = 0; done < steps;) {
    ModelRun run;
    std::vector<Step> made;
    for (int i = 0; i < kStepsAVault && done < steps; ++i, ++done) {
      made.push_back(RandomStep(random));
      const std::string difference = run.Make(made.back());
      if (difference.empty()) continue;
      FAIL() << "after " << done + 1 << " steps, " << made.size() << " of them in this vault, "
             << "KEYWARD_MODEL_SEED=" << seed << "\n"
             << difference << "\nThe steps that matter:\n"
             << Tell(Shrink(made));
    }
    for (const auto& [outcome, count] : run.outcomes()) outcomes[outcome] += count;
  }
  for (const auto& [outcome, count] : outcomes) std::cout << count << " " << outcome << "\n";
}

INSTANTIATE_TEST_SUITE_P(Parts, ModelTest, ::testing::Range<uint64_t>(0, kParts));

}  // namespace
}  // namespace keyward::key_vault
