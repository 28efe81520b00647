// On PostgreSQL: the same as on SQLite, and two replicas on one database, of which one applies the
// events and the other only observes them.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/audit/audit_store.h"
#include "common/events/events_schema.h"
#include "common/status/error.h"
#include "common/storage/testing/temporary_database.h"
#include "services/encryption/testing/encryption_fixture.h"

namespace keyward::encryption::testing {
namespace {

using storage::testing::TemporaryDatabase;

// The second replica, over the same database and the same peers.
struct Replica {
  Replica(const std::string& url, const MemoryRootKey& root_key, FakeKeyVault& key_vault,
          FakeManagedIdentity& identities, clock::Clock& clock)
      : outbox("encryption", clock) {
    std::vector<storage::Schema> schemas = Schemas();
    schemas.push_back(events::EventsSchema());
    schemas.push_back(audit::AuditSchema());
    database = *storage::Database::Open(url, schemas);
    feed = *events::Feed::Create(*database, clock, outbox);
    audit = std::make_unique<audit::AuditLog>(*database);
    core = *EncryptionCore::Create({*database, outbox, *feed, *audit, key_vault, identities,
                                    [] { return absl::OkStatus(); }, clock},
                                   *PlatformKeys::Load(*database, root_key, clock.Now()));
  }

  std::unique_ptr<storage::Database> database;
  events::Outbox outbox;
  std::unique_ptr<events::Feed> feed;
  std::unique_ptr<audit::AuditLog> audit;
  std::unique_ptr<EncryptionCore> core;
};

class ReplicasTest : public EncryptionFixture {
 protected:
  ReplicasTest() : ReplicasTest(TemporaryDatabase::Postgresql()) {}

  void SetUp() override {
    if (!postgresql_.ok()) GTEST_SKIP() << postgresql_.status().message();
    second_ = std::make_unique<Replica>(url_, root_key_, key_vault_, identities_, clock_);
    const auto deliver = [this](const events::v1::Event& event) {
      Apply(event);
      unseen_.push_back(event);
    };
    identities_.feed().SetConsumer(deliver);
    key_vault_.feed().SetConsumer(deliver);
  }

  // The second replica hears of what the first has applied.
  void LetSecondObserve() {
    for (const events::v1::Event& event : unseen_) second_->core->event_handler().Observe(event);
    unseen_.clear();
  }

  absl::StatusOr<std::string> DecryptAtSecond(const std::string& ciphertext) {
    v1::DecryptRequest request;
    request.set_account("accounts/contoso");
    request.set_scope("uploads");
    request.set_object("doc");
    request.set_ciphertext(ciphertext);
    const auto response = second_->core->data().Decrypt(Call(), request);
    if (!response.ok()) return response.status();
    return response->plaintext();
  }

  std::unique_ptr<Replica> second_;
  std::vector<events::v1::Event> unseen_;

 private:
  explicit ReplicasTest(absl::StatusOr<std::unique_ptr<TemporaryDatabase>> postgresql)
      : EncryptionFixture(postgresql.ok() ? (*postgresql)->url() : ""),
        postgresql_(std::move(postgresql)) {}

  const absl::StatusOr<std::unique_ptr<TemporaryDatabase>> postgresql_;
};

TEST_F(ReplicasTest, WhatOneReplicaEncryptsTheOtherOpensUntilAccessIsLost) {
  CreateAccount("contoso");
  EnableCustomerKey("contoso");
  const std::string upload = *Encrypt("contoso", "uploads", "doc", "text");
  EXPECT_EQ(*DecryptAtSecond(upload), "text");
  // Applied by the first replica alone; the second has the key in its cache.
  key_vault_.SetEnabled(kKey, false);
  EXPECT_EQ(ErrorReason(DecryptAtSecond(upload).status()), "ACCESS_DENIED");
  key_vault_.SetEnabled(kKey, true);
  LetSecondObserve();
  second_->core->background().RunWork();
  EXPECT_EQ(ErrorReason(DecryptAtSecond(upload).status()), "SCOPE_DESTROYED");
  EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_ACCESSIBLE);
  EXPECT_EQ(Published("keyward.encryption.AccessLost").size(), 1u);
  EXPECT_EQ(Published("keyward.encryption.AccessRestored").size(), 1u);
}

TEST_F(ReplicasTest, AScopeDestroyedByOneReplicaIsDestroyedForTheOther) {
  CreateAccount("contoso");
  const std::string upload = *Encrypt("contoso", "uploads", "doc", "text");
  EXPECT_EQ(*DecryptAtSecond(upload), "text");
  v1::DestroyScopeRequest request;
  request.set_account("accounts/contoso");
  request.set_scope("uploads");
  ASSERT_TRUE(core_->data().DestroyScope(Call(), request).ok());
  EXPECT_EQ(ErrorReason(DecryptAtSecond(upload).status()), "SCOPE_DESTROYED");
}

TEST_F(ReplicasTest, EveryChangeOfKeyWorks) {
  CreateAccount("contoso", absl::Hours(1));
  const std::string upload = *Encrypt("contoso", "uploads", "doc", "text");
  EnableCustomerKey("contoso");
  EXPECT_EQ(*DecryptAtSecond(upload), "text");
  const std::string newest = key_vault_.RotateKey(kKey);
  core_->background().RunWork();
  EXPECT_EQ(SettingsOf("contoso").key_version_in_use(), newest);
  identities_.DisableIdentity(Name("contoso"));
  EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_DENIED);
  clock_.Advance(absl::Hours(2));
  core_->background().RunHousekeeping();
  EnableAndGrant("contoso");
  ASSERT_TRUE(Revalidate("contoso").ok());
  EXPECT_EQ(ErrorReason(DecryptAtSecond(upload).status()), "SCOPE_DESTROYED");
  EXPECT_TRUE(Revert("contoso").ok());
  v1::ReportUsageRequest usage;
  usage.set_account("accounts/contoso");
  EXPECT_TRUE(core_->data().ReportUsage(Call(), usage).ok());
  v1::ListAccountsRequest list;
  EXPECT_EQ(second_->core->accounts().List(Call(), list)->accounts_size(), 1);
}

TEST_F(ReplicasTest, AnAccountDeletedByOneReplicaIsShutRecoveredAndPurgedByTheOther) {
  CreateAccount("contoso");
  EnableCustomerKey("contoso");
  const std::string upload = *Encrypt("contoso", "uploads", "doc", "text");
  EXPECT_EQ(*DecryptAtSecond(upload), "text");
  v1::DeleteAccountRequest remove;
  remove.set_name("accounts/contoso");
  ASSERT_TRUE(core_->lifecycle().Delete(Call(), remove).ok());
  EXPECT_EQ(ErrorReason(DecryptAtSecond(upload).status()), "ACCOUNT_DELETED");
  EXPECT_EQ(second_->core->lifecycle().ListDeleted(Call(), {})->accounts_size(), 1);
  v1::RecoverAccountRequest recover;
  recover.set_name("accounts/contoso");
  ASSERT_TRUE(second_->core->lifecycle().Recover(Call(), recover).ok());
  EXPECT_EQ(*Decrypt("contoso", "uploads", "doc", upload), "text");
  ASSERT_TRUE(core_->lifecycle().Delete(Call(), remove).ok());
  clock_.Advance(kAccountRetention);
  second_->core->background().RunHousekeeping();
  core_->background().RunHousekeeping();
  EXPECT_EQ(ErrorReason(Decrypt("contoso", "uploads", "doc", upload).status()),
            "ACCOUNT_NOT_FOUND");
  EXPECT_EQ(Published("keyward.encryption.AccountPurged").size(), 1u);
}

}  // namespace
}  // namespace keyward::encryption::testing
