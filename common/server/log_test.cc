#include "common/server/log.h"

#include <gtest/gtest.h>

#include <string>

#include "nlohmann/json.hpp"

namespace keyward::server {
namespace {

TEST(LogTest, LineIsOneJsonObject) {
  const std::string text = "plain";
  EXPECT_EQ(FormatLogLine("2024-01-02T03:04:05.000006Z", Severity::kInfo, "something.happened",
                          {{"text", text}, {"count", 3}, {"ratio", 0.5}, {"flag", true}}),
            R"({"time":"2024-01-02T03:04:05.000006Z","severity":"info",)"
            R"("event":"something.happened","text":"plain","count":3,"ratio":0.5,"flag":true})");
}

TEST(LogTest, WhateverAPeerSendsStaysOneLineOfJson) {
  const std::string hostile = "a\"b\\c\nd\x01\xff\xc3\xa9";
  const std::string line = FormatLogLine("t", Severity::kError, "e", {{"text", hostile}});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const nlohmann::json parsed = nlohmann::json::parse(line, nullptr, false);
  ASSERT_TRUE(parsed.is_object());
  EXPECT_EQ(parsed["text"].get<std::string>(), "a\"b\\c\nd\x01\xef\xbf\xbd\xc3\xa9");
}

}  // namespace
}  // namespace keyward::server
