// Every way in which access is lost, when the event arrives live, after a restart, and after access
// was already restored; and what a loss does.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "common/status/error.h"
#include "keyward/encryption/v1/events.pb.h"
#include "services/encryption/testing/encryption_fixture.h"

namespace keyward::encryption::testing {
namespace {

// The other two services, for a case to act on.
struct World {
  FakeManagedIdentity& identities;
  FakeKeyVault& key_vault;
  std::string version;
  std::string principal;
};

struct LossCase {
  const char* name;
  v1::Cause cause;
  std::function<void(World&)> lose;
  // Brings back what can be brought back; null where nothing can.
  std::function<void(World&)> restore;
};

const AccountName kAccount = AccountName::FromTrustedId("contoso");

void EnableAndGrantAnew(World& world) {
  world.key_vault.Grant(kVault, world.identities.EnableIdentity(kAccount));
}

const LossCase kLosses[] = {
    {"IdentityDisabled", v1::CAUSE_IDENTITY_DISABLED,
     [](World& w) { w.identities.DisableIdentity(kAccount); }, EnableAndGrantAnew},
    {"IdentityDeleted", v1::CAUSE_IDENTITY_DELETED,
     [](World& w) { w.identities.DeleteIdentity(kAccount); }, EnableAndGrantAnew},
    {"SubscriptionMoved", v1::CAUSE_TENANT_CHANGED,
     [](World& w) { w.identities.MoveSubscription(kSubscription, "tenants/fabrikam"); },
     [](World& w) {
       w.identities.MoveSubscription(kSubscription, kTenant);
       EnableAndGrantAnew(w);
     }},
    {"PolicyRemoved", v1::CAUSE_ACCESS_POLICY_REMOVED,
     [](World& w) { w.key_vault.SetPolicy(kVault, w.principal, {}); },
     [](World& w) { w.key_vault.Grant(kVault, w.principal); }},
    {"PolicyWithoutUnwrapKey", v1::CAUSE_ACCESS_POLICY_REMOVED,
     [](World& w) {
       w.key_vault.SetPolicy(kVault, w.principal, {"get", "wrapKey"});
     },
     [](World& w) { w.key_vault.Grant(kVault, w.principal); }},
    {"KeyDisabled", v1::CAUSE_KEY_DISABLED, [](World& w) { w.key_vault.SetEnabled(kKey, false); },
     [](World& w) { w.key_vault.SetEnabled(kKey, true); }},
    {"KeyVersionDisabled", v1::CAUSE_KEY_DISABLED,
     [](World& w) { w.key_vault.SetEnabled(w.version, false); },
     [](World& w) { w.key_vault.SetEnabled(w.version, true); }},
    {"KeyDeleted", v1::CAUSE_KEY_DELETED, [](World& w) { w.key_vault.DeleteKey(kKey); },
     [](World& w) { w.key_vault.RecoverKey(kKey); }},
    {"UnwrapKeyRemoved", v1::CAUSE_KEY_OPERATION_REMOVED,
     [](World& w) { w.key_vault.SetKeyOps(w.version, {"wrapKey"}); },
     [](World& w) {
       w.key_vault.SetKeyOps(w.version, {"wrapKey", "unwrapKey"});
     }},
    {"VaultDeleted", v1::CAUSE_VAULT_DELETED, [](World& w) { w.key_vault.DeleteVault(kVault); },
     [](World& w) { w.key_vault.RecoverVault(kVault); }},
};

class AccessLossTest : public EncryptionFixture, public ::testing::WithParamInterface<LossCase> {
 protected:
  void SetUp() override {
    CreateAccount("contoso");
    EnableCustomerKey("contoso");
    world_.principal = SettingsOf("contoso").principal_id();
    upload_ = *Encrypt("contoso", "uploads", "doc", "a customer's sentence");
    model_ = *Encrypt("contoso", "models", "model", "a customer's model");
  }

  // The account is DENIED, by that cause, and its uploads are gone for good.
  void ExpectLost(int64_t epoch = 2) {
    const v1::Access access = AccessOf("contoso");
    EXPECT_EQ(access.verdict(), v1::VERDICT_DENIED);
    EXPECT_EQ(access.cause(), GetParam().cause);
    EXPECT_EQ(access.epoch(), epoch);
    EXPECT_FALSE(access.event().empty());
    EXPECT_FALSE(access.message().empty());
    for (const char* scope : {"uploads", "models"}) {
      const auto refused = Encrypt("contoso", scope, "new", "text");
      EXPECT_EQ(ErrorReason(refused.status()), "ACCESS_DENIED");
      EXPECT_EQ(ErrorMetadata(refused.status(), "account"), "accounts/contoso");
      EXPECT_EQ(ErrorMetadata(refused.status(), "event"), access.event());
      EXPECT_EQ("CAUSE_" + ErrorMetadata(refused.status(), "cause"),
                v1::Cause_Name(GetParam().cause));
    }
    EXPECT_EQ(ErrorReason(Decrypt("contoso", "models", "model", model_).status()), "ACCESS_DENIED");
    EXPECT_EQ(Sql("SELECT wrapped FROM scope_keys WHERE scope = 'uploads'"), std::string(80, '0'));
  }

  // After access came back: the models open, the uploads do not, and new uploads do.
  void ExpectRestored() {
    EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_ACCESSIBLE);
    EXPECT_EQ(*Decrypt("contoso", "models", "model", model_), "a customer's model");
    EXPECT_EQ(ErrorReason(Decrypt("contoso", "uploads", "doc", upload_).status()),
              "SCOPE_DESTROYED");
    const auto fresh = Encrypt("contoso", "uploads", "doc", "another sentence");
    ASSERT_TRUE(fresh.ok()) << fresh.status();
    EXPECT_EQ(*Decrypt("contoso", "uploads", "doc", *fresh), "another sentence");
  }

  void Lose() { GetParam().lose(world_); }
  bool Restorable() const { return GetParam().restore != nullptr; }
  void Restore() { GetParam().restore(world_); }

  void HoldFeeds() {
    identities_.feed().Hold();
    key_vault_.feed().Hold();
  }
  void ReleaseFeeds() {
    identities_.feed().Release();
    key_vault_.feed().Release();
  }

  World world_ = {identities_, key_vault_, key_version_, ""};
  std::string upload_;
  std::string model_;
};

TEST_P(AccessLossTest, Live) {
  Lose();
  ExpectLost();
  const std::vector<events::v1::Event> lost = Published("keyward.encryption.AccessLost");
  ASSERT_EQ(lost.size(), 1u);
  EXPECT_EQ(lost[0].subject(), "accounts/contoso");
  EXPECT_EQ(lost[0].caused_by(), AccessOf("contoso").event());
  v1::AccountChanged change;
  ASSERT_TRUE(lost[0].data().UnpackTo(&change));
  EXPECT_EQ(change.access().cause(), GetParam().cause);
  EXPECT_EQ(change.access().epoch(), 2);
  EXPECT_TRUE(change.has_uploads_destroyed_time());
  EXPECT_FALSE(change.has_upload_retention_grace());
}

TEST_P(AccessLossTest, WhileTheServiceIsDown) {
  Stop();
  Lose();
  Start();
  ExpectLost();
}

TEST_P(AccessLossTest, StaysLostOverARestart) {
  Lose();
  Restart();
  ExpectLost();
}

TEST_P(AccessLossTest, ComesBackByItselfButUploadsDoNot) {
  Lose();
  if (!Restorable()) return;
  Restore();
  ExpectLost();
  core_->background().RunWork();
  ExpectRestored();
  const std::vector<events::v1::Event> restored = Published("keyward.encryption.AccessRestored");
  ASSERT_EQ(restored.size(), 1u);
  EXPECT_FALSE(restored[0].caused_by().empty());
}

TEST_P(AccessLossTest, CountsThoughItWasUndoneBeforeItWasSeen) {
  if (!Restorable()) return;
  HoldFeeds();
  Lose();
  Restore();
  ReleaseFeeds();
  EXPECT_EQ(Published("keyward.encryption.AccessLost").size(), 1u);
  ExpectLost();
  core_->background().RunWork();
  ExpectRestored();
}

TEST_P(AccessLossTest, CountsThoughItWasUndoneWhileTheServiceWasDown) {
  if (!Restorable()) return;
  Stop();
  Lose();
  Restore();
  Start();
  ExpectLost();
  core_->background().RunWork();
  ExpectRestored();
}

TEST_P(AccessLossTest, ASecondLossCountsAgain) {
  if (!Restorable()) return;
  Lose();
  Restore();
  core_->background().RunWork();
  world_.principal = SettingsOf("contoso").principal_id();
  ASSERT_TRUE(Encrypt("contoso", "uploads", "doc", "more").ok());
  Lose();
  ExpectLost(3);
  EXPECT_EQ(Published("keyward.encryption.AccessLost").size(), 2u);
}

TEST_P(AccessLossTest, FurtherLossesChangeNothing) {
  Lose();
  const v1::Access before = AccessOf("contoso");
  key_vault_.DeleteVault(kVault);
  key_vault_.SetEnabled(kKey, false);
  const v1::Access after = AccessOf("contoso");
  EXPECT_EQ(after.event(), before.event());
  EXPECT_EQ(after.epoch(), before.epoch());
  EXPECT_EQ(Published("keyward.encryption.AccessLost").size(), 1u);
}

TEST_P(AccessLossTest, PlatformManagedAccountsAndOtherKeysAreNotConcerned) {
  CreateAccount("platform");
  key_vault_.CreateVault("vaults/w", kTenant, "westeurope");
  key_vault_.CreateKey("vaults/w/keys/k");
  CreateAccount("other");
  key_vault_.Grant("vaults/w", identities_.EnableIdentity(Name("other")));
  ASSERT_TRUE(Enable("other", "vaults/w/keys/k").ok());
  Lose();
  EXPECT_TRUE(Encrypt("platform", "uploads", "doc", "text").ok());
  if (GetParam().cause != v1::CAUSE_TENANT_CHANGED) {
    EXPECT_TRUE(Encrypt("other", "uploads", "doc", "text").ok());
  }
}

INSTANTIATE_TEST_SUITE_P(EveryCause, AccessLossTest, ::testing::ValuesIn(kLosses),
                         [](const auto& info) { return info.param.name; });

class AccessLossDetailTest : public EncryptionFixture {
 protected:
  void SetUp() override {
    CreateAccount("contoso");
    EnableCustomerKey("contoso");
  }
};

TEST_F(AccessLossDetailTest, OneEventTakesAccessFromEveryAccountOnTheKey) {
  for (const char* id : {"second", "third"}) {
    CreateAccount(id);
    EnableCustomerKey(id);
  }
  const std::string event = key_vault_.SetEnabled(kKey, false);
  for (const char* id : {"contoso", "second", "third"}) {
    EXPECT_EQ(AccessOf(id).event(), event) << id;
  }
  EXPECT_EQ(Published("keyward.encryption.AccessLost").size(), 3u);
}

// What a publisher waits for once this service has applied an event of its feed.
TEST_F(AccessLossDetailTest, ASecondLossWaitsForWhatTheFirstOneCaused) {
  identities_.DisableIdentity(Name("contoso"));
  const std::vector<events::v1::Event> published = Published();
  events::v1::Event second;
  key_vault_.feed().SetConsumer([&](const events::v1::Event& event) { second = event; });
  key_vault_.SetEnabled(kKey, false);
  int64_t awaited = 0;
  ASSERT_TRUE(database_
                  ->Write([&](storage::Transaction& tx) -> absl::Status {
                    absl::Status applied = core_->event_handler().Apply(tx, second);
                    awaited = tx.highest_appended();
                    return applied;
                  })
                  .ok());
  EXPECT_EQ(awaited, published.back().sequence());
  EXPECT_EQ(Published().size(), published.size());
}

TEST_F(AccessLossDetailTest, AnExpiredKeyIsNoLoss) {
  key_vault_.SetExpiry(key_version_, clock_.Now() - absl::Hours(1));
  Restart();
  EXPECT_TRUE(Encrypt("contoso", "uploads", "doc", "text").ok());
  EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_ACCESSIBLE);
}

TEST_F(AccessLossDetailTest, EnablingTheIdentityAloneRestoresNothing) {
  identities_.DisableIdentity(Name("contoso"));
  const std::string principal = identities_.EnableIdentity(Name("contoso"));
  core_->background().RunWork();
  EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_DENIED);
  const auto refused = Revalidate("contoso");
  EXPECT_EQ(ErrorReason(refused.status()), "CUSTOMER_KEY_RULES_BROKEN");
  EXPECT_NE(refused.status().message().find(principal), std::string::npos);
  key_vault_.Grant(kVault, principal);
  const auto restored = Revalidate("contoso");
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(restored->access().verdict(), v1::VERDICT_ACCESSIBLE);
  EXPECT_EQ(restored->principal_id(), principal);
}

TEST_F(AccessLossDetailTest, AMovedSubscriptionTakesItsAccountsAlong) {
  CreateAccount("platform");
  identities_.MoveSubscription(kSubscription, "tenants/fabrikam");
  v1::GetAccountRequest request;
  for (const char* name : {"accounts/contoso", "accounts/platform"}) {
    request.set_name(name);
    EXPECT_EQ(core_->accounts().Get(Call(), request)->tenant(), "tenants/fabrikam");
  }
  EXPECT_EQ(AccessOf("contoso").cause(), v1::CAUSE_TENANT_CHANGED);
  // A vault of the old tenant looks like none from the new one.
  EXPECT_EQ(ErrorReason(Revalidate("contoso").status()), "CUSTOMER_KEY_RULES_BROKEN");
}

TEST_F(AccessLossDetailTest, TheWayBackFromAnotherTenantIsANewPrincipal) {
  identities_.MoveSubscription(kSubscription, "tenants/fabrikam");
  identities_.MoveSubscription(kSubscription, kTenant);
  core_->background().RunWork();
  EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_DENIED);
  key_vault_.Grant(kVault, identities_.EnableIdentity(Name("contoso")));
  core_->background().RunWork();
  EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_ACCESSIBLE);
}

TEST_F(AccessLossDetailTest, UploadsWithAGraceAreSealedAndComeBackInTime) {
  CreateAccount("graceful", absl::Hours(1));
  EnableCustomerKey("graceful");
  const std::string upload = *Encrypt("graceful", "uploads", "doc", "kept");
  key_vault_.SetEnabled(kKey, false);
  EXPECT_EQ(ErrorReason(Decrypt("graceful", "uploads", "doc", upload).status()), "ACCESS_DENIED");
  v1::AccountChanged change;
  for (const auto& event : Published("keyward.encryption.AccessLost")) {
    if (event.subject() == "accounts/graceful") event.data().UnpackTo(&change);
  }
  EXPECT_EQ(change.upload_retention_grace().seconds(), 3600);
  EXPECT_FALSE(change.has_uploads_destroyed_time());
  clock_.Advance(absl::Minutes(59));
  core_->background().RunHousekeeping();
  key_vault_.SetEnabled(kKey, true);
  core_->background().RunWork();
  EXPECT_EQ(*Decrypt("graceful", "uploads", "doc", upload), "kept");
}

TEST_F(AccessLossDetailTest, UploadsAreDestroyedWhenTheirGraceEnds) {
  for (const bool housekeeping_first : {true, false}) {
    const std::string id = housekeeping_first ? "punctual" : "overdue";
    CreateAccount(id, absl::Hours(1));
    EnableCustomerKey(id);
    const std::string upload = *Encrypt(id, "uploads", "doc", "kept");
    key_vault_.SetEnabled(kKey, false);
    clock_.Advance(absl::Hours(1));
    if (housekeeping_first) core_->background().RunHousekeeping();
    key_vault_.SetEnabled(kKey, true);
    core_->background().RunWork();
    EXPECT_EQ(ErrorReason(Decrypt(id, "uploads", "doc", upload).status()), "SCOPE_DESTROYED") << id;
  }
  const auto destroyed = Published("keyward.encryption.ScopeDestroyed");
  ASSERT_EQ(destroyed.size(), 2u);
  v1::ScopeDestroyed change;
  ASSERT_TRUE(destroyed[0].data().UnpackTo(&change));
  EXPECT_EQ(change.scope(), "uploads");
  EXPECT_EQ(change.access_epoch(), 1);
}

TEST_F(AccessLossDetailTest, AnEventThatCannotBeReadStopsTheFeedAndTakesNothing) {
  events::v1::Event event;
  event.set_source("key_vault");
  event.set_sequence(1000);
  event.set_type("keyward.keyvault.KeyDisabled");
  event.mutable_data()->set_type_url("type.googleapis.com/unknown");
  EXPECT_FALSE(
      database_
          ->Write([&](storage::Transaction& tx) { return core_->event_handler().Apply(tx, event); })
          .ok());
  EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_ACCESSIBLE);
}

}  // namespace
}  // namespace keyward::encryption::testing
