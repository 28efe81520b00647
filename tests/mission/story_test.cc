// The story, asserted line by line through the stubs, against four real server processes.

#include "tests/mission/story.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "tests/mission/suite.h"
#include "tests/mission/transcript.h"

namespace keyward::mission {
namespace {

TEST(StoryTest, EveryLineHolds) {
  auto suite = Suite::Start(testing::TempDir() + "/story");
  ASSERT_TRUE(suite.ok()) << suite.status();
  Client client((*suite)->EndpointsFor());
  Transcript transcript([](const std::string& line) { std::cout << line << std::endl; });
  Story::Options options;
  options.training_set = std::getenv("KEYWARD_TRAINING_SET");
  options.data_dir = (*suite)->data_dir();
  Story story(client, transcript, options, "contoso");
  EXPECT_EQ(story.Play(), absl::OkStatus());
  EXPECT_EQ(transcript.steps(), 7);
  EXPECT_GT(transcript.checks(), 80);
}

}  // namespace
}  // namespace keyward::mission
