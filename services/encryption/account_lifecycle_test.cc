// Accounts are updated, deleted, recovered and purged; and what a loss of access does meanwhile.
#include "services/encryption/account_lifecycle.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "common/status/error.h"
#include "keyward/encryption/v1/events.pb.h"
#include "services/encryption/testing/encryption_fixture.h"

namespace keyward::encryption::testing {
namespace {

constexpr char kName[] = "accounts/contoso";
constexpr char kRequestId[] = "7b0c9f7e-2a57-4c1e-9a44-3a1f0b8f6f10";

class AccountLifecycleTest : public EncryptionFixture {
 protected:
  void SetUp() override {
    CreateAccount("contoso");
    EnableCustomerKey("contoso");
    upload_ = *Encrypt("contoso", "uploads", "doc", "a customer's sentence");
    model_ = *Encrypt("contoso", "models", "model", "a customer's model");
  }

  absl::StatusOr<v1::DeleteAccountResponse> Delete(
      const std::function<void(v1::DeleteAccountRequest&)>& change = nullptr) {
    v1::DeleteAccountRequest request;
    request.set_name(kName);
    if (change != nullptr) change(request);
    return core_->lifecycle().Delete(Call(), request);
  }
  absl::StatusOr<v1::Account> Recover() {
    v1::RecoverAccountRequest request;
    request.set_name(kName);
    return core_->lifecycle().Recover(Call(), request);
  }
  absl::StatusOr<v1::PurgeAccountResponse> Purge(
      const std::function<void(v1::PurgeAccountRequest&)>& change = nullptr) {
    v1::PurgeAccountRequest request;
    request.set_name(kName);
    if (change != nullptr) change(request);
    return core_->lifecycle().Purge(Call(), request);
  }
  absl::StatusOr<v1::Account> Get() {
    v1::GetAccountRequest request;
    request.set_name(kName);
    return core_->accounts().Get(Call(), request);
  }
  absl::StatusOr<v1::Account> Update(const std::string& path,
                                     const std::function<void(v1::UpdateAccountRequest&)>& change) {
    v1::UpdateAccountRequest request;
    request.mutable_account()->set_name(kName);
    request.mutable_update_mask()->add_paths(path);
    change(request);
    return core_->accounts().Update(Call(), request);
  }
  int ListedAsDeleted() { return core_->lifecycle().ListDeleted(Call(), {})->accounts_size(); }
  std::string OpenUpload() {
    const auto opened = Decrypt("contoso", "uploads", "doc", upload_);
    return opened.ok() ? *opened : ErrorReason(opened.status());
  }
  // What the last event of a type says.
  v1::AccountChanged LastOf(const std::string& type) {
    v1::AccountChanged change;
    const auto events = Published("keyward.encryption." + type);
    if (!events.empty()) events.back().data().UnpackTo(&change);
    return change;
  }

  std::string upload_;
  std::string model_;
};

TEST_F(AccountLifecycleTest, UpdateChangesWhatTheMaskNames) {
  const auto updated = Update("tags", [](auto& r) {
    (*r.mutable_account()->mutable_tags())["team"] = "translation";
    r.mutable_account()->set_tier("S2");
    r.mutable_update_mask()->add_paths("upload_retention_grace");
    r.mutable_account()->mutable_upload_retention_grace()->set_seconds(60);
    r.mutable_update_mask()->add_paths("resource_group");
    r.mutable_account()->set_resource_group("group-2");
  });
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->tags().at("team"), "translation");
  EXPECT_EQ(updated->tier(), "S1");
  EXPECT_EQ(updated->upload_retention_grace().seconds(), 60);
  EXPECT_EQ(updated->resource_group(), "group-2");
  Restart();
  EXPECT_EQ(Get()->tags().at("team"), "translation");
  EXPECT_EQ(Get()->etag(), updated->etag());
  EXPECT_EQ(OpenUpload(), "a customer's sentence");
}

TEST_F(AccountLifecycleTest, UpdatesThatCannotBeAreRefused) {
  const std::string etag = Get()->etag();
  const std::vector<
      std::tuple<const char*, const char*, std::function<void(v1::UpdateAccountRequest&)>>>
      cases = {
          {"INVALID_REQUEST", "region", [](auto&) {}},
          {"INVALID_REQUEST", "resource_group",
           [](auto& r) { r.mutable_account()->set_resource_group("a/b"); }},
          {"INVALID_REQUEST", "tags",
           [](auto& r) { (*r.mutable_account()->mutable_tags())["k"] = std::string(257, 'x'); }},
          {"TIER_UNKNOWN", "tier", [](auto& r) { r.mutable_account()->set_tier("S9"); }},
          {"TIER_WITHOUT_ENCRYPTION_SETTINGS", "tier",
           [](auto& r) { r.mutable_account()->set_tier("F0"); }},
          {"ETAG_MISMATCH", "tags", [](auto& r) { r.mutable_account()->set_etag("\"0\""); }},
          {"ACCOUNT_NOT_FOUND", "tags",
           [](auto& r) { r.mutable_account()->set_name("accounts/nobody"); }},
      };
  for (const auto& [reason, path, change] : cases) {
    EXPECT_EQ(ErrorReason(Update(path, change).status()), reason) << path;
  }
  const auto previewed = Update("tier", [](auto& r) {
    r.set_validate_only(true);
    r.mutable_account()->set_tier("S3");
  });
  ASSERT_TRUE(previewed.ok());
  EXPECT_EQ(previewed->tier(), "S3");
  EXPECT_EQ(Get()->etag(), etag);
  ASSERT_TRUE(Revert("contoso").ok());
  EXPECT_TRUE(Update("tier", [](auto& r) { r.mutable_account()->set_tier("F0"); }).ok());
}

TEST_F(AccountLifecycleTest, ADeletedAccountIsShutAndKeepsEverything) {
  const auto deleted = Delete();
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_GT(deleted->delivery().sequence(), 0);
  EXPECT_EQ(deleted->account().purge_time().seconds() - deleted->account().delete_time().seconds(),
            absl::ToInt64Seconds(kAccountRetention));
  Restart();
  EXPECT_EQ(Get()->access().verdict(), v1::VERDICT_DENIED);
  EXPECT_EQ(Get()->access().cause(), v1::CAUSE_ACCOUNT_DELETED);
  for (const absl::Status& refused :
       {Encrypt("contoso", "uploads", "new", "text").status(),
        Decrypt("contoso", "models", "model", model_).status(), Revert("contoso").status(),
        Revalidate("contoso").status(), Enable("contoso").status(), Validate("contoso").status(),
        Update("tags", [](auto&) {}).status()}) {
    EXPECT_EQ(ErrorReason(refused), "ACCOUNT_DELETED") << refused;
    EXPECT_FALSE(ErrorMetadata(refused, "purge_time").empty());
  }
  EXPECT_EQ(SettingsOf("contoso").key_source(), v1::KEY_SOURCE_CUSTOMER_MANAGED);
  EXPECT_TRUE(identities_.HasIdentity(Name("contoso")));
  core_->background().RunWork();
  EXPECT_EQ(key_vault_.VersionsOf(kName).count(key_version_), 1u);
  EXPECT_EQ(ListedAsDeleted(), 1);
  EXPECT_EQ(core_->accounts().List(Call(), {})->accounts_size(), 0);
  const v1::AccountChanged lost = LastOf("AccessLost");
  EXPECT_EQ(lost.access().cause(), v1::CAUSE_ACCOUNT_DELETED);
  EXPECT_EQ(lost.access().epoch(), 2);
  EXPECT_EQ(lost.upload_retention_grace().seconds(), absl::ToInt64Seconds(kAccountRetention));
  EXPECT_FALSE(lost.has_uploads_destroyed_time());
}

TEST_F(AccountLifecycleTest, ARecoveredAccountHasItsUploadsAgain) {
  ASSERT_TRUE(Delete().ok());
  clock_.Advance(kAccountRetention - absl::Minutes(1));
  core_->background().RunHousekeeping();
  const auto recovered = Recover();
  ASSERT_TRUE(recovered.ok()) << recovered.status();
  EXPECT_EQ(recovered->access().verdict(), v1::VERDICT_ACCESSIBLE);
  EXPECT_FALSE(recovered->has_delete_time());
  EXPECT_EQ(OpenUpload(), "a customer's sentence");
  EXPECT_EQ(*Decrypt("contoso", "models", "model", model_), "a customer's model");
  EXPECT_EQ(LastOf("AccessRestored").access().verdict(), v1::VERDICT_ACCESSIBLE);
  EXPECT_EQ(ListedAsDeleted(), 0);
  const size_t events = Published().size();
  EXPECT_TRUE(Recover().ok());
  EXPECT_EQ(Published().size(), events);
  clock_.Advance(kAccountRetention);
  core_->background().RunHousekeeping();
  EXPECT_TRUE(Get().ok());
}

TEST_F(AccountLifecycleTest, DeletingOnlyToCheckOrAgainChangesNothing) {
  v1::ReportUsageRequest usage;
  usage.set_account(kName);
  usage.set_uploads(3);
  usage.set_deployed_models(2);
  ASSERT_TRUE(core_->data().ReportUsage(Call(), usage).ok());
  const auto previewed = Delete([](auto& r) { r.set_validate_only(true); });
  ASSERT_TRUE(previewed.ok());
  EXPECT_TRUE(previewed->validate_only());
  EXPECT_FALSE(previewed->has_delivery());
  EXPECT_TRUE(previewed->account().has_purge_time());
  EXPECT_EQ(previewed->holdings().uploads(), 3);
  EXPECT_EQ(previewed->holdings().deployed_models(), 2);
  EXPECT_EQ(OpenUpload(), "a customer's sentence");
  EXPECT_EQ(ErrorReason(Delete([](auto& r) { r.set_etag("\"0\""); }).status()), "ETAG_MISMATCH");
  ASSERT_TRUE(Delete().ok());
  const size_t events = Published().size();
  const std::string etag = Get()->etag();
  EXPECT_TRUE(Delete().ok());
  EXPECT_EQ(Published().size(), events);
  EXPECT_EQ(Get()->etag(), etag);
}

TEST_F(AccountLifecycleTest, PurgingDestroysEveryKeyAndTheIdentity) {
  EXPECT_EQ(ErrorReason(Purge().status()), "ACCOUNT_NOT_DELETED");
  ASSERT_TRUE(Delete().ok());
  const std::string wrapped = Sql("SELECT wrapped_key FROM accounts");
  const std::string scope_key = Sql("SELECT wrapped FROM scope_keys WHERE scope = 'models'");
  ASSERT_TRUE(FilesContain(wrapped));
  ASSERT_TRUE(FilesContain(scope_key));
  ASSERT_TRUE(Purge([](auto& r) { r.set_validate_only(true); }).ok());
  EXPECT_EQ(ListedAsDeleted(), 1);
  const auto purge = [&] { return Purge([](auto& r) { r.set_request_id(kRequestId); }); };
  const auto purged = purge();
  ASSERT_TRUE(purged.ok()) << purged.status();
  EXPECT_FALSE(FilesContain(wrapped));
  EXPECT_FALSE(FilesContain(scope_key));
  EXPECT_EQ(Sql("SELECT COUNT(*) FROM scope_keys WHERE wrapped <> '" + std::string(80, '0') + "'"),
            "0");
  EXPECT_EQ(Published("keyward.encryption.ScopeDestroyed").size(), 2u);
  EXPECT_EQ(LastOf("AccountPurged").access().verdict(), v1::VERDICT_DENIED);
  core_->background().RunWork();
  EXPECT_FALSE(identities_.HasIdentity(Name("contoso")));
  EXPECT_TRUE(key_vault_.VersionsOf(kName).empty());
  EXPECT_EQ(Sql("SELECT COUNT(*) FROM account_work"), "0");
  // The same request sent again gets the first answer; nothing else finds it.
  EXPECT_EQ(purge()->account().name(), kName);
  for (const absl::Status& gone :
       {Get().status(), Recover().status(), Delete().status(), Purge().status(),
        Decrypt("contoso", "models", "model", model_).status()}) {
    EXPECT_EQ(ErrorReason(gone), "ACCOUNT_NOT_FOUND") << gone;
  }
  EXPECT_EQ(ListedAsDeleted(), 0);
}

TEST_F(AccountLifecycleTest, WhatIsLeftOfAPurgedAccountAnswersThoseWhoDestroyItsUploads) {
  ASSERT_TRUE(Delete().ok());
  ASSERT_TRUE(Purge().ok());
  Restart();
  v1::DestroyScopeRequest destroy;
  destroy.set_account(kName);
  destroy.set_scope("uploads");
  const auto destroyed = core_->data().DestroyScope(Call(), destroy);
  ASSERT_TRUE(destroyed.ok()) << destroyed.status();
  EXPECT_TRUE(destroyed->has_destroy_time());
  v1::ReportUsageRequest usage;
  usage.set_account(kName);
  EXPECT_TRUE(core_->data().ReportUsage(Call(), usage).ok());
  v1::CreateAccountRequest create;
  create.set_account_id("contoso");
  create.mutable_account()->set_subscription(kSubscription);
  create.mutable_account()->set_region("westeurope");
  create.mutable_account()->set_tier("S1");
  EXPECT_EQ(ErrorReason(core_->accounts().Create(Call(), create).status()), "ACCOUNT_EXISTS");
}

TEST_F(AccountLifecycleTest, ADeletedAccountIsPurgedWhenItsRetentionEnds) {
  ASSERT_TRUE(Delete().ok());
  clock_.Advance(kAccountRetention);
  EXPECT_EQ(ErrorReason(Recover().status()), "ACCOUNT_BEING_PURGED");
  identities_.SetOutage(absl::UnavailableError("down"));
  key_vault_.SetOutage(absl::UnavailableError("down"));
  core_->background().RunHousekeeping();
  core_->background().RunWork();
  EXPECT_EQ(ErrorReason(Get().status()), "ACCOUNT_NOT_FOUND");
  EXPECT_EQ(Published("keyward.encryption.AccountPurged").size(), 1u);
  identities_.SetOutage(absl::OkStatus());
  key_vault_.SetOutage(absl::OkStatus());
  EXPECT_TRUE(identities_.HasIdentity(Name("contoso")));
  Restart();
  clock_.Advance(absl::Minutes(1));
  core_->background().RunWork();
  EXPECT_FALSE(identities_.HasIdentity(Name("contoso")));
  EXPECT_TRUE(key_vault_.VersionsOf(kName).empty());
  EXPECT_EQ(Sql("SELECT COUNT(*) FROM audit_entries WHERE operation = 'background/PurgeAccount'"),
            "1");
}

TEST_F(AccountLifecycleTest, AnIdentityThatOnlyAdministratorsMayDeleteIsLeftToThem) {
  ASSERT_TRUE(Delete().ok());
  identities_.SetOutage(
      ErrorBuilder(absl::StatusCode::kPermissionDenied, "NOT_AUTHORIZED", "for administrators"));
  ASSERT_TRUE(Purge().ok());
  core_->background().RunWork();
  EXPECT_TRUE(key_vault_.VersionsOf(kName).empty());
  EXPECT_EQ(Sql("SELECT COUNT(*) FROM account_work"), "0");
  EXPECT_EQ(Sql("SELECT result FROM audit_entries WHERE operation = 'background/DeleteIdentity'"),
            "PERMISSION_DENIED");
}

TEST_F(AccountLifecycleTest, ALossWhileItIsDeletedCountsAsEver) {
  ASSERT_TRUE(Delete().ok());
  const std::string event = key_vault_.SetEnabled(kKey, false);
  EXPECT_EQ(Get()->access().cause(), v1::CAUSE_KEY_DISABLED);
  EXPECT_EQ(LastOf("AccessLost").access().cause(), v1::CAUSE_KEY_DISABLED);
  EXPECT_EQ(LastOf("AccessLost").access().epoch(), 3);
  EXPECT_EQ(Published("keyward.encryption.ScopeDestroyed").size(), 1u);
  key_vault_.SetEnabled(kKey, true);
  core_->background().RunWork();
  // Access is back, and the account still deleted.
  EXPECT_EQ(Get()->access().cause(), v1::CAUSE_ACCOUNT_DELETED);
  EXPECT_EQ(Published("keyward.encryption.AccessRestored").size(), 0u);
  ASSERT_TRUE(Recover().ok());
  EXPECT_EQ(Get()->access().verdict(), v1::VERDICT_ACCESSIBLE);
  EXPECT_EQ(OpenUpload(), "SCOPE_DESTROYED");
  EXPECT_EQ(*Decrypt("contoso", "models", "model", model_), "a customer's model");
}

TEST_F(AccountLifecycleTest, RecoveringDoesNotUndoALoss) {
  key_vault_.SetEnabled(kKey, false);
  ASSERT_TRUE(Delete().ok());
  EXPECT_EQ(Published("keyward.encryption.AccessLost").size(), 1u);
  ASSERT_TRUE(Recover().ok());
  core_->background().RunWork();
  EXPECT_EQ(Get()->access().cause(), v1::CAUSE_KEY_DISABLED);
  key_vault_.SetEnabled(kKey, true);
  core_->background().RunWork();
  EXPECT_EQ(Get()->access().verdict(), v1::VERDICT_ACCESSIBLE);
  EXPECT_EQ(OpenUpload(), "SCOPE_DESTROYED");
}

TEST_F(AccountLifecycleTest, UploadsWithAGraceComeBackOnlyIfBothAreUndoneInTime) {
  ASSERT_TRUE(Update("upload_retention_grace", [](auto& r) {
                r.mutable_account()->mutable_upload_retention_grace()->set_seconds(3600);
              }).ok());
  ASSERT_TRUE(Delete().ok());
  key_vault_.SetEnabled(kKey, false);
  clock_.Advance(absl::Minutes(59));
  core_->background().RunHousekeeping();
  key_vault_.SetEnabled(kKey, true);
  core_->background().RunWork();
  // Access came back in time: from here on only the deletion counts, which seals them still.
  EXPECT_EQ(Sql("SELECT state FROM scope_keys WHERE scope = 'uploads'"), "2");
  clock_.Advance(absl::Hours(2));
  core_->background().RunHousekeeping();
  ASSERT_TRUE(Recover().ok());
  EXPECT_EQ(OpenUpload(), "a customer's sentence");
  ASSERT_TRUE(Delete().ok());
  key_vault_.SetEnabled(kKey, false);
  clock_.Advance(absl::Hours(1));
  core_->background().RunHousekeeping();
  key_vault_.SetEnabled(kKey, true);
  core_->background().RunWork();
  ASSERT_TRUE(Recover().ok());
  EXPECT_EQ(OpenUpload(), "SCOPE_DESTROYED");
}

TEST_F(AccountLifecycleTest, ANewVersionIsTakenOverWhileItIsDeleted) {
  ASSERT_TRUE(Delete().ok());
  const std::string newest = key_vault_.RotateKey(kKey);
  core_->background().RunWork();
  key_vault_.SetEnabled(key_version_, false);
  ASSERT_TRUE(Recover().ok());
  EXPECT_EQ(SettingsOf("contoso").key_version_in_use(), newest);
  EXPECT_EQ(OpenUpload(), "a customer's sentence");
}

}  // namespace
}  // namespace keyward::encryption::testing
