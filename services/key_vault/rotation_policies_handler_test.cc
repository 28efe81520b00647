#include "services/key_vault/rotation_policies_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/crypto/ecdsa.h"
#include "common/status/error.h"
#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using ::testing::HasSubstr;
using testing::VaultEnv;

constexpr absl::Duration kDay = absl::Hours(24);
constexpr char kKey[] = "vaults/contoso/keys/a";
constexpr char kPolicy[] = "vaults/contoso/keys/a/rotationPolicy";

class RotationPoliciesHandlerTest : public ::testing::Test {
 protected:
  RotationPoliciesHandlerTest() {
    env_.CreateVault("contoso");
    env_.CreateKey("contoso", "a");
  }

  absl::StatusOr<v1::RotationPolicy> Get(const std::string& name = kPolicy) {
    v1::GetKeyRotationPolicyRequest request;
    request.set_name(name);
    return env_.rotation_policies.Get(call_, request);
  }

  // Sets all of a policy.
  absl::StatusOr<v1::RotationPolicy> Set(v1::RotationPolicy policy,
                                         const std::vector<std::string>& paths = {
                                             "expiry_time", "rotate", "notify"}) {
    v1::UpdateKeyRotationPolicyRequest request;
    if (policy.name().empty()) policy.set_name(kPolicy);
    *request.mutable_rotation_policy() = policy;
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    return env_.rotation_policies.Update(call_, request);
  }

  static v1::RotationPolicy OfTheSdk() {
    v1::RotationPolicy policy;
    policy.set_expiry_time("P48M");
    policy.mutable_rotate()->set_time_after_create("P18M");
    policy.mutable_notify()->set_time_before_expiry("P30D");
    return policy;
  }

  absl::Time Time(const google::protobuf::Timestamp& time) {
    return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
  }

  VaultEnv env_;
  const server::CallContext call_ = VaultEnv::Call();
};

TEST_F(RotationPoliciesHandlerTest, EveryKeyHasAPolicy) {
  const auto policy = Get();
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_EQ(policy->name(), kPolicy);
  EXPECT_EQ(policy->expiry_time(), "");
  EXPECT_FALSE(policy->has_rotate());
  EXPECT_EQ(policy->notify().time_before_expiry(), "P30D");
  EXPECT_EQ(policy->etag(), "0");
  EXPECT_FALSE(policy->has_create_time());
  EXPECT_FALSE(policy->has_next_rotation_time());
}

TEST_F(RotationPoliciesHandlerTest, WhatIsSetIsKept) {
  const auto set = Set(OfTheSdk());
  ASSERT_TRUE(set.ok()) << set.status();
  const auto got = Get();
  EXPECT_EQ(got->SerializeAsString(), set->SerializeAsString());
  EXPECT_EQ(got->expiry_time(), "P48M");
  EXPECT_EQ(got->rotate().time_after_create(), "P18M");
  EXPECT_EQ(got->etag(), "1");
  EXPECT_EQ(Time(got->create_time()), env_.clock.Now());
  // 18 months after 14 November 2023.
  EXPECT_EQ(Time(got->next_rotation_time()),
            absl::FromCivil(absl::CivilSecond(2025, 5, 14, 22, 13, 20), absl::UTCTimeZone()));
  EXPECT_EQ(env_.EventNames().back(),
            "keyward.keyvault.KeyRotationPolicyChanged vaults/contoso/keys/a");
}

TEST_F(RotationPoliciesHandlerTest, OnlyWhatTheMaskNamesChanges) {
  ASSERT_TRUE(Set(OfTheSdk()).ok());
  v1::RotationPolicy other;
  other.set_expiry_time("P3Y");
  ASSERT_TRUE(Set(other, {"expiry_time"}).ok());
  EXPECT_EQ(Get()->expiry_time(), "P3Y");
  EXPECT_EQ(Get()->rotate().time_after_create(), "P18M");
  EXPECT_EQ(Get()->etag(), "2");
  ASSERT_TRUE(Set({}, {"rotate", "notify"}).ok());
  EXPECT_FALSE(Get()->has_rotate());
  EXPECT_EQ(Get()->notify().time_before_expiry(), "P30D");
}

TEST_F(RotationPoliciesHandlerTest, APublicKeyAloneCannotRotate) {
  v1::ImportKeyRequest import;
  import.set_parent("vaults/contoso");
  import.set_key_id("partner");
  import.set_public_key(
      crypto::EcPrivateKey::Generate(crypto::EcCurve::kP256).public_key().ToSpkiPem());
  const auto imported = env_.imports.Import(call_, import);
  ASSERT_TRUE(imported.ok()) << imported.status();
  v1::RotationPolicy policy = OfTheSdk();
  policy.set_name("vaults/contoso/keys/partner/rotationPolicy");
  EXPECT_EQ(ErrorReason(Set(policy).status()), "PUBLIC_KEY_ONLY");
  policy.clear_rotate();
  EXPECT_TRUE(Set(policy).ok());
}

TEST_F(RotationPoliciesHandlerTest, EtagGuards) {
  v1::RotationPolicy policy = OfTheSdk();
  policy.set_etag("0");
  ASSERT_TRUE(Set(policy).ok());
  EXPECT_EQ(ErrorReason(Set(policy).status()), "ETAG_MISMATCH");
  policy.set_etag("1");
  EXPECT_TRUE(Set(policy).ok());
}

TEST_F(RotationPoliciesHandlerTest, EveryBrokenFieldIsNamed) {
  v1::RotationPolicy policy;
  policy.set_expiry_time("2 years");
  policy.mutable_rotate();
  policy.mutable_notify()->set_time_before_expiry("P1W");
  const absl::Status malformed = Set(policy, {"expiry_time", "rotate", "notify", "etag"}).status();
  EXPECT_EQ(malformed.code(), absl::StatusCode::kInvalidArgument);
  for (const char* field : {"rotation_policy.expiry_time", "rotation_policy.rotate",
                            "rotation_policy.notify.time_before_expiry", "update_mask"}) {
    EXPECT_THAT(std::string(malformed.message()), HasSubstr(field));
  }
  policy.Clear();
  policy.set_expiry_time("P27D");
  policy.mutable_rotate()->set_time_before_expiry("P6D");
  policy.mutable_notify()->set_time_before_expiry("P1D");
  const absl::Status bounds = Set(policy).status();
  EXPECT_THAT(std::string(bounds.message()), HasSubstr("rotation_policy.expiry_time"));
  EXPECT_THAT(std::string(bounds.message()),
              HasSubstr("rotation_policy.rotate.time_before_expiry"));
  EXPECT_EQ(Set({}, {}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Get()->etag(), "0");
}

TEST_F(RotationPoliciesHandlerTest, NamesAndDeletedKeys) {
  EXPECT_EQ(Get(kKey).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorReason(Get("vaults/contoso/keys/b/rotationPolicy").status()), "KEY_NOT_FOUND");
  v1::DeleteKeyRequest request;
  request.set_name(kKey);
  ASSERT_TRUE(env_.keys.Delete(call_, request).ok());
  EXPECT_EQ(ErrorReason(Get().status()), "KEY_NOT_FOUND");
  EXPECT_EQ(ErrorReason(Set(OfTheSdk()).status()), "KEY_DELETED");
}

TEST_F(RotationPoliciesHandlerTest, RotateKeySetsTheExpiryOfTheNewVersionOnly) {
  v1::RotationPolicy policy;
  policy.set_expiry_time("P90D");
  ASSERT_TRUE(Set(policy).ok());
  v1::GetKeyRequest get;
  get.set_name(kKey);
  const v1::Key before = *env_.keys.Get(call_, get);
  EXPECT_FALSE(before.newest_version().has_expire_time());
  env_.clock.Advance(kDay);
  v1::RotateKeyRequest rotate;
  rotate.set_name(kKey);
  const auto rotated = env_.keys.Rotate(call_, rotate);
  ASSERT_TRUE(rotated.ok()) << rotated.status();
  EXPECT_EQ(Time(rotated->newest_version().expire_time()), env_.clock.Now() + 90 * kDay);
  v1::GetKeyVersionRequest old;
  old.set_name(before.newest_version().name());
  EXPECT_FALSE(env_.versions.Get(call_, old)->has_expire_time());
}

}  // namespace
}  // namespace keyward::key_vault
