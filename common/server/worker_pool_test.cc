#include "common/server/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>

#include "absl/synchronization/notification.h"

namespace keyward::server {
namespace {

TEST(WorkerPoolTest, RefusesWhenTheQueueIsFullAndTakesMoreLater) {
  absl::Notification started, go;
  std::atomic<int> ran = 0;
  WorkerPool pool(1, 2);
  ASSERT_TRUE(pool.TrySchedule([&] {
    started.Notify();
    go.WaitForNotification();
  }));
  started.WaitForNotification();
  absl::Notification last;
  EXPECT_TRUE(pool.TrySchedule([&] { ++ran; }));
  EXPECT_TRUE(pool.TrySchedule([&] { last.Notify(); }));
  EXPECT_FALSE(pool.TrySchedule([&] { ++ran; }));
  go.Notify();
  last.WaitForNotification();
  EXPECT_EQ(ran, 1);
  EXPECT_TRUE(pool.TrySchedule([&] { ++ran; }));
}

TEST(WorkerPoolTest, DestructorRunsWhatIsQueued) {
  std::atomic<int> ran = 0;
  {
    WorkerPool pool(2, 100);
    for (int i = 0; i < 100; ++i) pool.TrySchedule([&] { ++ran; });
  }
  EXPECT_EQ(ran, 100);
}

}  // namespace
}  // namespace keyward::server
