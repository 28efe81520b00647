#include "common/server/method_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/server/testing/broken.pb.h"
#include "common/server/testing/echo.pb.h"

namespace keyward::server::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(MethodRulesTest, ServicesWhoseMethodsAllSayWhoMayCallAreFine) {
  EXPECT_TRUE(VerifyEveryMethodIsAuthorized({"keyward.server.testing.EchoService"}).ok());
  EXPECT_TRUE(VerifyEveryMethodIsAuthorized({"grpc.health.v1.Health"}).ok());
}

TEST(MethodRulesTest, EveryMethodThatBreaksARuleIsNamed) {
  // Parsing the generated file is what puts the services into the pool.
  BrokenResponse::descriptor();
  const absl::Status status =
      VerifyEveryMethodIsAuthorized({"keyward.server.testing.BrokenService"});
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  const std::string message(status.message());
  for (const char* method : {"NoOption", "NoRule", "NoField", "NoKey", "Twin", "OtherTwin"}) {
    EXPECT_THAT(message, HasSubstr(std::string("BrokenService.") + method + " "));
  }
  EXPECT_THAT(message, Not(HasSubstr("BrokenService.Fine")));
}

TEST(MethodRulesTest, UnknownServicesAreRefused) {
  EXPECT_THAT(std::string(VerifyEveryMethodIsAuthorized({"no.such.Service"}).message()),
              HasSubstr("no.such.Service has no descriptor"));
}

TEST(MethodRulesTest, RequestsNameTheirMethod) {
  const auto* method = FindMethodByRequest(*EchoRequest::descriptor());
  ASSERT_NE(method, nullptr);
  EXPECT_EQ(method->name(), "Echo");
  EXPECT_EQ(FindMethodByRequest(*TwinRequest::descriptor()), nullptr);
  EXPECT_EQ(FindMethodByRequest(*EchoResponse::descriptor()), nullptr);
}

TEST(MethodRulesTest, ResourceMayLieDeeper) {
  EchoRequest request;
  request.mutable_target()->set_name("things/1");
  const auto* rule = FindRule(*FindMethodByRequest(*EchoRequest::descriptor()));
  ASSERT_NE(rule, nullptr);
  EXPECT_EQ(ResourceOf(*rule, request), "things/1");
  EXPECT_EQ(ResourceOf(*rule, EchoRequest()), "");
}

}  // namespace
}  // namespace keyward::server::testing
