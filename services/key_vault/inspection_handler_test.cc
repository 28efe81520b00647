#include "services/key_vault/inspection_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::kAlice;
using testing::kTenant;
using testing::VaultEnv;

constexpr char kKey[] = "vaults/contoso/keys/wrapping";

class InspectionHandlerTest : public ::testing::Test {
 protected:
  InspectionHandlerTest() {
    env_.CreateVault("contoso");
    created_ = env_.CreateKey("contoso", "wrapping", v1::KEY_TYPE_RSA_2048);
  }

  absl::StatusOr<v1::InspectKeyResponse> Inspect(const std::string& name,
                                                 const std::string& tenant = kTenant,
                                                 const std::string& principal = kAlice) {
    v1::InspectKeyRequest request;
    request.set_name(name);
    request.set_tenant(tenant);
    request.set_principal(principal);
    return env_.inspection.Inspect(call_, request);
  }

  VaultEnv env_;
  const server::CallContext call_ = VaultEnv::Call();
  v1::Key created_;
};

TEST_F(InspectionHandlerTest, TellsAllThatBearsOnAnAccountsUse) {
  const auto told = Inspect(kKey);
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_TRUE(told->vault_found());
  EXPECT_EQ(told->vault_region(), "westeurope");
  EXPECT_EQ(told->soft_delete_retention_days(), 90);
  EXPECT_FALSE(told->purge_protection());
  EXPECT_TRUE(told->key_found());
  EXPECT_EQ(told->key_type(), v1::KEY_TYPE_RSA_2048);
  EXPECT_EQ(told->version().SerializeAsString(), created_.newest_version().SerializeAsString());
  EXPECT_EQ(told->key_permissions_size(), 20);
  EXPECT_EQ(told->sequence(), 2);
}

TEST_F(InspectionHandlerTest, TellsOfTheVersionNamed) {
  v1::RotateKeyRequest request;
  request.set_name(kKey);
  ASSERT_TRUE(env_.keys.Rotate(call_, request).ok());
  const auto told = Inspect(created_.newest_version().name());
  EXPECT_EQ(told->version().name(), created_.newest_version().name());
  EXPECT_EQ(told->sequence(), 3);
  EXPECT_FALSE(Inspect(absl::StrCat(kKey, "/versions/", std::string(32, '0')))->key_found());
}

TEST_F(InspectionHandlerTest, TellsNothingOfVaultsOfOtherTenants) {
  const auto told = Inspect(kKey, "tenants/other");
  ASSERT_TRUE(told.ok()) << told.status();
  v1::InspectKeyResponse nothing;
  nothing.set_sequence(told->sequence());
  EXPECT_EQ(told->SerializeAsString(), nothing.SerializeAsString());
  EXPECT_EQ(Inspect("vaults/nobody/keys/k")->SerializeAsString(), nothing.SerializeAsString());
}

TEST_F(InspectionHandlerTest, WhatIsDeletedIsNotFound) {
  v1::DeleteKeyRequest delete_key;
  delete_key.set_name(kKey);
  ASSERT_TRUE(env_.keys.Delete(call_, delete_key).ok());
  EXPECT_TRUE(Inspect(kKey)->vault_found());
  EXPECT_FALSE(Inspect(kKey)->key_found());
  v1::DeleteVaultRequest delete_vault;
  delete_vault.set_name("vaults/contoso");
  ASSERT_TRUE(env_.vaults.Delete(call_, delete_vault).ok());
  EXPECT_FALSE(Inspect(kKey)->vault_found());
  EXPECT_EQ(Inspect(kKey)->key_permissions_size(), 0);
}

TEST_F(InspectionHandlerTest, PermissionsAreThoseOfThePrincipal) {
  EXPECT_EQ(Inspect(kKey, kTenant, "nobody")->key_permissions_size(), 0);
  EXPECT_EQ(Inspect(kKey, kTenant, "")->key_permissions_size(), 0);
}

TEST_F(InspectionHandlerTest, EveryWrongFieldIsNamedAtOnce) {
  EXPECT_THAT(std::string(Inspect("wrapping", "test").status().message()),
              AllOf(HasSubstr("'name'"), HasSubstr("'tenant'")));
}

}  // namespace
}  // namespace keyward::key_vault
