#include "services/key_vault/key_versions_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "keyward/keyvault/v1/events.pb.h"
#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::VaultEnv;

constexpr char kKey[] = "vaults/contoso/keys/signer";

class KeyVersionsHandlerTest : public ::testing::Test {
 protected:
  KeyVersionsHandlerTest() {
    env_.CreateVault("contoso");
    first_ = env_.CreateKey("contoso", "signer").newest_version().name();
    v1::RotateKeyRequest request;
    request.set_name(kKey);
    second_ = env_.keys.Rotate(call_, request)->newest_version().name();
  }

  absl::StatusOr<v1::KeyVersion> Get(const std::string& name) {
    v1::GetKeyVersionRequest request;
    request.set_name(name);
    return env_.versions.Get(call_, request);
  }

  absl::StatusOr<v1::DisableKeyResponse> Disable(const std::string& name,
                                                 bool validate_only = false) {
    v1::DisableKeyRequest request;
    request.set_name(name);
    request.set_validate_only(validate_only);
    return env_.versions.Disable(call_, request);
  }

  absl::StatusOr<v1::Key> Enable(const std::string& name) {
    v1::EnableKeyRequest request;
    request.set_name(name);
    return env_.versions.Enable(call_, request);
  }

  absl::StatusOr<v1::UpdateKeyVersionResponse> Update(const v1::KeyVersion& version,
                                                      const std::vector<std::string>& paths) {
    v1::UpdateKeyVersionRequest request;
    *request.mutable_key_version() = version;
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    return env_.versions.Update(call_, request);
  }

  v1::KeyChanged NewestEvent() {
    v1::KeyChanged changed;
    EXPECT_TRUE(env_.Events().back().data().UnpackTo(&changed));
    return changed;
  }

  VaultEnv env_;
  const server::CallContext call_ = VaultEnv::Call();
  std::string first_;
  std::string second_;
};

TEST_F(KeyVersionsHandlerTest, ListsNewestFirstInPages) {
  v1::ListKeyVersionsRequest request;
  request.set_parent(kKey);
  request.set_page_size(1);
  const auto first_page = env_.versions.List(call_, request);
  ASSERT_TRUE(first_page.ok()) << first_page.status();
  EXPECT_EQ(first_page->versions(0).name(), second_);
  request.set_page_token(first_page->next_page_token());
  const auto second_page = env_.versions.List(call_, request);
  EXPECT_EQ(second_page->versions(0).name(), first_);
  EXPECT_EQ(second_page->next_page_token(), "");
}

TEST_F(KeyVersionsHandlerTest, DisablingAKeyDisablesEveryVersion) {
  const auto disabled = Disable(kKey);
  ASSERT_TRUE(disabled.ok()) << disabled.status();
  EXPECT_FALSE(disabled->key().newest_version().enabled());
  EXPECT_EQ(disabled->delivery().sequence(), 4);
  EXPECT_FALSE(Get(first_)->enabled());
  EXPECT_FALSE(Get(second_)->enabled());
  EXPECT_EQ(env_.EventNames().back(), absl::StrCat("keyward.keyvault.KeyDisabled ", kKey));
  EXPECT_EQ(NewestEvent().version(), "");
  EXPECT_FALSE(NewestEvent().enabled());
  ASSERT_TRUE(Enable(kKey).ok());
  EXPECT_TRUE(Get(first_)->enabled());
  EXPECT_TRUE(Get(second_)->enabled());
}

TEST_F(KeyVersionsHandlerTest, DisablingAVersionLeavesTheOthers) {
  ASSERT_TRUE(Disable(first_).ok());
  EXPECT_FALSE(Get(first_)->enabled());
  EXPECT_TRUE(Get(second_)->enabled());
  EXPECT_EQ(env_.EventNames().back(), absl::StrCat("keyward.keyvault.KeyDisabled ", first_));
  EXPECT_EQ(NewestEvent().version(), first_);
  ASSERT_TRUE(Enable(first_).ok());
  EXPECT_TRUE(Get(first_)->enabled());
  EXPECT_TRUE(NewestEvent().enabled());
}

TEST_F(KeyVersionsHandlerTest, DisablingAgainChangesNothingButWaits) {
  for (const std::string& name : {std::string(kKey), first_}) {
    const auto first = Disable(name);
    const size_t events = env_.Events().size();
    const auto second = Disable(name);
    ASSERT_TRUE(second.ok()) << second.status();
    EXPECT_EQ(second->delivery().sequence(), first->delivery().sequence());
    EXPECT_EQ(env_.Events().size(), events);
  }
}

TEST_F(KeyVersionsHandlerTest, ValidateOnlyChangesNothing) {
  const auto preview = Disable(second_, /*validate_only=*/true);
  ASSERT_TRUE(preview.ok()) << preview.status();
  EXPECT_FALSE(preview->key().newest_version().enabled());
  EXPECT_FALSE(preview->has_delivery());
  EXPECT_TRUE(Disable(first_, true)->key().newest_version().enabled());
  EXPECT_TRUE(Get(second_)->enabled());
}

TEST_F(KeyVersionsHandlerTest, UpdatingChangesWhatTheMaskNamesOnly) {
  v1::KeyVersion version;
  version.set_name(first_);
  version.mutable_expire_time()->set_seconds(1'900'000'000);
  (*version.mutable_tags())["use"] = "receipts";
  const auto updated = Update(version, {"expire_time"});
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_FALSE(updated->has_delivery());
  EXPECT_EQ(Get(first_)->expire_time().seconds(), 1'900'000'000);
  EXPECT_EQ(Get(first_)->tags_size(), 0);
  EXPECT_THAT(Get(first_)->key_ops(), ElementsAre("sign", "verify"));
  EXPECT_EQ(env_.EventNames().back(), absl::StrCat("keyward.keyvault.KeyUpdated ", first_));
  EXPECT_EQ(NewestEvent().expire_time().seconds(), 1'900'000'000);
  version.clear_expire_time();
  ASSERT_TRUE(Update(version, {"expire_time"}).ok());
  EXPECT_FALSE(Get(first_)->has_expire_time());
}

TEST_F(KeyVersionsHandlerTest, NarrowingKeyOpsTellsHowFarItWent) {
  v1::KeyVersion version;
  version.set_name(first_);
  version.add_key_ops("verify");
  const auto narrowed = Update(version, {"key_ops"});
  ASSERT_TRUE(narrowed.ok()) << narrowed.status();
  EXPECT_EQ(narrowed->delivery().sequence(), 4);
  EXPECT_THAT(NewestEvent().key_ops(), ElementsAre("verify"));
  // Sent again, it waits again.
  EXPECT_EQ(Update(version, {"key_ops"})->delivery().sequence(), 5);
  EXPECT_FALSE(Update(version, {"tags"})->has_delivery());
}

TEST_F(KeyVersionsHandlerTest, EveryWrongPathIsNamedAtOnce) {
  v1::KeyVersion version;
  version.set_name(first_);
  version.add_key_ops("wrapKey");
  const absl::Status status = Update(version, {"enabled", "key_ops"}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("'enabled'"), HasSubstr("'key_version.key_ops[0]'")));
  EXPECT_THAT(std::string(Update(version, {}).status().message()), HasSubstr("'update_mask'"));
  version.clear_key_ops();
  EXPECT_THAT(std::string(Update(version, {"key_ops"}).status().message()),
              HasSubstr("DisableKey"));
}

TEST_F(KeyVersionsHandlerTest, StaleEtagIsRefused) {
  v1::KeyVersion version = *Get(first_);
  ASSERT_TRUE(Update(version, {"tags"}).ok());
  EXPECT_EQ(ErrorReason(Update(version, {"tags"}).status()), "ETAG_MISMATCH");
}

TEST_F(KeyVersionsHandlerTest, UnknownVersionIsNotFound) {
  const std::string unknown = absl::StrCat(kKey, "/versions/", std::string(32, '0'));
  v1::KeyVersion version;
  version.set_name(unknown);
  for (const absl::Status& status :
       {Get(unknown).status(), Disable(unknown).status(), Enable(unknown).status(),
        Disable(unknown, true).status(), Update(version, {"tags"}).status()}) {
    EXPECT_EQ(ErrorReason(status), "KEY_VERSION_NOT_FOUND") << status;
  }
}

TEST_F(KeyVersionsHandlerTest, DeletedKeyIsRefused) {
  v1::DeleteKeyRequest request;
  request.set_name(kKey);
  ASSERT_TRUE(env_.keys.Delete(call_, request).ok());
  EXPECT_EQ(ErrorReason(Get(first_).status()), "KEY_NOT_FOUND");
  EXPECT_EQ(ErrorReason(Disable(kKey).status()), "KEY_DELETED");
  EXPECT_EQ(ErrorReason(Enable(first_).status()), "KEY_DELETED");
}

}  // namespace
}  // namespace keyward::key_vault
