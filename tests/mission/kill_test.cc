// kill -9 of any one server in any of the steps 2-7 of the story, then its restart: the story ends
// the same. One run a server: in each step the server is killed before the second call of that step
// and again before the fifth, while the client goes on as a careful client does.

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/mission/story.h"
#include "tests/mission/suite.h"
#include "tests/mission/transcript.h"

namespace keyward::mission {
namespace {

// Few pairs, so that training takes no time.
std::string WriteSmallTrainingSet(const std::string& path) {
  std::ofstream file(path);
  file << R"(<?xml version="1.0" encoding="UTF-8"?><tmx version="1.4"><header creationtool="test" )"
       << R"(creationtoolversion="1" segtype="sentence" o-tmf="none" adminlang="en" srclang="en" )"
       << R"(datatype="plaintext"/><body>)";
  for (int i = 0; i < 200; ++i) {
    file << "<tu><tuv xml:lang=\"en\"><seg>The house number " << i
         << " is white.</seg></tuv><tuv xml:lang=\"es\"><seg>La casa número " << i
         << " es blanca.</seg></tuv></tu>";
  }
  file << "</body></tmx>";
  return path;
}

class KillTest : public testing::TestWithParam<std::string> {};

TEST_P(KillTest, TheStoryEndsTheSame) {
  const std::string& victim = GetParam();
  const std::string dir = absl::StrCat(testing::TempDir(), "/kill-", victim);
  auto suite = Suite::Start(dir);
  ASSERT_TRUE(suite.ok()) << suite.status();
  Client client((*suite)->EndpointsFor(), absl::Seconds(60));
  Transcript transcript([](const std::string& line) { std::cout << line << std::endl; });
  Story::Options options;
  options.training_set = WriteSmallTrainingSet(dir + "/small.tmx");
  options.training_pairs = 150;
  options.data_dir = (*suite)->data_dir();
  options.under_fire = true;
  options.every_cause = false;
  Story story(client, transcript, options, "fabrik");

  std::atomic<int> step = 0;
  std::atomic<int> call = 0;
  int kills = 0;
  story.SetOnStep([&](int number) {
    step = number;
    call = 0;
  });
  const std::thread::id storyteller = std::this_thread::get_id();
  client.SetBeforeCall([&] {
    if (std::this_thread::get_id() != storyteller) return;
    const int now = ++call;
    if (step < 2 || (now != 2 && now != 5)) return;
    std::cout << "      (kill -9 " << victim << ")" << std::endl;
    ASSERT_EQ((*suite)->Kill(victim), absl::OkStatus());
    ASSERT_EQ((*suite)->StartServer(victim), absl::OkStatus());
    ++kills;
  });
  EXPECT_EQ(story.Play(), absl::OkStatus());
  EXPECT_GE(kills, 10);
}

INSTANTIATE_TEST_SUITE_P(EachServer, KillTest, testing::ValuesIn(Suite::Services()),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace keyward::mission
