// The promise of a revoking call, against chance: once a wait for delivery has ended, nobody along
// the chain a → b → c who still believes itself fresh has not applied the event. Publishers, leases
// and databases are real; the network is a queue that delays and loses, the three clocks run at
// different speeds, and processes die whenever chance will.

#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/events/events_schema.h"
#include "common/events/feed.h"
#include "common/events/lease.h"
#include "common/storage/testing/temporary_database.h"
#include "google/protobuf/empty.pb.h"
#include "google/protobuf/util/time_util.h"
#include "gtest/gtest.h"

namespace keyward::events {
namespace {

using google::protobuf::util::TimeUtil;
using storage::Database;
using storage::testing::TemporaryDatabase;

absl::Duration FromProto(const google::protobuf::Duration& duration) {
  return absl::Microseconds(TimeUtil::DurationToMicroseconds(duration));
}

// A service of which all that is in memory can die.
class Service {
 public:
  explicit Service(std::string name) : name_(std::move(name)) {
    clock_.Advance(absl::Hours(1));
    Restart();
  }

  // What a process does that follows `peer`, between two steps of chance.
  struct Following {
    explicit Following(const clock::Clock& clock) : lease(clock) {}
    Lease lease;
    std::unique_ptr<FeedSession> session;
    int64_t applied = 0;
    int64_t sent = 0;  // by the peer
    int64_t next_request = 1;
    std::deque<std::pair<int64_t, absl::Duration>> requests;  // on their way to the peer
    std::deque<std::pair<absl::Duration, v1::SubscribeResponse>> responses;  // on their way back
    std::deque<int64_t> acknowledgements;                                    // likewise to the peer
    // Acknowledge the first once the second has ended.
    std::deque<std::pair<int64_t, std::unique_ptr<Feed::Wait>>> waits;
  };

  void Restart() {
    following_ = nullptr;
    feed_ = nullptr;
    database_ = *Database::Open(temporary_->url(), {EventsSchema()});
    feed_ = *Feed::Create(*database_, clock_, outbox_);
    following_ = std::make_unique<Following>(clock_);
    following_->applied = cursor_;
    // What followed from what was applied is somewhere in the own feed.
    if (cursor_ > 0) following_->waits.emplace_back(cursor_, *feed_->BeginWait(published_));
    feed_->SetUpstream([this] {
      return follows_ ? following_->lease.chain_remaining() : absl::InfiniteDuration();
    });
  }

  void Publish() {
    const absl::Status status = database_->Write([&](storage::Transaction& tx) {
      return outbox_.Append(tx, {.type = "t", .subject = "s", .data = google::protobuf::Empty()})
          .status();
    });
    ASSERT_TRUE(status.ok()) << status;
    ++published_;
  }

  void Connect(Service& peer) {
    follows_ = true;
    Following& f = *following_;
    f.requests.clear();
    f.responses.clear();
    f.acknowledgements.clear();
    f.session = nullptr;
    v1::SubscribeRequest::Start start;
    start.set_consumer(name_);
    start.set_replica("0");
    start.set_after_sequence(f.applied);
    auto session = peer.feed_->Subscribe(start);
    ASSERT_TRUE(session.ok()) << session.status();
    f.session = *std::move(session);
    f.sent = f.applied;
    if (acknowledged_ > 0) f.acknowledgements.push_back(std::min(acknowledged_, f.applied));
  }

  bool connected() const { return following_->session != nullptr; }
  void Disconnect() { following_->session = nullptr; }

  void Ask() {
    Following& f = *following_;
    f.requests.emplace_back(f.next_request++, clock_.MonotonicNow());
  }

  // The peer reads what came, and sends a heartbeat or an event.
  void PeerHears(Service& peer) {
    Following& f = *following_;
    if (!f.acknowledgements.empty()) {
      EXPECT_TRUE(f.session->Acknowledge(f.acknowledgements.front()).ok());
      f.acknowledgements.pop_front();
    }
    absl::Duration asked;
    if (!f.requests.empty()) {
      f.session->Heartbeat(f.requests.front().first);
      asked = f.requests.front().second;
      f.requests.pop_front();
    } else if (f.sent == peer.published_) {
      return;
    } else {
      ++f.sent;
    }
    auto response = f.session->Next();
    ASSERT_TRUE(response.ok()) << response.status();
    f.responses.emplace_back(asked, *std::move(response));
  }

  // One response arrives; an event is applied, and one of the own feed follows from it.
  void Hear(bool forward) {
    Following& f = *following_;
    if (f.responses.empty()) return;
    const auto [asked, response] = std::move(f.responses.front());
    f.responses.pop_front();
    if (response.has_heartbeat()) {
      const v1::Heartbeat& heartbeat = response.heartbeat();
      f.lease.Grant(asked, heartbeat.newest_sequence(), FromProto(heartbeat.lease()),
                    FromProto(heartbeat.upstream_lease()));
      return;
    }
    if (forward) Publish();
    cursor_ = f.applied = response.event().sequence();
    f.lease.Applied(f.applied);
    f.waits.emplace_back(f.applied, forward ? *feed_->BeginWait(published_) : nullptr);
  }

  // Acknowledges what has been delivered further down.
  void Acknowledge() {
    Following& f = *following_;
    if (f.waits.empty()) return;
    const auto& [sequence, wait] = f.waits.front();
    if (wait != nullptr && !(*wait->Await(clock_.MonotonicNow())).has_value()) return;
    acknowledged_ = sequence;
    f.acknowledgements.push_back(sequence);
    f.waits.pop_front();
  }

  const Lease& lease() const { return following_->lease; }
  int64_t applied() const { return following_->applied; }
  int64_t published() const { return published_; }
  Feed& feed() { return *feed_; }
  clock::FakeClock& clock() { return clock_; }

 private:
  const std::string name_;
  const std::unique_ptr<TemporaryDatabase> temporary_ = TemporaryDatabase::Sqlite();
  clock::FakeClock clock_;
  Outbox outbox_{name_, clock_};
  std::unique_ptr<Database> database_;
  std::unique_ptr<Feed> feed_;
  bool follows_ = false;
  std::unique_ptr<Following> following_;
  // What is on disk.
  int64_t published_ = 0;
  int64_t cursor_ = 0;
  int64_t acknowledged_ = 0;
};

class World {
 public:
  explicit World(unsigned seed) : random_(seed) {}

  void Step() {
    const auto often = [&](int percent) { return Below(100) < percent; };
    if (often(8)) Revoke();
    for (auto [follower, peer, forward] :
         {std::tuple(&b_, &a_, true), std::tuple(&c_, &b_, false)}) {
      if (!follower->connected()) {
        if (often(30)) follower->Connect(*peer);
        continue;
      }
      if (often(40)) follower->Ask();
      if (often(60)) follower->PeerHears(*peer);
      if (often(60)) follower->Hear(forward);
      if (often(60)) follower->Acknowledge();
      if (often(3)) follower->Disconnect();
    }
    if (often(1)) KillA();
    if (often(1)) KillB();
    if (often(1)) c_.Restart();
    // Mostly little, now and then more than a lease.
    const double seconds = often(3) ? Below(15) : Below(1500) / 1000.0;
    a_.clock().Advance(absl::Seconds(seconds));
    b_.clock().Advance(absl::Seconds(seconds * 0.95));
    c_.clock().Advance(absl::Seconds(seconds * (often(50) ? 1.04 : 0.96)));
    Check();
  }

  int ended() const { return ended_; }
  int fresh() const { return fresh_; }

 private:
  int Below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }

  void Revoke() {
    a_.Publish();
    waits_.emplace_back(a_.published(), *a_.feed().BeginWait(a_.published()));
  }

  // The calls that wait die with it.
  void KillA() {
    b_.Disconnect();
    waits_.clear();
    a_.Restart();
  }

  void KillB() {
    c_.Disconnect();
    b_.Restart();
  }

  void Check() {
    std::erase_if(waits_, [&](auto& entry) {
      if (!(*entry.second->Await(a_.clock().MonotonicNow())).has_value()) return false;
      over_ = std::max(over_, entry.first);
      ++ended_;
      return true;
    });
    const bool b_fresh = b_.lease().fresh();
    const bool c_fresh = c_.lease().chain_remaining() > absl::ZeroDuration();
    fresh_ += b_fresh + c_fresh;
    if (b_fresh) {
      ASSERT_GE(b_.applied(), over_) << "b acts on what is over";
    }
    // Each event of b follows from one of a, in order, so they have the same numbers.
    if (c_fresh) {
      ASSERT_GE(c_.applied(), over_) << "c acts on what is over";
    }
  }

  std::mt19937 random_;
  Service a_{"a"}, b_{"b"}, c_{"c"};
  std::vector<std::pair<int64_t, std::unique_ptr<Feed::Wait>>> waits_;
  // Everything up to this was said to be over.
  int64_t over_ = 0;
  int ended_ = 0;
  int fresh_ = 0;
};

class PromiseTest : public ::testing::TestWithParam<unsigned> {};

TEST_P(PromiseTest, WhenTheCallReturnsItIsOverEverywhere) {
  World world(GetParam());
  for (int step = 0; step < 1200 && !HasFatalFailure(); ++step) world.Step();
  // That chance has come past the interesting places.
  EXPECT_GT(world.ended(), 20);
  EXPECT_GT(world.fresh(), 200);
}

INSTANTIATE_TEST_SUITE_P(Seeds, PromiseTest, ::testing::Values(1u, 2u, 3u, 4u));

}  // namespace
}  // namespace keyward::events
