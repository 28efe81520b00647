// Several replicas let keys follow each other on one database.

#include "services/managed_identity/key_succession.h"

#include <gtest/gtest.h>
#include <stdio.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "common/crypto/file_root_key.h"
#include "common/server/metrics.h"
#include "services/managed_identity/handler_fixture.h"
#include "services/managed_identity/signing_key_rotator.h"

namespace keyward::managed_identity {
namespace {

using Pair = KeySuccession::Pair;

constexpr absl::Duration kPeriod = absl::Hours(24 * 30);

class KeySuccessionTest : public HandlerFixture {
 protected:
  KeySuccessionTest() : root_key_(MakeRootKey()), succession_(*root_key_) {
    const absl::Status made = changes_->CommitUnasked(
        [&](Change& change) { return succession_.Ensure(change, "https://issuer.test"); });
    EXPECT_TRUE(made.ok()) << made;
  }

  static std::unique_ptr<crypto::FileRootKey> MakeRootKey() {
    const std::string path = ::testing::TempDir() + "/succession.key";
    remove(path.c_str());
    return *crypto::FileRootKey::LoadOrCreate(path);
  }

  Pair FindPair() {
    const absl::StatusOr<Pair> pair = changes_->Read<Pair>(KeySuccession::FindPair);
    EXPECT_TRUE(pair.ok()) << pair.status();
    return pair.value_or(Pair());
  }

  // Whether anything came of it.
  bool Advance(const Pair& seen) {
    bool advanced = false;
    const absl::Status status = changes_->CommitUnasked([&](Change& change) -> absl::Status {
      const auto done = succession_.Advance(change, seen);
      advanced = done.ok() && done->has_value();
      return done.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return advanced;
  }

  std::unique_ptr<crypto::FileRootKey> root_key_;
  const KeySuccession succession_;
};

TEST_F(KeySuccessionTest, AdvancesOnlyFromTheKeysThatWereSeen) {
  const Pair before = FindPair();
  EXPECT_TRUE(Advance(before));
  const Pair after = FindPair();
  EXPECT_EQ(after.active.key_id, before.next.key_id);
  const size_t events = Events().size();
  // One replica looked before that, one after it, and one between its two looks.
  EXPECT_FALSE(Advance(before));
  EXPECT_FALSE(Advance({before.active, after.next}));
  EXPECT_FALSE(Advance({after.active, before.next}));
  EXPECT_EQ(FindPair().active.key_id, after.active.key_id);
  EXPECT_EQ(Events().size(), events);
  EXPECT_TRUE(Advance(after));
}

TEST_F(KeySuccessionTest, TwoReplicasThatFindARotationDueRotateOnce) {
  TestConsumer vault(*feed_, "key_vault");
  const Pair before = FindPair();
  clock_.Advance(kPeriod);
  vault.RenewLease();
  server::Metrics metrics;
  SigningKeyRotator one(*changes_, succession_, clock_, metrics, kPeriod);
  SigningKeyRotator other(*changes_, succession_, clock_, metrics, kPeriod);
  // Both have decided to rotate, and wait for the vault to know the next key.
  absl::StatusOr<int> by_one = 0;
  absl::StatusOr<int> by_other = 0;
  int seen = clock_.waiters();
  std::thread first([&] { by_one = one.RunDue(); });
  clock_.AwaitWaiter(seen);
  seen = clock_.waiters();
  std::thread second([&] { by_other = other.RunDue(); });
  clock_.AwaitWaiter(seen);
  vault.ApplyUpTo(before.next.last_event);
  first.join();
  second.join();
  ASSERT_TRUE(by_one.ok() && by_other.ok()) << by_one.status() << by_other.status();
  EXPECT_EQ(*by_one + *by_other, 1);
  EXPECT_EQ(FindPair().active.key_id, before.next.key_id);
}

}  // namespace
}  // namespace keyward::managed_identity
