#include "services/key_vault/vaults_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
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
using ::testing::IsEmpty;
using testing::kAlice;
using testing::kPrincipal;
using testing::kSubscription;
using testing::kTenant;
using testing::VaultEnv;

class VaultsHandlerTest : public ::testing::Test {
 protected:
  static v1::CreateVaultRequest NewVault(const std::string& id) {
    v1::CreateVaultRequest request;
    request.set_vault_id(id);
    request.mutable_vault()->set_subscription(kSubscription);
    request.mutable_vault()->set_region("westeurope");
    return request;
  }

  absl::StatusOr<v1::Vault> Create(const v1::CreateVaultRequest& request) {
    return env_.vaults.Create(VaultEnv::Call(), request);
  }

  absl::StatusOr<v1::Vault> Get(const std::string& name) {
    v1::GetVaultRequest request;
    request.set_name(name);
    return env_.vaults.Get(VaultEnv::Call(), request);
  }

  absl::StatusOr<v1::DeleteVaultResponse> Delete(const std::string& name,
                                                 const std::string& etag = "",
                                                 bool validate_only = false) {
    v1::DeleteVaultRequest request;
    request.set_name(name);
    request.set_etag(etag);
    request.set_validate_only(validate_only);
    return env_.vaults.Delete(VaultEnv::Call(), request);
  }

  absl::StatusOr<v1::Vault> Recover(const std::string& name) {
    v1::RecoverVaultRequest request;
    request.set_name(name);
    return env_.vaults.Recover(VaultEnv::Call(), request);
  }

  VaultEnv env_;
};

TEST_F(VaultsHandlerTest, CreatedVaultIsFoundAsItWasCreated) {
  v1::CreateVaultRequest request = NewVault("Contoso");
  request.mutable_vault()->set_purge_protection(true);
  request.mutable_vault()->set_soft_delete_retention_days(7);
  request.mutable_vault()->set_sku(v1::SKU_PREMIUM);
  (*request.mutable_vault()->mutable_tags())["team"] = "models";
  v1::AccessPolicyEntry* entry = request.mutable_vault()->add_access_policy();
  entry->set_principal(kPrincipal);
  for (const char* name : {"wrapKey", "unwrapKey", "get"}) entry->add_key_permissions(name);

  // Finer than what is stored.
  env_.clock.Advance(absl::Nanoseconds(1'500));
  const absl::StatusOr<v1::Vault> created = Create(request);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->name(), "vaults/Contoso");
  EXPECT_EQ(created->tenant(), kTenant);
  EXPECT_EQ(created->soft_delete_retention_days(), 7);
  EXPECT_EQ(created->sku(), v1::SKU_PREMIUM);
  EXPECT_EQ(created->recovery_level(), "CustomizedRecoverable");
  EXPECT_TRUE(created->purge_protection());
  EXPECT_EQ(created->tags().at("team"), "models");
  ASSERT_EQ(created->access_policy_size(), 1);
  EXPECT_THAT(created->access_policy(0).key_permissions(),
              ElementsAre("get", "unwrapKey", "wrapKey"));
  EXPECT_EQ(Get("vaults/Contoso")->SerializeAsString(), created->SerializeAsString());
  EXPECT_THAT(env_.EventNames(), ElementsAre("keyward.keyvault.VaultCreated vaults/Contoso"));
}

TEST_F(VaultsHandlerTest, VaultsAreStandardOnesOfNinetyDaysByDefault) {
  const absl::StatusOr<v1::Vault> created = Create(NewVault("contoso"));
  EXPECT_EQ(created->soft_delete_retention_days(), 90);
  EXPECT_EQ(created->sku(), v1::SKU_STANDARD);
  EXPECT_EQ(created->recovery_level(), "Recoverable+Purgeable");
}

TEST_F(VaultsHandlerTest, EveryWrongFieldIsNamedAtOnce) {
  v1::CreateVaultRequest request;
  request.set_vault_id("9");
  request.mutable_vault()->set_subscription("main");
  request.mutable_vault()->set_region("West Europe");
  request.mutable_vault()->set_soft_delete_retention_days(6);
  request.mutable_vault()->set_sku(static_cast<v1::Sku>(7));
  for (int i = 0; i < 16; ++i) {
    (*request.mutable_vault()->mutable_tags())[absl::StrCat("tag", i)] = "";
  }
  v1::AccessPolicyEntry* entry = request.mutable_vault()->add_access_policy();
  entry->set_principal("alice");
  entry->add_key_permissions("wrap");
  const absl::Status status = Create(request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorReason(status), "INVALID_REQUEST");
  EXPECT_THAT(
      std::string(status.message()),
      AllOf(HasSubstr("'vault_id'"), HasSubstr("'vault.subscription'"), HasSubstr("'vault.region'"),
            HasSubstr("'vault.soft_delete_retention_days'"), HasSubstr("'vault.sku'"),
            HasSubstr("'vault.tags'"), HasSubstr("'vault.access_policy[0].principal'"),
            HasSubstr("'vault.access_policy[0].key_permissions[0]'")));
  EXPECT_THAT(env_.EventNames(), IsEmpty());
}

TEST_F(VaultsHandlerTest, UnknownSubscriptionIsRefused) {
  v1::CreateVaultRequest request = NewVault("contoso");
  request.mutable_vault()->set_subscription("subscriptions/other");
  const absl::Status status = Create(request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ErrorReason(status), "SUBSCRIPTION_UNKNOWN");
}

TEST_F(VaultsHandlerTest, NamesAreUniqueWhateverTheCase) {
  ASSERT_TRUE(Create(NewVault("Contoso")).ok());
  const absl::Status status = Create(NewVault("cONTOSO")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ErrorReason(status), "VAULT_EXISTS");
  EXPECT_EQ(ErrorReason(Get("vaults/contoso").status()), "VAULT_NOT_FOUND");
}

TEST_F(VaultsHandlerTest, TheSameRequestIdCreatesOnce) {
  v1::CreateVaultRequest request = NewVault("contoso");
  request.set_request_id("6b1f2d3c-0f6e-4d53-8a1e-2f0c7b9d4e5a");
  const absl::StatusOr<v1::Vault> first = Create(request);
  env_.clock.Advance(absl::Hours(1));
  const absl::StatusOr<v1::Vault> second = Create(request);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(env_.EventNames().size(), 1u);
  request.mutable_vault()->set_region("northeurope");
  EXPECT_EQ(ErrorReason(Create(request).status()), "REQUEST_ID_REUSED");
}

TEST_F(VaultsHandlerTest, ListsInPagesWithoutPolicies) {
  for (const char* id : {"charlie", "alpha", "bravo"}) env_.CreateVault(id);
  ASSERT_TRUE(Delete("vaults/bravo").ok());
  v1::ListVaultsRequest request;
  request.set_page_size(1);
  std::vector<std::string> names;
  do {
    const absl::StatusOr<v1::ListVaultsResponse> page = env_.vaults.List(VaultEnv::Call(), request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::Vault& vault : page->vaults()) {
      names.push_back(vault.name());
      EXPECT_EQ(vault.access_policy_size(), 0);
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(names, ElementsAre("vaults/alpha", "vaults/charlie"));
  request.set_page_size(0);
  request.set_show_deleted(true);
  EXPECT_EQ(env_.vaults.List(VaultEnv::Call(), request)->vaults_size(), 3);
}

TEST_F(VaultsHandlerTest, DeletedVaultKeepsItsNameAndComesBackWithItsPolicy) {
  const v1::Vault created = env_.CreateVault("contoso");
  const absl::StatusOr<v1::DeleteVaultResponse> deleted = Delete("vaults/contoso");
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_EQ(deleted->delivery().sequence(), 2);
  EXPECT_EQ(
      deleted->vault().scheduled_purge_time().seconds() - deleted->vault().delete_time().seconds(),
      90 * 24 * 3600);
  EXPECT_TRUE(Get("vaults/contoso")->has_delete_time());
  EXPECT_EQ(ErrorReason(Create(NewVault("CONTOSO")).status()), "VAULT_DELETED_BUT_RECOVERABLE");

  const absl::StatusOr<v1::Vault> recovered = Recover("vaults/contoso");
  ASSERT_TRUE(recovered.ok()) << recovered.status();
  EXPECT_FALSE(recovered->has_delete_time());
  EXPECT_FALSE(recovered->has_scheduled_purge_time());
  EXPECT_EQ(recovered->access_policy(0).principal(), kAlice);
  EXPECT_NE(recovered->etag(), created.etag());
  EXPECT_THAT(env_.EventNames(), ElementsAre("keyward.keyvault.VaultCreated vaults/contoso",
                                             "keyward.keyvault.VaultDeleted vaults/contoso",
                                             "keyward.keyvault.VaultRecovered vaults/contoso"));
}

TEST_F(VaultsHandlerTest, DeletingAgainChangesNothingButWaits) {
  env_.CreateVault("contoso");
  const absl::StatusOr<v1::DeleteVaultResponse> first = Delete("vaults/contoso");
  env_.clock.Advance(absl::Hours(1));
  const absl::StatusOr<v1::DeleteVaultResponse> second = Delete("vaults/contoso");
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(env_.EventNames().size(), 2u);
  EXPECT_TRUE(Recover("vaults/contoso").ok());
  EXPECT_TRUE(Recover("vaults/contoso").ok());
  EXPECT_EQ(env_.EventNames().size(), 3u);
}

TEST_F(VaultsHandlerTest, ValidateOnlyShowsWhatWouldBeAndChangesNothing) {
  env_.CreateVault("contoso");
  const absl::StatusOr<v1::DeleteVaultResponse> preview = Delete("vaults/contoso", "", true);
  ASSERT_TRUE(preview.ok()) << preview.status();
  EXPECT_TRUE(preview->vault().has_scheduled_purge_time());
  EXPECT_FALSE(preview->has_delivery());
  EXPECT_FALSE(Get("vaults/contoso")->has_delete_time());
  EXPECT_EQ(env_.EventNames().size(), 1u);
}

TEST_F(VaultsHandlerTest, StaleEtagIsRefused) {
  env_.CreateVault("contoso");
  const absl::Status status = Delete("vaults/contoso", "7").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ErrorReason(status), "ETAG_MISMATCH");
  EXPECT_TRUE(Delete("vaults/contoso", Get("vaults/contoso")->etag()).ok());
}

TEST_F(VaultsHandlerTest, PurgeProtectionIsForEver) {
  env_.CreateVault("contoso");
  v1::UpdateVaultRequest request;
  request.mutable_vault()->set_name("vaults/contoso");
  request.mutable_vault()->set_purge_protection(true);
  (*request.mutable_vault()->mutable_tags())["team"] = "models";
  request.mutable_update_mask()->add_paths("purge_protection");
  request.mutable_update_mask()->add_paths("tags");
  absl::StatusOr<v1::Vault> updated = env_.vaults.Update(VaultEnv::Call(), request);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_TRUE(Get("vaults/contoso")->purge_protection());
  EXPECT_EQ(Get("vaults/contoso")->tags().at("team"), "models");

  request.mutable_vault()->set_purge_protection(false);
  request.mutable_update_mask()->add_paths("region");
  const absl::Status status = env_.vaults.Update(VaultEnv::Call(), request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("'vault.purge_protection'"), HasSubstr("'region'")));
  EXPECT_TRUE(Get("vaults/contoso")->purge_protection());
}

TEST_F(VaultsHandlerTest, ListsShowWhatIsAskedFor) {
  env_.SetSubscription("subscriptions/other", kTenant);
  for (const char* id : {"alpha", "bravo"}) env_.CreateVault(id);
  v1::CreateVaultRequest other = NewVault("charlie");
  other.mutable_vault()->set_subscription("subscriptions/other");
  ASSERT_TRUE(Create(other).ok());
  ASSERT_TRUE(Delete("vaults/alpha").ok());
  ASSERT_TRUE(Delete("vaults/charlie").ok());
  const auto list = [&](bool show_deleted, bool only_deleted, const std::string& subscription) {
    v1::ListVaultsRequest request;
    request.set_show_deleted(show_deleted);
    request.set_only_deleted(only_deleted);
    request.set_subscription(subscription);
    std::vector<std::string> names;
    const auto listed = env_.vaults.List(VaultEnv::Call(), request);
    EXPECT_TRUE(listed.ok()) << listed.status();
    for (const v1::Vault& vault : listed->vaults()) names.push_back(vault.name());
    return names;
  };
  EXPECT_THAT(list(false, false, ""), ElementsAre("vaults/bravo"));
  EXPECT_THAT(list(true, false, ""), ElementsAre("vaults/alpha", "vaults/bravo", "vaults/charlie"));
  EXPECT_THAT(list(false, true, ""), ElementsAre("vaults/alpha", "vaults/charlie"));
  EXPECT_THAT(list(true, true, "subscriptions/other"), ElementsAre("vaults/charlie"));
  EXPECT_THAT(list(true, false, kSubscription), ElementsAre("vaults/alpha", "vaults/bravo"));
  EXPECT_THAT(list(false, false, "subscriptions/nobody"), IsEmpty());
  v1::ListVaultsRequest malformed;
  malformed.set_subscription("other");
  EXPECT_EQ(env_.vaults.List(VaultEnv::Call(), malformed).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(VaultsHandlerTest, EntriesOfPrincipalsThatAreGoneDangle) {
  const std::string gone = "0b6a2c5e-7a55-4c6e-9b1c-5a8e3f1d2c4c";
  const std::string foreign = "0b6a2c5e-7a55-4c6e-9b1c-5a8e3f1d2c4d";
  const std::string unknown = "0b6a2c5e-7a55-4c6e-9b1c-5a8e3f1d2c4e";
  env_.SetPrincipal(kPrincipal, kTenant, true);
  env_.SetPrincipal(gone, kTenant, true);
  env_.SetPrincipal(gone, kTenant, false);
  env_.SetPrincipal(foreign, "tenants/other", true);
  v1::CreateVaultRequest request = NewVault("contoso");
  for (const std::string& principal :
       {std::string(kPrincipal), gone, foreign, unknown, std::string(kAlice)}) {
    v1::AccessPolicyEntry* entry = request.mutable_vault()->add_access_policy();
    entry->set_principal(principal);
    entry->add_key_permissions("get");
  }
  ASSERT_TRUE(Create(request).ok());
  std::map<std::string, v1::AccessPolicyEntry::Dangling> dangling;
  const absl::StatusOr<v1::Vault> vault = Get("vaults/contoso");
  for (const auto& entry : vault->access_policy()) dangling[entry.principal()] = entry.dangling();
  EXPECT_EQ(dangling[kPrincipal], v1::AccessPolicyEntry::DANGLING_UNSPECIFIED);
  EXPECT_EQ(dangling[kAlice], v1::AccessPolicyEntry::DANGLING_UNSPECIFIED);
  EXPECT_EQ(dangling[gone], v1::AccessPolicyEntry::DANGLING_PRINCIPAL_GONE);
  EXPECT_EQ(dangling[foreign], v1::AccessPolicyEntry::DANGLING_OTHER_TENANT);
  EXPECT_EQ(dangling[unknown], v1::AccessPolicyEntry::DANGLING_PRINCIPAL_UNKNOWN);
  // What was read can be sent back.
  v1::UpdateAccessPolicyRequest update;
  update.set_vault("vaults/contoso");
  update.set_kind(v1::UpdateAccessPolicyRequest::KIND_REPLACE);
  *update.mutable_entries() = Get("vaults/contoso")->access_policy();
  const auto updated = env_.policies.Update(VaultEnv::Call(), update);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->vault().SerializeAsString(), Get("vaults/contoso")->SerializeAsString());
}

TEST_F(VaultsHandlerTest, EveryChangeHasItsOwnEtag) {
  std::set<std::string> etags = {env_.CreateVault("contoso").etag()};
  v1::UpdateVaultRequest tags;
  tags.mutable_vault()->set_name("vaults/contoso");
  tags.mutable_update_mask()->add_paths("tags");
  etags.insert(env_.vaults.Update(VaultEnv::Call(), tags)->etag());
  v1::UpdateAccessPolicyRequest policy;
  policy.set_vault("vaults/contoso");
  policy.set_kind(v1::UpdateAccessPolicyRequest::KIND_REPLACE);
  etags.insert(env_.policies.Update(VaultEnv::Call(), policy)->vault().etag());
  etags.insert(Delete("vaults/contoso")->vault().etag());
  etags.insert(Recover("vaults/contoso")->etag());
  EXPECT_EQ(etags.size(), 5u);
}

TEST_F(VaultsHandlerTest, WhatIsFixedAtCreationStaysSo) {
  env_.CreateVault("contoso");
  for (const char* path : {"soft_delete_retention_days", "sku", "subscription", "tenant"}) {
    v1::UpdateVaultRequest request;
    request.mutable_vault()->set_name("vaults/contoso");
    request.mutable_update_mask()->add_paths(path);
    const absl::Status status = env_.vaults.Update(VaultEnv::Call(), request).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << path;
    EXPECT_THAT(std::string(status.message()), HasSubstr(path));
  }
}

TEST_F(VaultsHandlerTest, UnknownVaultIsNotFound) {
  for (const absl::Status& status :
       {Get("vaults/nobody").status(), Delete("vaults/nobody").status(),
        Recover("vaults/nobody").status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
    EXPECT_EQ(ErrorReason(status), "VAULT_NOT_FOUND");
  }
  EXPECT_EQ(Get("vaults/--").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace keyward::key_vault
