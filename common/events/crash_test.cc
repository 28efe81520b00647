// A publisher and its follower are killed, together, at each fault point again and again; in the
// end every event has taken effect exactly once, in order, and what followed from it was published
// once.

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/clock/clock.h"
#include "common/events/testing/node.h"
#include "common/storage/fault_point.h"
#include "common/storage/testing/temporary_database.h"
#include "gtest/gtest.h"

namespace keyward::events {
namespace {

using storage::testing::TemporaryDatabase;
using testing::Eventually;
using testing::Node;

constexpr char kPublisherUrl[] = "KEYWARD_CRASH_TEST_PUBLISHER";
constexpr char kFollowerUrl[] = "KEYWARD_CRASH_TEST_FOLLOWER";
constexpr int kEvents = 20;

// Brings the publisher to kEvents events, and the follower to having applied and acknowledged all
// of them. Returns the exit code; on the way, the process may be killed.
int PublishAndApplyAll() {
  Node publisher("a", getenv(kPublisherUrl), clock::RealClock());
  Node follower("b", getenv(kFollowerUrl), clock::RealClock());
  follower.Follow(publisher, /*forward=*/true);
  v1::ListEventsRequest all;
  all.set_page_size(1000);
  while (publisher.feed().ListEvents(all)->events_size() < kEvents) publisher.Publish();
  const bool done = Eventually([&] {
    return follower.follower("a").acknowledged() == kEvents &&
           follower.follower("a").lease().fresh();
  });
  return done ? 0 : 1;
}

// Runs this program again to do that.
int RunChild(const std::string& fault_point) {
  setenv(storage::kFaultPointVariable, fault_point.c_str(), 1);
  const int status = system("/proc/$PPID/exe");
  unsetenv(storage::kFaultPointVariable);
  return WEXITSTATUS(status);
}

TEST(EventsCrashTest, EveryEventTakesEffectExactlyOnceThroughCrashes) {
  const auto publisher = TemporaryDatabase::Sqlite();
  const auto follower = TemporaryDatabase::Sqlite();
  setenv(kPublisherUrl, publisher->url().c_str(), 1);
  setenv(kFollowerUrl, follower->url().c_str(), 1);
  int kills = 0;
  for (const std::string point :
       {"storage.before_commit:6", "storage.after_commit:7", "follower.before_apply:1",
        "follower.before_apply:2", "follower.after_apply:1", "follower.after_apply:2",
        "feed.lease_granted:1", "storage.before_commit:8", "storage.after_commit:9",
        "storage.before_commit:10"}) {
    SCOPED_TRACE(point);
    const int exit_code = RunChild(point);
    EXPECT_TRUE(exit_code == 137 || exit_code == 0) << exit_code;
    if (exit_code == 137) ++kills;
  }
  EXPECT_GE(kills, 6);
  EXPECT_EQ(RunChild(""), 0);

  unsetenv(kPublisherUrl);
  Node checked("b", follower->url(), clock::RealClock());
  const std::vector<std::string> applied = checked.Applied("a");
  ASSERT_EQ(applied.size(), static_cast<size_t>(kEvents));
  v1::ListEventsRequest all;
  all.set_page_size(1000);
  const auto events = checked.feed().ListEvents(all);
  ASSERT_TRUE(events.ok()) << events.status();
  ASSERT_EQ(events->events_size(), kEvents);
  for (int i = 0; i < kEvents; ++i) {
    EXPECT_EQ(applied[i], absl::StrCat(i + 1));
    EXPECT_EQ(events->events(i).caused_by(), absl::StrCat("a/", i + 1));
  }
}

}  // namespace
}  // namespace keyward::events

int main(int argc, char** argv) {
  if (getenv(keyward::events::kPublisherUrl) != nullptr) {
    return keyward::events::PublishAndApplyAll();
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
