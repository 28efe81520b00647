#include "services/encryption/key_registrar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

#include "common/status/error.h"
#include "common/storage/testing/temporary_database.h"
#include "services/encryption/account_store.h"
#include "services/encryption/encryption_schema.h"
#include "services/encryption/key_registration_store.h"
#include "services/encryption/testing/encryption_fixture.h"
#include "services/encryption/work_store.h"

namespace keyward::encryption::testing {
namespace {

using storage::testing::TemporaryDatabase;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class KeyRegistrarTest : public EncryptionFixture {
 protected:
  void SetUp() override { CreateAccount("contoso"); }

  std::set<std::string> Registered() { return key_vault_.VersionsOf("accounts/contoso"); }
  void RunWork() { core_->background().RunWork(); }

  // Never started.
  clock::BackgroundWorker unused_{clock_};
};

TEST_F(KeyRegistrarTest, AnAccountIsRegisteredBeforeAnythingIsUnderTheKey) {
  std::set<std::string> registered;
  std::string bound = "none";
  key_vault_.BeforeUnwrap([&] {
    registered = Registered();
    bound = Sql("SELECT key_version FROM accounts");
  });
  EnableCustomerKey("contoso");
  EXPECT_THAT(registered, ElementsAre(key_version_));
  EXPECT_EQ(bound, "");
  RunWork();
  EXPECT_THAT(Registered(), ElementsAre(key_version_));
}

TEST_F(KeyRegistrarTest, ARotationMovesTheRegistration) {
  EnableCustomerKey("contoso");
  const std::string newest = key_vault_.RotateKey(kKey);
  RunWork();
  RunWork();
  EXPECT_EQ(SettingsOf("contoso").key_version_in_use(), newest);
  EXPECT_THAT(Registered(), ElementsAre(newest));
}

TEST_F(KeyRegistrarTest, BackUnderThePlatformsKeyNothingIsRegistered) {
  EnableCustomerKey("contoso");
  ASSERT_TRUE(Revert("contoso").ok());
  RunWork();
  EXPECT_THAT(Registered(), IsEmpty());
}

TEST_F(KeyRegistrarTest, AnOutageOnlyDelaysARelease) {
  EnableCustomerKey("contoso");
  ASSERT_TRUE(Revert("contoso").ok());
  key_vault_.SetOutage(absl::UnavailableError("gone"));
  for (int i = 0; i < 5; ++i) {
    RunWork();
    clock_.Advance(absl::Minutes(1));
  }
  EXPECT_THAT(Registered(), ElementsAre(key_version_));
  // Data goes on meanwhile.
  EXPECT_TRUE(Encrypt("contoso", "uploads", "doc", "text").ok());
  Restart();
  key_vault_.SetOutage(absl::OkStatus());
  RunWork();
  EXPECT_THAT(Registered(), IsEmpty());
}

TEST_F(KeyRegistrarTest, ALostKeyStaysRegisteredForTheAccountNeedsItToComeBack) {
  EnableCustomerKey("contoso");
  key_vault_.SetEnabled(kKey, false);
  EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_DENIED);
  for (int i = 0; i < 3; ++i) {
    clock_.Advance(absl::Minutes(1));
    RunWork();
  }
  EXPECT_THAT(Registered(), ElementsAre(key_version_));
}

TEST_F(KeyRegistrarTest, APlanThatComesToNothingIsReleasedLater) {
  EnableAndGrant("contoso");
  key_vault_.BeforeUnwrap([&] { key_vault_.SetEnabled(kKey, false); });
  EXPECT_FALSE(Enable("contoso").ok());
  // Another plan for it might be on its way.
  RunWork();
  EXPECT_THAT(Registered(), ElementsAre(key_version_));
  clock_.Advance(absl::Minutes(1));
  RunWork();
  EXPECT_THAT(Registered(), IsEmpty());
  EXPECT_EQ(Sql("SELECT version FROM key_registrations"), "");
}

TEST_F(KeyRegistrarTest, WorkThatRunsWhileAPlanIsOnItsWayLeavesItItsRegistration) {
  EnableCustomerKey("contoso");
  const std::string newest = key_vault_.RotateKey(kKey);
  std::set<std::string> registered;
  // The first unwrap opens the old account key; the second one, which checks the new wrapping,
  // stands between the registration and the commit.
  key_vault_.BeforeUnwrap([&] {
    key_vault_.BeforeUnwrap([&] {
      KeyRegistrar registrar(*database_, key_vault_, unused_, clock_);
      EXPECT_EQ(registrar.Settle(Call(), Name("contoso")), absl::OkStatus());
      registered = Registered();
    });
  });
  ASSERT_TRUE(Enable("contoso").ok());
  EXPECT_THAT(registered, ElementsAre(key_version_, newest));
  RunWork();
  EXPECT_THAT(Registered(), ElementsAre(newest));
}

TEST_F(KeyRegistrarTest, WithoutKeyVaultNoAccountIsPutUnderAKey) {
  EnableAndGrant("contoso");
  key_vault_.AfterInspect([&] { key_vault_.SetOutage(absl::UnavailableError("gone")); });
  const absl::Status status = Enable("contoso").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_EQ(SettingsOf("contoso").key_source(), v1::KEY_SOURCE_PLATFORM_MANAGED);
}

// The store, on every engine.
class KeyRegistrationStoreTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "sqlite") {
      temporary_ = TemporaryDatabase::Sqlite();
    } else {
      auto made = TemporaryDatabase::Postgresql();
      if (!made.ok()) GTEST_SKIP() << made.status().message();
      temporary_ = *std::move(made);
    }
  }

  void Open(const storage::Schema& schema) {
    database_ = nullptr;
    auto database = storage::Database::Open(temporary_->url(), {schema});
    ASSERT_TRUE(database.ok()) << database.status();
    database_ = *std::move(database);
  }

  template <typename Work>
  void Write(Work work) {
    const absl::Status status = database_->Write([&](storage::Transaction& tx) -> absl::Status {
      work(tx);
      return absl::OkStatus();
    });
    ASSERT_TRUE(status.ok()) << status;
  }

  const AccountName contoso_ = AccountName::FromTrustedId("contoso");
  const AccountName other_ = AccountName::FromTrustedId("other");
  const absl::Time later_ = absl::FromUnixSeconds(1'700'000'000);
  std::unique_ptr<TemporaryDatabase> temporary_;
  std::unique_ptr<storage::Database> database_;
};

TEST_P(KeyRegistrationStoreTest, NotesAreKeptByAccountAndVersion) {
  Open(EncryptionSchema());
  Write([&](storage::Transaction& tx) {
    ASSERT_TRUE(NoteRegistration(tx, contoso_, {"b"}).ok());
    ASSERT_TRUE(NoteRegistration(tx, contoso_, {"a", later_}).ok());
    ASSERT_TRUE(NoteRegistration(tx, contoso_, {"b", later_}).ok());
    ASSERT_TRUE(NoteRegistration(tx, other_, {"a", later_}).ok());
    auto noted = *RegistrationsOf(tx, contoso_);
    ASSERT_EQ(noted.size(), 2u);
    EXPECT_EQ(noted[0].version, "a");
    EXPECT_EQ(noted[1].planned_until, later_);
    ASSERT_TRUE(EndPlans(tx, contoso_).ok());
    noted = *RegistrationsOf(tx, contoso_);
    EXPECT_EQ(noted[0].planned_until, absl::UnixEpoch());
    ASSERT_TRUE(ForgetRegistration(tx, contoso_, "a").ok());
    ASSERT_TRUE(ForgetRegistration(tx, contoso_, "a").ok());
    EXPECT_EQ(RegistrationsOf(tx, contoso_)->size(), 1u);
    EXPECT_EQ((*RegistrationsOf(tx, other_))[0].planned_until, later_);
  });
}

TEST_P(KeyRegistrationStoreTest, AccountsThatAreUnderAKeyAreRegisteredAfterTheUpgrade) {
  storage::Schema before = EncryptionSchema();
  before.migrations.resize(4);
  Open(before);
  // As the release of then wrote them, which knew fewer columns.
  for (const auto& [account, version] :
       {std::pair(contoso_, std::string("n")), std::pair(other_, std::string())}) {
    Write([&, account = account, version = version](storage::Transaction& tx) {
      const auto inserted = tx.Execute(
          "INSERT INTO accounts (account, provisioning, subscription, tenant, resource_group, "
          "region, tier, upload_retention_grace, create_time, update_time, settings_time, vault, "
          "customer_key, key_version, follows_newest, principal, principal_tenant, "
          "vault_sequence, identity_sequence, verdict, cause, since, event, epoch, check_time, "
          "check_status, key_number, platform_version, wrapped_key, scopes_revision, revision) "
          "VALUES (:account, 0, 's', 't', '', 'r', 'S1', 0, 0, 0, 0, :version, :version, "
          ":version, 0, 'p', 't', 0, 0, 1, 0, 0, '', 1, 0, '', 1, 0, :key, 0, 0)",
          {{"account", account.id()}, {"version", version}, {"key", storage::Blob("wrapped")}});
      ASSERT_TRUE(inserted.ok()) << inserted.status();
    });
  }
  Open(EncryptionSchema());
  Write([&](storage::Transaction& tx) {
    const auto due = DueWork(tx, later_, 10);
    ASSERT_TRUE(due.ok()) << due.status();
    ASSERT_EQ(due->size(), 1u);
    EXPECT_EQ((*due)[0].account, contoso_);
    EXPECT_EQ((*due)[0].kind, AccountWork::Kind::kSettleKeyUsages);
    // It uses its key as itself, as it did.
    const auto account = FindAccount(tx, contoso_);
    ASSERT_TRUE(account.ok() && account->has_value()) << account.status();
    EXPECT_EQ((*account)->user(), KeyUser(contoso_));
  });
}

INSTANTIATE_TEST_SUITE_P(Engines, KeyRegistrationStoreTest,
                         ::testing::Values("sqlite", "postgresql"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace keyward::encryption::testing
