#include "services/key_vault/key_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace keyward::key_vault {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

// Where the moment lies: the middle column of the table in the reference.
enum class Window { kUnbounded, kInside, kBefore, kAtStart, kAtEnd, kAfter };

constexpr Window kWindows[] = {Window::kUnbounded, Window::kInside, Window::kBefore,
                               Window::kAtStart,   Window::kAtEnd,  Window::kAfter};

KeyState StateIn(Window window) {
  KeyState state;
  state.operations = KeyOperations::All();
  switch (window) {
    case Window::kUnbounded:
      break;
    case Window::kInside:
      state.not_before = kNow - absl::Hours(1);
      state.expire_time = kNow + absl::Hours(1);
      break;
    case Window::kBefore:
      state.not_before = kNow + absl::Microseconds(1);
      state.expire_time = kNow + absl::Hours(1);
      break;
    case Window::kAtStart:
      state.not_before = kNow;
      break;
    case Window::kAtEnd:
      state.expire_time = kNow;
      break;
    case Window::kAfter:
      state.not_before = kNow - absl::Hours(2);
      state.expire_time = kNow - absl::Hours(1);
      break;
  }
  return state;
}

// The reference's table 1.4, one letter an operation: encrypt decrypt sign verify wrapKey
// unwrapKey.
std::string TableRow(Window window) {
  switch (window) {
    case Window::kUnbounded:
    case Window::kInside:
    case Window::kAtStart:
      return "yyyyyy";
    case Window::kBefore:
    case Window::kAtEnd:
    case Window::kAfter:
      return "nynyny";
  }
  return "";
}

bool InTable(Window window, KeyOperation operation) {
  return TableRow(window)[static_cast<size_t>(operation)] == 'y';
}

TEST(KeyRules, EveryCombinationAgreesWithTheTable) {
  int combinations = 0;
  for (int operation_index = 0; operation_index < static_cast<int>(KeyOperation::kCount);
       ++operation_index) {
    const auto operation = static_cast<KeyOperation>(operation_index);
    for (Window window : kWindows) {
      for (int flags = 0; flags < 8; ++flags) {
        for (int64_t bits = 0; bits <= KeyOperations::All().bits(); ++bits) {
          KeyState state = StateIn(window);
          state.vault_deleted = (flags & 1) != 0;
          state.key_deleted = (flags & 2) != 0;
          state.enabled = (flags & 4) == 0;
          state.operations = KeyOperations::FromBits(bits);
          const bool expected =
              flags == 0 && state.operations.Contains(operation) && InTable(window, operation);
          ASSERT_EQ(ObstaclesTo(operation, state, kNow).empty(), expected)
              << ToString(operation) << " window " << static_cast<int>(window) << " flags " << flags
              << " key_ops " << bits;
          ++combinations;
        }
      }
    }
  }
  EXPECT_EQ(combinations, 6 * 6 * 8 * 64);
}

TEST(KeyRules, NamesEveryObstacleWeightiestFirst) {
  KeyState state = StateIn(Window::kAfter);
  state.vault_deleted = true;
  state.key_deleted = true;
  state.enabled = false;
  state.operations = {};
  EXPECT_THAT(ObstaclesTo(KeyOperation::kWrapKey, state, kNow),
              ElementsAre(Obstacle::kVaultDeleted, Obstacle::kKeyDeleted, Obstacle::kKeyDisabled,
                          Obstacle::kOperationNotPermitted, Obstacle::kExpired));
  EXPECT_THAT(ObstaclesTo(KeyOperation::kUnwrapKey, state, kNow),
              ElementsAre(Obstacle::kVaultDeleted, Obstacle::kKeyDeleted, Obstacle::kKeyDisabled,
                          Obstacle::kOperationNotPermitted));
}

TEST(KeyRules, AnExpiredKeyStillUnwraps) {
  const KeyState state = StateIn(Window::kAfter);
  EXPECT_THAT(ObstaclesTo(KeyOperation::kUnwrapKey, state, kNow), IsEmpty());
  EXPECT_THAT(ObstaclesTo(KeyOperation::kWrapKey, state, kNow), ElementsAre(Obstacle::kExpired));
}

TEST(KeyRules, AKeyBeforeItsTimeStillUnwraps) {
  const KeyState state = StateIn(Window::kBefore);
  EXPECT_THAT(ObstaclesTo(KeyOperation::kUnwrapKey, state, kNow), IsEmpty());
  EXPECT_THAT(ObstaclesTo(KeyOperation::kWrapKey, state, kNow),
              ElementsAre(Obstacle::kNotYetValid));
}

}  // namespace
}  // namespace keyward::key_vault
