#include "common/server/message_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/server/testing/echo.pb.h"
#include "common/status/error.h"

namespace keyward::server::testing {
namespace {

using ::testing::HasSubstr;

TEST(MessageCheckTest, WhatIsKnownPasses) {
  EchoRequest request;
  request.mutable_target()->set_name("things/1");
  request.mutable_target()->add_colors(COLOR_RED);
  (*request.mutable_target()->mutable_named_colors())["a"] = COLOR_RED;
  EXPECT_TRUE(CheckMessage(request).ok());
  EXPECT_TRUE(CheckMessage(EchoRequest()).ok());
}

TEST(MessageCheckTest, UnknownEnumValuesAreFoundAnywhere) {
  EchoRequest request;
  request.mutable_target()->add_colors(COLOR_RED);
  request.mutable_target()->add_colors(static_cast<Color>(7));
  (*request.mutable_target()->mutable_named_colors())["a"] = static_cast<Color>(8);
  const absl::Status status = CheckMessage(request);
  EXPECT_EQ(ErrorReason(status), "INVALID_REQUEST");
  EXPECT_THAT(std::string(status.message()), HasSubstr("target.colors[1]"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("target.named_colors[0].value"));
}

TEST(MessageCheckTest, OfVeryManyViolationsTheFirstAreNamed) {
  EchoRequest request;
  for (int i = 0; i < 100'000; ++i) request.mutable_target()->add_colors(static_cast<Color>(7));
  const absl::Status status = CheckMessage(request);
  EXPECT_EQ(ErrorReason(status), "INVALID_REQUEST");
  EXPECT_LT(status.message().size(), 4000u);
}

TEST(MessageCheckTest, FieldsOfANewerReleaseAreRefused) {
  Target newer;
  newer.set_name("things/1");
  newer.set_from_the_future(1);
  OldTarget older;
  ASSERT_TRUE(older.ParseFromString(newer.SerializeAsString()));
  EXPECT_THAT(std::string(CheckMessage(older).message()),
              HasSubstr("'100' is no field of keyward.server.testing.OldTarget"));
}

}  // namespace
}  // namespace keyward::server::testing
