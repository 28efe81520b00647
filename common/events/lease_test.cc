#include "common/events/lease.h"

#include "common/status/error.h"
#include "gtest/gtest.h"

namespace keyward::events {
namespace {

class LeaseTest : public ::testing::Test {
 protected:
  LeaseTest() { clock_.Advance(absl::Hours(1)); }

  void Grant(absl::Duration sent, int64_t newest, absl::Duration upstream = absl::Seconds(10)) {
    lease_.Grant(sent, newest, absl::Seconds(10), upstream);
  }

  clock::FakeClock clock_;
  Lease lease_{clock_};
};

TEST_F(LeaseTest, StartsStale) {
  EXPECT_FALSE(lease_.fresh());
  const absl::Status status = RequireFresh(lease_, "managed_identity");
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ErrorReason(status), "FEED_STALE");
  EXPECT_EQ(ErrorMetadata(status, "source"), "managed_identity");
}

TEST_F(LeaseTest, CountsFromWhenTheRequestWasSent) {
  const absl::Duration sent = clock_.MonotonicNow();
  clock_.Advance(absl::Seconds(3));
  Grant(sent, 0);
  EXPECT_EQ(lease_.remaining(), absl::Seconds(7));
  EXPECT_TRUE(RequireFresh(lease_, "x").ok());
  clock_.Advance(absl::Seconds(7));
  EXPECT_FALSE(lease_.fresh());
}

TEST_F(LeaseTest, CountsOnlyOnceEverythingIsApplied) {
  Grant(clock_.MonotonicNow(), 2);
  EXPECT_FALSE(lease_.fresh());
  lease_.Applied(1);
  EXPECT_FALSE(lease_.fresh());
  lease_.Applied(2);
  EXPECT_EQ(lease_.remaining(), absl::Seconds(10));
}

TEST_F(LeaseTest, AnOlderGrantStillCountsWhileANewerWaits) {
  Grant(clock_.MonotonicNow(), 0);
  clock_.Advance(absl::Seconds(4));
  Grant(clock_.MonotonicNow(), 1);
  EXPECT_EQ(lease_.remaining(), absl::Seconds(6));
  clock_.Advance(absl::Seconds(6));
  EXPECT_FALSE(lease_.fresh());
  lease_.Applied(1);
  EXPECT_EQ(lease_.remaining(), absl::Seconds(4));
}

TEST_F(LeaseTest, GrantThatRanOutWhileWaitingIsWorthNothing) {
  Grant(clock_.MonotonicNow(), 1);
  clock_.Advance(absl::Seconds(10));
  lease_.Applied(1);
  EXPECT_FALSE(lease_.fresh());
}

TEST_F(LeaseTest, ChainIsNeverLongerThanTheLeaseNorThanUpstream) {
  Grant(clock_.MonotonicNow(), 0, absl::Seconds(2));
  EXPECT_EQ(lease_.chain_remaining(), absl::Seconds(2));
  EXPECT_EQ(lease_.remaining(), absl::Seconds(10));
  clock_.Advance(absl::Seconds(2));
  EXPECT_TRUE(lease_.fresh());
  EXPECT_FALSE(RequireFresh(lease_, "encryption").ok());
  Grant(clock_.MonotonicNow(), 0, absl::Seconds(99));
  EXPECT_EQ(lease_.chain_remaining(), absl::Seconds(10));
}

TEST_F(LeaseTest, SettingTheWallClockChangesNothing) {
  Grant(clock_.MonotonicNow(), 0);
  clock_.SetWall(absl::UnixEpoch());
  EXPECT_EQ(lease_.remaining(), absl::Seconds(10));
}

}  // namespace
}  // namespace keyward::events
