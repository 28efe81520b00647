#include "services/encryption/accounts_handler.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "common/status/error.h"
#include "keyward/encryption/v1/events.pb.h"
#include "services/encryption/testing/encryption_fixture.h"

namespace keyward::encryption::testing {
namespace {

constexpr char kRequestId[] = "7b0c9f7e-2a57-4c1e-9a44-3a1f0b8f6f10";

class AccountsHandlerTest : public EncryptionFixture {
 protected:
  static v1::CreateAccountRequest Request(const std::string& id = "contoso") {
    v1::CreateAccountRequest request;
    request.set_account_id(id);
    v1::Account& account = *request.mutable_account();
    account.set_subscription(kSubscription);
    account.set_resource_group("group-1");
    account.set_region("westeurope");
    account.set_tier("S1");
    return request;
  }
  absl::StatusOr<v1::Account> Create(const v1::CreateAccountRequest& request) {
    return core_->accounts().Create(Call(), request);
  }
  absl::StatusOr<v1::Account> Get(const std::string& id) {
    v1::GetAccountRequest request;
    request.set_name("accounts/" + id);
    return core_->accounts().Get(Call(), request);
  }
};

TEST_F(AccountsHandlerTest, ANewAccountWorksAtOnce) {
  const auto account = Create(Request());
  ASSERT_TRUE(account.ok()) << account.status();
  EXPECT_EQ(account->name(), "accounts/contoso");
  EXPECT_EQ(account->subscription(), kSubscription);
  EXPECT_EQ(account->tenant(), kTenant);
  EXPECT_EQ(account->resource_group(), "group-1");
  EXPECT_EQ(account->region(), "westeurope");
  EXPECT_EQ(account->tier(), "S1");
  EXPECT_EQ(account->identity(), "identities/contoso");
  EXPECT_EQ(account->key_source(), v1::KEY_SOURCE_PLATFORM_MANAGED);
  EXPECT_EQ(account->access().verdict(), v1::VERDICT_ACCESSIBLE);
  EXPECT_FALSE(account->etag().empty());
  EXPECT_TRUE(identities_.HasIdentity(Name("contoso")));
  EXPECT_EQ(Get("contoso")->SerializeAsString(), account->SerializeAsString());
  EXPECT_TRUE(Encrypt("contoso", "uploads", "o", "x").ok());
  ASSERT_EQ(Published("keyward.encryption.AccountCreated").size(), 1u);
  Restart();
  EXPECT_EQ(Get("contoso")->SerializeAsString(), account->SerializeAsString());
}

TEST_F(AccountsHandlerTest, BadRequestsAreRefused) {
  const std::pair<const char*, std::function<void(v1::CreateAccountRequest&)>> kCases[] = {
      {"INVALID_REQUEST", [](auto& r) { r.set_account_id("UPPER"); }},
      {"INVALID_REQUEST", [](auto& r) { r.mutable_account()->set_subscription("sub"); }},
      {"INVALID_REQUEST", [](auto& r) { r.mutable_account()->set_region(""); }},
      {"INVALID_REQUEST", [](auto& r) { r.mutable_account()->set_region("West Europe"); }},
      {"INVALID_REQUEST", [](auto& r) { r.mutable_account()->set_resource_group("a/b"); }},
      {"INVALID_REQUEST",
       [](auto& r) { r.mutable_account()->mutable_upload_retention_grace()->set_seconds(-1); }},
      {"INVALID_REQUEST",
       [](auto& r) {
         r.mutable_account()->mutable_upload_retention_grace()->set_seconds(30 * 86400 + 1);
       }},
      {"TIER_UNKNOWN", [](auto& r) { r.mutable_account()->set_tier("S9"); }},
      {"CUSTOMER_KEY_AT_CREATION",
       [](auto& r) { r.mutable_account()->set_key_source(v1::KEY_SOURCE_CUSTOMER_MANAGED); }},
      {"INVALID_REQUEST", [](auto& r) { r.set_request_id("not-a-uuid"); }},
  };
  for (const auto& [reason, change] : kCases) {
    v1::CreateAccountRequest request = Request();
    change(request);
    EXPECT_EQ(ErrorReason(Create(request).status()), reason) << request.DebugString();
  }
  EXPECT_EQ(ErrorReason(Get("contoso").status()), "ACCOUNT_NOT_FOUND");
}

TEST_F(AccountsHandlerTest, AnUnknownSubscriptionIsRefusedAndALateOneIsWaitedFor) {
  v1::CreateAccountRequest request = Request();
  request.mutable_account()->set_subscription("subscriptions/unknown");
  WhileTimePasses(
      [&] { EXPECT_EQ(ErrorReason(Create(request).status()), "SUBSCRIPTION_UNKNOWN"); });
  EXPECT_EQ(Sql("SELECT COUNT(*) FROM accounts"), "0");
  identities_.CreateSubscription("subscriptions/unknown", kTenant);
  EXPECT_TRUE(Create(request).ok());
}

TEST_F(AccountsHandlerTest, NamesAreTakenOnce) {
  ASSERT_TRUE(Create(Request()).ok());
  EXPECT_EQ(ErrorReason(Create(Request()).status()), "ACCOUNT_EXISTS");
}

TEST_F(AccountsHandlerTest, ARepeatedRequestGetsTheFirstAnswer) {
  v1::CreateAccountRequest request = Request();
  request.set_request_id(kRequestId);
  const auto first = Create(request);
  ASSERT_TRUE(first.ok());
  identities_.SetOutage(absl::UnavailableError("down"));
  const auto second = Create(request);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->SerializeAsString(), first->SerializeAsString());
}

TEST_F(AccountsHandlerTest, WhatAnOutageCutShortIsNotSeenAndThenFinished) {
  identities_.SetOutage(absl::UnavailableError("down"));
  EXPECT_EQ(Create(Request()).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ErrorReason(Get("contoso").status()), "ACCOUNT_NOT_FOUND");
  EXPECT_EQ(core_->accounts().List(Call(), {})->accounts_size(), 0);
  EXPECT_EQ(ErrorReason(Encrypt("contoso", "uploads", "o", "x").status()), "ACCOUNT_NOT_FOUND");
  v1::CreateAccountRequest other = Request();
  other.mutable_account()->set_tier("S2");
  EXPECT_EQ(ErrorReason(Create(other).status()), "ACCOUNT_EXISTS");
  identities_.SetOutage(absl::OkStatus());
  // The same request goes on where it was.
  EXPECT_TRUE(Create(Request()).ok());
  EXPECT_TRUE(Encrypt("contoso", "uploads", "o", "x").ok());
}

TEST_F(AccountsHandlerTest, WhatACrashCutShortIsFinishedByItself) {
  identities_.SetOutage(absl::UnavailableError("down"));
  EXPECT_FALSE(Create(Request()).ok());
  Restart();
  core_->background().RunHousekeeping();
  EXPECT_FALSE(Get("contoso").ok());
  identities_.SetOutage(absl::OkStatus());
  core_->background().RunHousekeeping();
  EXPECT_TRUE(Get("contoso").ok());
  EXPECT_EQ(Published("keyward.encryption.AccountCreated").size(), 1u);
}

TEST_F(AccountsHandlerTest, WhatManagedIdentityRefusesIsUndone) {
  identities_.SetOutage(
      ErrorBuilder(absl::StatusCode::kAlreadyExists, "IDENTITY_EXISTS", "of another resource"));
  EXPECT_EQ(ErrorReason(Create(Request()).status()), "ACCOUNT_EXISTS");
  EXPECT_EQ(Sql("SELECT COUNT(*) FROM accounts"), "0");
  identities_.SetOutage(absl::OkStatus());
  EXPECT_TRUE(Create(Request()).ok());
}

TEST_F(AccountsHandlerTest, ListsPageByPage) {
  for (const char* id : {"aaa", "bbb", "ccc"}) ASSERT_TRUE(Create(Request(id)).ok());
  v1::ListAccountsRequest request;
  request.set_page_size(2);
  const auto first = core_->accounts().List(Call(), request);
  ASSERT_TRUE(first.ok());
  ASSERT_EQ(first->accounts_size(), 2);
  EXPECT_EQ(first->accounts(1).name(), "accounts/bbb");
  request.set_page_token(first->next_page_token());
  const auto second = core_->accounts().List(Call(), request);
  ASSERT_TRUE(second.ok());
  ASSERT_EQ(second->accounts_size(), 1);
  EXPECT_EQ(second->next_page_token(), "");
  request.set_page_token("nonsense");
  EXPECT_EQ(ErrorReason(core_->accounts().List(Call(), request).status()), "INVALID_REQUEST");
}

TEST_F(AccountsHandlerTest, ListTiersSaysWhichHaveCustomerKeys) {
  const auto tiers = core_->accounts().ListTiers(Call(), {});
  ASSERT_TRUE(tiers.ok());
  EXPECT_EQ(tiers->tiers(0).name(), "F0");
  EXPECT_FALSE(tiers->tiers(0).customer_managed_keys());
  EXPECT_TRUE(tiers->tiers(1).customer_managed_keys());
}

TEST_F(AccountsHandlerTest, RolesOnTheSubscriptionOrTenantReachTheAccount) {
  ASSERT_TRUE(Create(Request()).ok());
  const auto above = core_->hierarchy().Ancestors("accounts/contoso");
  ASSERT_TRUE(above.ok());
  EXPECT_EQ(*above, (std::vector<std::string>{"accounts/contoso", kSubscription, kTenant, "/"}));
  EXPECT_EQ(*core_->hierarchy().Ancestors("accounts/nobody"),
            (std::vector<std::string>{"accounts/nobody", "/"}));
  EXPECT_EQ(*core_->hierarchy().Ancestors(kSubscription),
            (std::vector<std::string>{kSubscription, kTenant, "/"}));
}

}  // namespace
}  // namespace keyward::encryption::testing
