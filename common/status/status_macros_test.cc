#include "common/status/status_macros.h"

#include <memory>

#include "gtest/gtest.h"

namespace keyward {
namespace {

absl::StatusOr<int> Half(int n) {
  if (n % 2 != 0) return absl::InvalidArgumentError("odd");
  return n / 2;
}

absl::StatusOr<int> Quarter(int n) {
  KW_ASSIGN_OR_RETURN(int half, Half(n));
  KW_ASSIGN_OR_RETURN(half, Half(half));
  return half;
}

absl::StatusOr<std::unique_ptr<int>> Boxed(int n) {
  KW_ASSIGN_OR_RETURN(auto value, Quarter(n));
  return std::make_unique<int>(value);
}

absl::Status Count(int& calls, absl::Status status) {
  ++calls;
  return status;
}

absl::Status Twice(int& calls, absl::Status first) {
  KW_RETURN_IF_ERROR(Count(calls, first));
  if (calls > 0) KW_RETURN_IF_ERROR(Count(calls, absl::OkStatus()));
  return absl::OkStatus();
}

TEST(StatusMacrosTest, AssignMovesTheValueOut) {
  absl::StatusOr<std::unique_ptr<int>> box = Boxed(12);
  ASSERT_TRUE(box.ok());
  EXPECT_EQ(**box, 3);
}

TEST(StatusMacrosTest, AssignReturnsTheFirstError) {
  EXPECT_EQ(Quarter(3).status(), absl::InvalidArgumentError("odd"));
  EXPECT_EQ(Boxed(6).status(), absl::InvalidArgumentError("odd"));
}

TEST(StatusMacrosTest, ReturnIfErrorEvaluatesOnceAndStopsAtAnError) {
  int calls = 0;
  EXPECT_TRUE(Twice(calls, absl::OkStatus()).ok());
  EXPECT_EQ(calls, 2);
  calls = 0;
  EXPECT_EQ(Twice(calls, absl::NotFoundError("gone")), absl::NotFoundError("gone"));
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace keyward
