#include "common/storage/fault_point.h"

#include <stdlib.h>

#include "gtest/gtest.h"

namespace keyward::storage {
namespace {

void PassTwice() {
  KW_FAULT_POINT("first");
  KW_FAULT_POINT("second");
  KW_FAULT_POINT("first");
  exit(0);
}

// The variable is read once a process, and each death test is a process of its own.
class FaultPointDeathTest : public ::testing::Test {
 protected:
  FaultPointDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
  ~FaultPointDeathTest() override { unsetenv(kFaultPointVariable); }
};

TEST_F(FaultPointDeathTest, NothingHappensUnlessNamed) {
  EXPECT_EXIT(PassTwice(), ::testing::ExitedWithCode(0), "");
  setenv(kFaultPointVariable, "third", 1);
  EXPECT_EXIT(PassTwice(), ::testing::ExitedWithCode(0), "");
}

TEST_F(FaultPointDeathTest, NamedPointEndsTheProcess) {
  setenv(kFaultPointVariable, "second", 1);
  EXPECT_EXIT(PassTwice(), ::testing::ExitedWithCode(137), "");
}

TEST_F(FaultPointDeathTest, NthPassageEndsTheProcess) {
  setenv(kFaultPointVariable, "first:2", 1);
  EXPECT_EXIT(PassTwice(), ::testing::ExitedWithCode(137), "");
  setenv(kFaultPointVariable, "first:3", 1);
  EXPECT_EXIT(PassTwice(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace keyward::storage
