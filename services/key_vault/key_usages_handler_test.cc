#include "services/key_vault/key_usages_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/error_details.h"
#include "google/rpc/error_details.pb.h"
#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::VaultEnv;

constexpr char kVault[] = "vaults/contoso";
constexpr char kKey[] = "vaults/contoso/keys/k";

class KeyUsagesHandlerTest : public ::testing::Test {
 protected:
  KeyUsagesHandlerTest() {
    env_.CreateVault("contoso");
    version_ = env_.CreateKey("contoso", "k", v1::KEY_TYPE_RSA_2048).newest_version().name();
    service_.caller.kind = auth::Caller::Kind::kService;
    service_.caller.name = "encryption";
  }

  absl::StatusOr<v1::ReleaseKeyUsageResponse> Release(const std::string& user) {
    v1::ReleaseKeyUsageRequest request;
    request.set_name(version_);
    request.set_user(user);
    return env_.usages.Release(service_, request);
  }

  v1::ListKeyUsagesResponse List(const std::string& parent) {
    v1::ListKeyUsagesRequest request;
    request.set_parent(parent);
    const auto listed = env_.usages.List(call_, request);
    EXPECT_TRUE(listed.ok()) << listed.status();
    return listed.ok() ? *listed : v1::ListKeyUsagesResponse();
  }

  template <typename Request>
  static Request Named(const std::string& name, bool acknowledge = false,
                       bool validate_only = false) {
    Request request;
    request.set_name(name);
    request.set_acknowledge_in_use(acknowledge);
    request.set_validate_only(validate_only);
    return request;
  }

  absl::StatusOr<v1::DisableKeyResponse> Disable(const std::string& name, bool acknowledge = false,
                                                 bool validate_only = false) {
    return env_.versions.Disable(call_,
                                 Named<v1::DisableKeyRequest>(name, acknowledge, validate_only));
  }
  absl::StatusOr<v1::DeleteKeyResponse> DeleteKey(bool acknowledge = false,
                                                  bool validate_only = false) {
    return env_.keys.Delete(call_, Named<v1::DeleteKeyRequest>(kKey, acknowledge, validate_only));
  }
  absl::StatusOr<v1::DeleteVaultResponse> DeleteVault(bool acknowledge = false,
                                                      bool validate_only = false) {
    return env_.vaults.Delete(call_,
                              Named<v1::DeleteVaultRequest>(kVault, acknowledge, validate_only));
  }

  VaultEnv env_;
  std::string version_;
  server::CallContext service_ = VaultEnv::Call("spiffe://keyward.local/service/encryption");
  const server::CallContext call_ = VaultEnv::Call();
};

TEST_F(KeyUsagesHandlerTest, WhatIsRegisteredIsListedUntilItIsReleased) {
  env_.Use(version_, "accounts/b");
  env_.Use(version_, "accounts/a");
  env_.Use(version_, "accounts/a");
  for (const std::string& parent : {std::string(kKey), version_}) {
    const v1::ListKeyUsagesResponse listed = List(parent);
    ASSERT_EQ(listed.total_count(), 2);
    EXPECT_EQ(listed.usages(0).user(), "accounts/a");
    EXPECT_EQ(listed.usages(0).key_version(), version_);
    EXPECT_EQ(listed.usages(0).service(), "encryption");
    EXPECT_EQ(listed.usages(1).user(), "accounts/b");
  }
  EXPECT_EQ(Release("accounts/a")->remaining_count(), 1);
  EXPECT_EQ(Release("accounts/a")->remaining_count(), 1);
  EXPECT_EQ(Release("accounts/b")->remaining_count(), 0);
  EXPECT_EQ(List(kKey).total_count(), 0);
  EXPECT_TRUE(DeleteKey().ok());
}

TEST_F(KeyUsagesHandlerTest, WrongFieldsAreNamedAtOnce) {
  v1::RegisterKeyUsageRequest request;
  request.set_name(kKey);
  request.set_user("accounts/a b");
  request.set_description(std::string(257, 'x'));
  const absl::Status status = env_.usages.Register(service_, request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("'name'"), HasSubstr("'user'"), HasSubstr("'description'")));
}

TEST_F(KeyUsagesHandlerTest, WhatCanComeBackCanBeRegistered) {
  ASSERT_TRUE(Disable(kKey).ok());
  env_.Use(version_, "accounts/a");
  ASSERT_TRUE(DeleteKey(/*acknowledge=*/true).ok());
  env_.Use(version_, "accounts/b");
  EXPECT_EQ(List(kKey).total_count(), 2);
  ASSERT_TRUE(DeleteVault(/*acknowledge=*/true).ok());
  env_.Use(version_, "accounts/c");
  ASSERT_TRUE(env_.purge.PurgeVault(call_, Named<v1::PurgeVaultRequest>(kVault, true)).ok());
  v1::RegisterKeyUsageRequest request;
  request.set_name(version_);
  request.set_user("accounts/d");
  EXPECT_EQ(env_.usages.Register(service_, request).status().code(), absl::StatusCode::kNotFound);
  // Nothing is left to release.
  EXPECT_EQ(Release("accounts/a")->remaining_count(), 0);
}

TEST_F(KeyUsagesHandlerTest, TakingAUsedKeyAwayIsRefusedAndNamesTheUsers) {
  for (int i = 0; i < 12; ++i) env_.Use(version_, absl::StrCat("accounts/", 10 + i));
  const std::vector<absl::Status> refusals = {Disable(kKey).status(), Disable(version_).status(),
                                              DeleteKey().status(), DeleteVault().status()};
  for (const absl::Status& status : refusals) {
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(ErrorReason(status), "KEY_IN_USE");
    EXPECT_EQ(ErrorMetadata(status, "usage_count"), "12");
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr("12 users"), HasSubstr("accounts/10"),
                      HasSubstr("PreviewRevocation"), HasSubstr("acknowledge_in_use")));
    const auto details = GetErrorDetails(status);
    ASSERT_TRUE(details.has_value());
    google::rpc::PreconditionFailure failure;
    ASSERT_TRUE(details->details(1).UnpackTo(&failure));
    // Not all of them: errors must stay small.
    ASSERT_EQ(failure.violations_size(), 10);
    EXPECT_EQ(failure.violations(0).type(), "KEY_IN_USE");
    EXPECT_EQ(failure.violations(9).subject(), "accounts/19");
    EXPECT_THAT(failure.violations(9).description(), HasSubstr(version_));
  }
  EXPECT_EQ(env_.EventNames().size(), 2u);
}

TEST_F(KeyUsagesHandlerTest, ValidateOnlyListsAHundredUsersAndCountsAll) {
  for (int i = 0; i < 101; ++i) env_.Use(version_, absl::StrCat("accounts/", 100 + i));
  const auto check = [](const auto& answer) {
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->usage_count(), 101);
    EXPECT_EQ(answer->usages_size(), 100);
    EXPECT_EQ(answer->usages(0).user(), "accounts/100");
    EXPECT_FALSE(answer->has_delivery());
  };
  check(Disable(kKey, false, /*validate_only=*/true));
  check(DeleteKey(false, /*validate_only=*/true));
  check(DeleteVault(false, /*validate_only=*/true));
  EXPECT_EQ(env_.EventNames().size(), 2u);
}

TEST_F(KeyUsagesHandlerTest, AcknowledgedUsersDoNotStandInTheWay) {
  env_.Use(version_, "accounts/a");
  const auto disabled = Disable(kKey, /*acknowledge=*/true);
  ASSERT_TRUE(disabled.ok()) << disabled.status();
  EXPECT_EQ(disabled->usages(0).user(), "accounts/a");
  // Sent again, to wait for the loss: nothing is taken any more.
  EXPECT_TRUE(Disable(kKey).ok());
  ASSERT_TRUE(DeleteKey(/*acknowledge=*/true).ok());
  EXPECT_TRUE(DeleteKey().ok());
  ASSERT_TRUE(DeleteVault(/*acknowledge=*/true).ok());
  EXPECT_TRUE(DeleteVault().ok());
}

TEST_F(KeyUsagesHandlerTest, OnlyTheUsersOfWhatIsTakenCount) {
  v1::RotateKeyRequest rotate;
  rotate.set_name(kKey);
  const std::string newest = env_.keys.Rotate(call_, rotate)->newest_version().name();
  env_.Use(newest, "accounts/a");
  EXPECT_TRUE(Disable(version_).ok());
  EXPECT_EQ(ErrorReason(Disable(newest).status()), "KEY_IN_USE");
}

TEST_F(KeyUsagesHandlerTest, TakingUnwrapKeyFromAUsedVersionNeedsAcknowledgement) {
  env_.Use(version_, "accounts/a");
  v1::UpdateKeyVersionRequest request;
  request.mutable_key_version()->set_name(version_);
  request.mutable_key_version()->add_key_ops("wrapKey");
  request.mutable_update_mask()->add_paths("key_ops");
  EXPECT_EQ(ErrorReason(env_.versions.Update(call_, request).status()), "KEY_IN_USE");
  request.set_acknowledge_in_use(true);
  EXPECT_TRUE(env_.versions.Update(call_, request).ok());
  // All else goes on as before.
  request.mutable_key_version()->add_key_ops("unwrapKey");
  request.set_acknowledge_in_use(false);
  EXPECT_TRUE(env_.versions.Update(call_, request).ok());
}

TEST_F(KeyUsagesHandlerTest, UsagesOfWhatIsNotThereAreNotFound) {
  v1::ListKeyUsagesRequest request;
  request.set_parent("vaults/contoso/keys/nobody");
  EXPECT_EQ(ErrorReason(env_.usages.List(call_, request).status()), "KEY_NOT_FOUND");
  request.set_parent(absl::StrCat(kKey, "/versions/", std::string(32, '0')));
  EXPECT_EQ(ErrorReason(env_.usages.List(call_, request).status()), "KEY_VERSION_NOT_FOUND");
}

}  // namespace
}  // namespace keyward::key_vault
