#include "services/key_vault/access_policies_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "common/status/error.h"
#include "keyward/keyvault/v1/events.pb.h"
#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using Request = v1::UpdateAccessPolicyRequest;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::kAlice;
using testing::kPrincipal;
using testing::VaultEnv;

class AccessPoliciesHandlerTest : public ::testing::Test {
 protected:
  AccessPoliciesHandlerTest() { env_.CreateVault("contoso"); }

  static Request Change(Request::Kind kind, const std::string& principal,
                        const std::vector<std::string>& permissions) {
    Request request;
    request.set_vault("vaults/contoso");
    request.set_kind(kind);
    v1::AccessPolicyEntry* entry = request.add_entries();
    entry->set_principal(principal);
    for (const std::string& name : permissions) entry->add_key_permissions(name);
    return request;
  }

  absl::StatusOr<v1::UpdateAccessPolicyResponse> Update(const Request& request) {
    return env_.policies.Update(call_, request);
  }

  // What the principal holds; empty without an entry.
  std::vector<std::string> Held(const std::string& principal) {
    v1::GetVaultRequest request;
    request.set_name("vaults/contoso");
    const absl::StatusOr<v1::Vault> vault = env_.vaults.Get(call_, request);
    for (const v1::AccessPolicyEntry& entry : vault->access_policy()) {
      if (entry.principal() == principal) {
        return {entry.key_permissions().begin(), entry.key_permissions().end()};
      }
    }
    return {};
  }

  // The data of the newest event.
  v1::VaultChanged NewestEvent() {
    v1::VaultChanged changed;
    EXPECT_TRUE(env_.Events().back().data().UnpackTo(&changed));
    return changed;
  }

  VaultEnv env_;
  const server::CallContext call_ = VaultEnv::Call();
};

TEST_F(AccessPoliciesHandlerTest, AddingGivesMoreAndTakesNothing) {
  ASSERT_TRUE(Update(Change(Request::KIND_ADD, kPrincipal, {"get"})).ok());
  const auto updated = Update(Change(Request::KIND_ADD, kPrincipal, {"wrapKey", "unwrapKey"}));
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_FALSE(updated->has_delivery());
  EXPECT_THAT(Held(kPrincipal), ElementsAre("get", "unwrapKey", "wrapKey"));
  const v1::VaultChanged event = NewestEvent();
  ASSERT_EQ(event.changed_size(), 1);
  EXPECT_EQ(event.changed(0).principal(), kPrincipal);
  EXPECT_THAT(event.changed(0).key_permissions(), ElementsAre("get", "unwrapKey", "wrapKey"));
  EXPECT_EQ(env_.Events().back().type(), "Microsoft.KeyVault.VaultAccessPolicyChanged");
  EXPECT_EQ(env_.Events().back().correlation_id(), "test-correlation");
  EXPECT_EQ(call_.Notes().at("policy"),
            "0b6a2c5e-7a55-4c6e-9b1c-5a8e3f1d2c4b: get unwrapKey wrapKey");
}

TEST_F(AccessPoliciesHandlerTest, RemovingSomeNarrowsAndTellsHowFarItWent) {
  ASSERT_TRUE(Update(Change(Request::KIND_ADD, kPrincipal, {"get", "wrapKey"})).ok());
  const auto updated = Update(Change(Request::KIND_REMOVE, kPrincipal, {"wrapKey"}));
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->delivery().sequence(), 3);
  EXPECT_THAT(Held(kPrincipal), ElementsAre("get"));
}

TEST_F(AccessPoliciesHandlerTest, RemovingAllRemovesTheEntry) {
  ASSERT_TRUE(Update(Change(Request::KIND_ADD, kPrincipal, {"get"})).ok());
  ASSERT_TRUE(Update(Change(Request::KIND_REMOVE, kPrincipal, {"all"})).ok());
  EXPECT_THAT(Held(kPrincipal), ElementsAre());
  EXPECT_EQ(NewestEvent().changed(0).key_permissions_size(), 0);
}

TEST_F(AccessPoliciesHandlerTest, RemovingAgainChangesNothingButWaits) {
  ASSERT_TRUE(Update(Change(Request::KIND_ADD, kPrincipal, {"get"})).ok());
  const auto first = Update(Change(Request::KIND_REMOVE, kPrincipal, {"all"}));
  const auto second = Update(Change(Request::KIND_REMOVE, kPrincipal, {"all"}));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(env_.Events().size(), 3u);
}

TEST_F(AccessPoliciesHandlerTest, ReplacingTakesFromThoseLeftOut) {
  const auto updated = Update(Change(Request::KIND_REPLACE, kPrincipal, {"all"}));
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_TRUE(updated->has_delivery());
  EXPECT_THAT(Held(kAlice), ElementsAre());
  EXPECT_EQ(Held(kPrincipal).size(), 20u);
  EXPECT_EQ(NewestEvent().changed_size(), 2);
}

TEST_F(AccessPoliciesHandlerTest, ReplacingAgainChangesNothingButWaits) {
  const auto first = Update(Change(Request::KIND_REPLACE, kPrincipal, {"get"}));
  const auto second = Update(Change(Request::KIND_REPLACE, kPrincipal, {"get"}));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(env_.Events().size(), 2u);
}

TEST_F(AccessPoliciesHandlerTest, AsyncReturnsWithoutDelivery) {
  Request request = Change(Request::KIND_REMOVE, kAlice, {"all"});
  request.set_async(true);
  const auto updated = Update(request);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_FALSE(updated->has_delivery());
  EXPECT_THAT(Held(kAlice), ElementsAre());
}

TEST_F(AccessPoliciesHandlerTest, ValidateOnlyShowsWhatWouldBe) {
  Request request = Change(Request::KIND_REMOVE, kAlice, {"all"});
  request.set_validate_only(true);
  const auto updated = Update(request);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->vault().access_policy_size(), 0);
  EXPECT_EQ(Held(kAlice).size(), 20u);
  EXPECT_EQ(env_.Events().size(), 1u);
}

TEST_F(AccessPoliciesHandlerTest, EtagGuardsAgainstLostUpdates) {
  Request request = Change(Request::KIND_ADD, kPrincipal, {"get"});
  request.set_etag("1");
  ASSERT_TRUE(Update(request).ok());
  const absl::Status status = Update(request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ErrorReason(status), "ETAG_MISMATCH");
}

TEST_F(AccessPoliciesHandlerTest, EveryWrongFieldIsNamedAtOnce) {
  Request request = Change(Request::KIND_UNSPECIFIED, "alice", {"get", "release"});
  request.add_entries()->set_principal(kPrincipal);
  *request.add_entries() = Change(Request::KIND_ADD, kPrincipal, {"get"}).entries(0);
  request.set_vault("contoso");
  const absl::Status status = Update(request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(
      std::string(status.message()),
      AllOf(HasSubstr("'vault'"), HasSubstr("'kind'"), HasSubstr("'entries[0].principal'"),
            HasSubstr("'entries[0].key_permissions[1]'"), HasSubstr("'entries[1].key_permissions'"),
            HasSubstr("'entries[2].principal'")));
}

TEST_F(AccessPoliciesHandlerTest, RemovalWithoutPermissionsSaysWhatRemovesThePrincipal) {
  const absl::Status status = Update(Change(Request::KIND_REMOVE, kPrincipal, {})).status();
  EXPECT_EQ(ErrorReason(status), "INVALID_REQUEST");
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("\"all\" stands for all of them: with KIND_REMOVE it removes the"));
}

TEST_F(AccessPoliciesHandlerTest, AtMost1024EntriesFit) {
  Request request;
  request.set_vault("vaults/contoso");
  request.set_kind(Request::KIND_ADD);
  for (int i = 0; i < 1023; ++i) {
    v1::AccessPolicyEntry* entry = request.add_entries();
    entry->set_principal(absl::StrFormat("00000000-0000-0000-0000-%012d", i));
    entry->add_key_permissions("get");
  }
  ASSERT_TRUE(Update(request).ok());
  const absl::Status status = Update(Change(Request::KIND_ADD, kPrincipal, {"get"})).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ErrorReason(status), "TOO_MANY_POLICY_ENTRIES");
}

TEST_F(AccessPoliciesHandlerTest, DeletedVaultIsRefused) {
  v1::DeleteVaultRequest request;
  request.set_name("vaults/contoso");
  ASSERT_TRUE(env_.vaults.Delete(call_, request).ok());
  const absl::Status status = Update(Change(Request::KIND_ADD, kPrincipal, {"get"})).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ErrorReason(status), "VAULT_DELETED");
  EXPECT_THAT(std::string(status.message()), HasSubstr("RecoverVault"));
}

}  // namespace
}  // namespace keyward::key_vault
