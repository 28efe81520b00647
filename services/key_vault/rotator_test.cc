#include "services/key_vault/rotator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/crypto/root_key.h"
#include "common/storage/testing/temporary_database.h"
#include "keyward/keyvault/v1/events.pb.h"
#include "services/key_vault/testing/temporary_folder.h"
#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::VaultEnv;

constexpr absl::Duration kDay = absl::Hours(24);
constexpr char kKey[] = "vaults/contoso/keys/a";

// One that can be out of order.
class FaultyRootKey final : public crypto::RootKey {
 public:
  explicit FaultyRootKey(const crypto::RootKey& root_key) : root_key_(root_key) {}

  absl::StatusOr<std::string> Seal(const crypto::SecretBytes& secret,
                                   absl::string_view context) const override {
    if (faulty) return absl::UnavailableError("the token is out of order");
    return root_key_.Seal(secret, context);
  }
  absl::StatusOr<crypto::SecretBytes> Unseal(absl::string_view sealed,
                                             absl::string_view context) const override {
    return root_key_.Unseal(sealed, context);
  }
  const std::string& id() const override { return root_key_.id(); }

  bool faulty = false;

 private:
  const crypto::RootKey& root_key_;
};

// A replica with its background work.
struct Replica {
  explicit Replica(const VaultEnv::Options& options = {}) : env(options) {}

  VaultEnv env;
  FaultyRootKey root_key{*env.root_key};
  KeyRing key_ring{root_key, 10};
  server::Metrics metrics;
  Rotator rotator{*env.database, env.clock, env.publisher, key_ring, metrics};
};

void SetPolicy(VaultEnv& env, const v1::RotationPolicy& policy) {
  v1::UpdateKeyRotationPolicyRequest request;
  *request.mutable_rotation_policy() = policy;
  request.mutable_rotation_policy()->set_name(absl::StrCat(kKey, "/rotationPolicy"));
  for (const char* path : {"expiry_time", "rotate", "notify"}) {
    request.mutable_update_mask()->add_paths(path);
  }
  const auto set = env.rotation_policies.Update(VaultEnv::Call(), request);
  ASSERT_TRUE(set.ok()) << set.status();
}

v1::RotationPolicy Every90Days() {
  v1::RotationPolicy policy;
  policy.mutable_rotate()->set_time_after_create("P90D");
  return policy;
}

int VersionCount(VaultEnv& env) {
  v1::ListKeyVersionsRequest request;
  request.set_parent(kKey);
  return env.versions.List(VaultEnv::Call(), request)->versions_size();
}

class RotatorTest : public ::testing::Test {
 protected:
  RotatorTest() {
    env_.CreateVault("contoso");
    env_.CreateKey("contoso", "a");
  }

  std::string Newest() {
    v1::GetKeyRequest request;
    request.set_name(kKey);
    return env_.keys.Get(call_, request)->newest_version().name();
  }

  void SetExpireTime(const std::string& version, absl::Time time) {
    v1::UpdateKeyVersionRequest request;
    request.mutable_key_version()->set_name(version);
    request.mutable_key_version()->mutable_expire_time()->set_seconds(absl::ToUnixSeconds(time));
    request.mutable_update_mask()->add_paths("expire_time");
    const auto updated = env_.versions.Update(call_, request);
    ASSERT_TRUE(updated.ok()) << updated.status();
  }

  int RunDue() {
    const absl::StatusOr<int> done = replica_.rotator.RunDue();
    EXPECT_TRUE(done.ok()) << done.status();
    return done.value_or(-1);
  }

  // What has been published since the last call.
  std::vector<std::string> News() {
    const std::vector<std::string> all = env_.EventNames();
    std::vector<std::string> news(all.begin() + static_cast<int64_t>(told_), all.end());
    told_ = all.size();
    return news;
  }

  double Counted(const std::string& name, const server::Metrics::Labels& labels) {
    return replica_.metrics.Counter(name, "", labels).Value();
  }

  Replica replica_;
  VaultEnv& env_ = replica_.env;
  const server::CallContext call_ = VaultEnv::Call();
  size_t told_ = 0;
};

TEST_F(RotatorTest, RotatesWhenThePolicySaysSoAndThenAgain) {
  v1::RotationPolicy policy = Every90Days();
  policy.set_expiry_time("P1Y");
  SetPolicy(env_, policy);
  env_.clock.Advance(90 * kDay - absl::Seconds(1));
  EXPECT_EQ(RunDue(), 0);
  News();
  env_.clock.Advance(absl::Seconds(1));
  EXPECT_EQ(RunDue(), 1);
  EXPECT_EQ(VersionCount(env_), 2);
  EXPECT_THAT(News(), ElementsAre("Microsoft.KeyVault.KeyNewVersionCreated " + Newest()));
  const std::vector<audit::v1::AuditEntry> entries = env_.AuditEntries();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].operation(), "background/RotateKey");
  EXPECT_EQ(entries[0].resource(), kKey);
  EXPECT_EQ(entries[0].result(), "OK");
  EXPECT_EQ(entries[0].details().at("key_version"), Newest());
  EXPECT_EQ(entries[0].correlation_id(), env_.Events().back().correlation_id());
  EXPECT_EQ(Counted("keyward_key_rotations_total", {{"result", "succeeded"}}), 1);
  EXPECT_EQ(RunDue(), 0);
  env_.clock.Advance(90 * kDay);
  EXPECT_EQ(RunDue(), 1);
  EXPECT_EQ(VersionCount(env_), 3);
}

TEST_F(RotatorTest, RotatesBeforeTheExpiry) {
  v1::RotationPolicy policy;
  policy.set_expiry_time("P90D");
  policy.mutable_rotate()->set_time_before_expiry("P30D");
  policy.mutable_notify()->set_time_before_expiry("P10D");
  SetPolicy(env_, policy);
  env_.clock.Advance(60 * kDay);
  EXPECT_EQ(RunDue(), 1);
  // The new version expires: 90 days from now, and rotates 30 days before.
  News();
  env_.clock.Advance(60 * kDay);
  EXPECT_EQ(RunDue(), 1);
  EXPECT_THAT(News(), ElementsAre("Microsoft.KeyVault.KeyNewVersionCreated " + Newest()));
}

TEST_F(RotatorTest, RotateKeyByHandMovesTheNextRotation) {
  SetPolicy(env_, Every90Days());
  env_.clock.Advance(89 * kDay);
  v1::RotateKeyRequest request;
  request.set_name(kKey);
  ASSERT_TRUE(env_.keys.Rotate(call_, request).ok());
  env_.clock.Advance(89 * kDay);
  EXPECT_EQ(RunDue(), 0);
  env_.clock.Advance(kDay);
  EXPECT_EQ(RunDue(), 1);
}

TEST_F(RotatorTest, NoPolicyNoRotation) {
  SetPolicy(env_, Every90Days());
  SetPolicy(env_, {});
  env_.clock.Advance(1000 * kDay);
  EXPECT_EQ(RunDue(), 0);
}

TEST_F(RotatorTest, ADisabledKeyIsNotReplacedByAnEnabledVersion) {
  SetPolicy(env_, Every90Days());
  v1::DisableKeyRequest disable;
  disable.set_name(kKey);
  ASSERT_TRUE(env_.versions.Disable(call_, disable).ok());
  env_.clock.Advance(90 * kDay);
  EXPECT_EQ(RunDue(), 0);
  EXPECT_EQ(VersionCount(env_), 1);
  v1::EnableKeyRequest enable;
  enable.set_name(kKey);
  ASSERT_TRUE(env_.versions.Enable(call_, enable).ok());
  env_.clock.Advance(Rotator::kBlockedPause);
  EXPECT_EQ(RunDue(), 1);
}

TEST_F(RotatorTest, DeletedKeysAndVaultsAreLeftAloneUntilTheyAreRecovered) {
  SetPolicy(env_, Every90Days());
  SetExpireTime(Newest(), env_.clock.Now() + 100 * kDay);
  v1::DeleteKeyRequest delete_key;
  delete_key.set_name(kKey);
  ASSERT_TRUE(env_.keys.Delete(call_, delete_key).ok());
  v1::DeleteVaultRequest delete_vault;
  delete_vault.set_name("vaults/contoso");
  ASSERT_TRUE(env_.vaults.Delete(call_, delete_vault).ok());
  News();
  env_.clock.Advance(89 * kDay);
  EXPECT_EQ(RunDue(), 0);
  v1::RecoverVaultRequest recover_vault;
  recover_vault.set_name("vaults/contoso");
  ASSERT_TRUE(env_.vaults.Recover(call_, recover_vault).ok());
  env_.clock.Advance(kDay);
  EXPECT_EQ(RunDue(), 0);
  v1::RecoverKeyRequest recover_key;
  recover_key.set_name(kKey);
  ASSERT_TRUE(env_.keys.Recover(call_, recover_key).ok());
  News();
  env_.clock.Advance(Rotator::kBlockedPause);
  // The notice, and the rotation.
  EXPECT_EQ(RunDue(), 2);
}

TEST_F(RotatorTest, ExpiryIsAnnouncedOnceAndOnceMoreWhenItIsThere) {
  const std::string version = Newest();
  SetExpireTime(version, env_.clock.Now() + 100 * kDay);
  News();
  env_.clock.Advance(70 * kDay - absl::Seconds(1));
  EXPECT_EQ(RunDue(), 0);
  env_.clock.Advance(absl::Seconds(1));
  EXPECT_EQ(RunDue(), 1);
  EXPECT_EQ(RunDue(), 0);
  EXPECT_THAT(News(), ElementsAre("Microsoft.KeyVault.KeyNearExpiry " + version));
  env_.clock.Advance(30 * kDay);
  EXPECT_EQ(RunDue(), 1);
  EXPECT_THAT(News(), ElementsAre("Microsoft.KeyVault.KeyExpired " + version));
  env_.clock.Advance(1000 * kDay);
  EXPECT_EQ(RunDue(), 0);
  const std::vector<audit::v1::AuditEntry> entries = env_.AuditEntries();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].operation(), "background/NotifyKeyNearExpiry");
  EXPECT_EQ(entries[1].operation(), "background/NotifyKeyExpired");
  EXPECT_EQ(entries[1].resource(), version);
  EXPECT_EQ(Counted("keyward_key_expiry_notices_total", {{"kind", "near_expiry"}}), 1);
  EXPECT_EQ(Counted("keyward_key_expiry_notices_total", {{"kind", "expired"}}), 1);
}

TEST_F(RotatorTest, AnotherExpireTimeIsAnnouncedAnewAndAnotherNotifyTimeIsNot) {
  SetExpireTime(Newest(), env_.clock.Now() + 10 * kDay);
  EXPECT_EQ(RunDue(), 1);
  v1::RotationPolicy policy;
  policy.mutable_notify()->set_time_before_expiry("P20D");
  SetPolicy(env_, policy);
  EXPECT_EQ(RunDue(), 0);
  SetExpireTime(Newest(), env_.clock.Now() + 25 * kDay);
  EXPECT_EQ(RunDue(), 0);
  env_.clock.Advance(5 * kDay);
  EXPECT_EQ(RunDue(), 1);
}

TEST_F(RotatorTest, WhatHasExpiredLongAgoIsNotNearItsExpiry) {
  const std::string version = Newest();
  SetExpireTime(version, env_.clock.Now() + 40 * kDay);
  News();
  env_.clock.Advance(50 * kDay);
  EXPECT_EQ(RunDue(), 1);
  EXPECT_THAT(News(), ElementsAre("Microsoft.KeyVault.KeyExpired " + version));
}

TEST_F(RotatorTest, AReplacedVersionIsNotAnnounced) {
  SetExpireTime(Newest(), env_.clock.Now() + 100 * kDay);
  v1::RotateKeyRequest request;
  request.set_name(kKey);
  ASSERT_TRUE(env_.keys.Rotate(call_, request).ok());
  env_.clock.Advance(100 * kDay);
  EXPECT_EQ(RunDue(), 0);
}

TEST_F(RotatorTest, AFailureIsToldAndTriedAgainLaterEachTime) {
  SetPolicy(env_, Every90Days());
  env_.clock.Advance(90 * kDay);
  replica_.root_key.faulty = true;
  News();
  absl::Duration waited;
  for (int failures = 1; failures <= 12; ++failures) {
    EXPECT_EQ(RunDue(), 0);
    EXPECT_THAT(News(), ElementsAre("keyward.keyvault.KeyRotationFailed vaults/contoso/keys/a"));
    v1::KeyRotationFailed event;
    ASSERT_TRUE(env_.Events().back().data().UnpackTo(&event));
    EXPECT_EQ(event.key(), kKey);
    EXPECT_EQ(event.code(), "UNAVAILABLE");
    EXPECT_EQ(event.failures(), failures);
    const absl::Duration pause = absl::FromUnixSeconds(event.retry_time().seconds()) +
                                 absl::Nanoseconds(event.retry_time().nanos()) - env_.clock.Now();
    EXPECT_GE(pause, Rotator::kShortestBackOff / 2);
    EXPECT_LE(pause, Rotator::kLongestBackOff);
    EXPECT_EQ(RunDue(), 0);
    EXPECT_THAT(News(), IsEmpty());
    env_.clock.Advance(pause);
    waited = pause;
  }
  EXPECT_GE(waited, Rotator::kLongestBackOff / 2);
  EXPECT_EQ(Counted("keyward_key_rotations_total", {{"result", "failed"}}), 12);
  EXPECT_EQ(env_.AuditEntries().back().result(), "UNAVAILABLE");
  EXPECT_EQ(VersionCount(env_), 1);
  replica_.root_key.faulty = false;
  EXPECT_EQ(RunDue(), 1);
  EXPECT_EQ(VersionCount(env_), 2);
}

TEST_F(RotatorTest, ClaimOfAReplicaThatDiedRunsOut) {
  SetPolicy(env_, Every90Days());
  env_.clock.Advance(90 * kDay);
  env_.Write([&](storage::Transaction& tx) -> absl::Status {
    const auto due = RotationStore(tx).ListDueForRotation(env_.clock.Now(), 10);
    EXPECT_EQ(due->size(), 1u);
    return RotationStore(tx).MoveRotation(due->at(0), env_.clock.Now() + Rotator::kClaim).status();
  });
  EXPECT_EQ(RunDue(), 0);
  env_.clock.Advance(Rotator::kClaim);
  EXPECT_EQ(RunDue(), 1);
}

TEST_F(RotatorTest, WorksByItselfAsTimeGoesOn) {
  SetPolicy(env_, Every90Days());
  replica_.rotator.Start();
  while (VersionCount(env_) < 3) env_.clock.Advance(kDay);
  replica_.rotator.Stop();
}

// On PostgreSQL: each key rotates once, and each expiry is announced once, however many replicas
// are at it.
TEST(RotatorReplicasTest, TwoReplicasDoEverythingOnce) {
  auto temporary = storage::testing::TemporaryDatabase::Postgresql();
  if (!temporary.ok()) GTEST_SKIP() << temporary.status().message();
  testing::TemporaryFolder folder;
  const VaultEnv::Options options = {.url = (*temporary)->url(),
                                     .root_key_file = folder.File("root.key")};
  Replica one(options);
  Replica other(options);
  one.env.CreateVault("contoso");
  one.env.CreateKey("contoso", "a");
  v1::RotationPolicy policy;
  policy.set_expiry_time("P28D");
  policy.mutable_rotate()->set_time_after_create("P14D");
  policy.mutable_notify()->set_time_before_expiry("P20D");
  SetPolicy(one.env, policy);
  constexpr int kRounds = 15;
  for (int round = 0; round < kRounds; ++round) {
    for (Replica* replica : {&one, &other}) replica->env.clock.Advance(14 * kDay);
    std::atomic<int> ready = 0;
    std::vector<std::thread> threads;
    for (Replica* replica : {&one, &other}) {
      threads.emplace_back([&ready, replica] {
        ++ready;
        while (ready < 2) std::this_thread::yield();
        EXPECT_TRUE(replica->rotator.RunDue().ok());
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(VersionCount(one.env), 1 + kRounds);
  int notices = 0;
  for (const std::string& name : one.env.EventNames()) {
    if (name.starts_with("Microsoft.KeyVault.KeyNearExpiry")) ++notices;
  }
  // The first version has no expiry; every other but the last was announced before it was replaced.
  EXPECT_EQ(notices, kRounds - 1);
  EXPECT_EQ(one.env.AuditEntries().size(), static_cast<size_t>(kRounds + notices));
}

}  // namespace
}  // namespace keyward::key_vault
