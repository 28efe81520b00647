// The service as others meet it: a real server over mutual TLS, called through its stubs, with
// peers over gRPC and their feeds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/status/error.h"
#include "keyward/audit/v1/audit.grpc.pb.h"
#include "keyward/events/v1/events.grpc.pb.h"
#include "services/encryption/testing/service_fixture.h"

namespace keyward::encryption::testing {
namespace {

using EncryptionServiceTest = ServiceFixture;

TEST_F(EncryptionServiceTest, ACustomerKeyGuardsTheAccountUntilItIsTakenAway) {
  EnableAndGrant();
  const auto deployment = AsService("model_deployment");
  const auto made = DataKey(deployment);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->customer_key_version(), version_);
  const auto opened = OpenDataKey(deployment, made->header());
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->inner_key(), made->inner_key());

  const int unwraps = key_vault_.unwraps();
  key_vault_.SetEnabled(kServiceKey, false);
  absl::StatusOr<v1::DecryptDataKeyResponse> refused = absl::UnknownError("");
  ASSERT_TRUE(Eventually([&] {
    refused = OpenDataKey(deployment, made->header());
    return !refused.ok();
  }));
  EXPECT_EQ(ErrorReason(refused.status()), "ACCESS_DENIED");
  EXPECT_EQ(ErrorMetadata(refused.status(), "cause"), "KEY_DISABLED");
  EXPECT_EQ(ErrorMetadata(refused.status(), "account"), "accounts/contoso");
  EXPECT_THAT(ErrorMetadata(refused.status(), "event"), ::testing::StartsWith("key_vault/"));
  EXPECT_FALSE(ErrorMetadata(refused.status(), "since").empty());
  EXPECT_EQ(key_vault_.unwraps(), unwraps);

  key_vault_.SetEnabled(kServiceKey, true);
  ASSERT_TRUE(Eventually([&] { return DataKey(deployment).ok(); }));
  EXPECT_EQ(ErrorReason(OpenDataKey(deployment, made->header()).status()), "SCOPE_DESTROYED");
}

TEST_F(EncryptionServiceTest, OnlyThoseMayWhoAreAllowedTo) {
  EXPECT_EQ(ErrorReason(CreateAccount(As("reader")).status()), "NOT_AUTHORIZED");
  EXPECT_EQ(ErrorReason(CreateAccount(As("stranger")).status()), "NOT_AUTHORIZED");
  EXPECT_EQ(ErrorReason(CreateAccount(AsService("model_deployment")).status()), "NOT_AUTHORIZED");
  ASSERT_TRUE(CreateAccount(As("alice")).ok());
  EXPECT_EQ(ErrorReason(EnableKey(As("reader")).status()), "NOT_AUTHORIZED");
  EXPECT_EQ(ErrorReason(DataKey(As("reader")).status()), "NOT_AUTHORIZED");
  EXPECT_EQ(ErrorReason(DataKey(AsService("key_vault")).status()), "NOT_AUTHORIZED");
  EXPECT_TRUE(DataKey(AsService("model_deployment")).ok());
  v1::ReportUsageRequest usage;
  usage.set_account("accounts/contoso");
  EXPECT_EQ(ErrorReason(Call(*v1::DataService::NewStub(As("alice")),
                             &v1::DataService::Stub::ReportUsage, usage)
                            .status()),
            "NOT_AUTHORIZED");
  v1::GetAccountRequest get;
  get.set_name("accounts/contoso");
  EXPECT_TRUE(
      Call(*v1::AccountService::NewStub(As("reader")), &v1::AccountService::Stub::GetAccount, get)
          .ok());
  EXPECT_EQ(ErrorReason(Call(*v1::AccountService::NewStub(As("stranger")),
                             &v1::AccountService::Stub::GetAccount, get)
                            .status()),
            "NOT_AUTHORIZED");
}

TEST_F(EncryptionServiceTest, ARoleOnTheTenantReachesItsAccountsAndNoOthers) {
  ASSERT_TRUE(CreateAccount(As("alice")).ok());
  GiveRole("operator/owner", identity::v1::ROLE_ENCRYPTION_OPERATOR, "tenants/contoso");
  GiveRole("operator/foreigner", identity::v1::ROLE_ENCRYPTION_OPERATOR, "tenants/fabrikam");
  v1::GetEncryptionSettingsRequest get;
  get.set_account("accounts/contoso");
  const auto settings_as = [&](const std::string& name) {
    return Call(*v1::EncryptionSettingsService::NewStub(As(name)),
                &v1::EncryptionSettingsService::Stub::GetEncryptionSettings, get);
  };
  EXPECT_TRUE(Eventually([&] { return settings_as("owner").ok(); }));
  EXPECT_EQ(ErrorReason(settings_as("foreigner").status()), "NOT_AUTHORIZED");
}

TEST_F(EncryptionServiceTest, CallsAreAuditedWithTheKeyVersionAndRefusalsToo) {
  EnableAndGrant();
  EXPECT_FALSE(EnableKey(As("reader")).ok());
  audit::v1::ListAuditEntriesRequest request;
  request.set_resource("accounts/contoso");
  const auto entries = Call(*audit::v1::AuditService::NewStub(As("alice")),
                            &audit::v1::AuditService::Stub::ListAuditEntries, request);
  ASSERT_TRUE(entries.ok()) << entries.status();
  bool enabled = false, refused = false;
  for (const auto& entry : entries->entries()) {
    if (entry.operation() !=
        "keyward.encryption.v1.EncryptionSettingsService/EnableCustomerManagedKey") {
      continue;
    }
    if (entry.result() == "OK") enabled = entry.details().at("key_version") == version_;
    if (entry.reason() == "NOT_AUTHORIZED") {
      refused = entry.principal() == "spiffe://keyward.local/operator/reader";
    }
  }
  EXPECT_TRUE(enabled);
  EXPECT_TRUE(refused);
}

TEST_F(EncryptionServiceTest, WhatHappenedBeforeARestartStillHolds) {
  EnableAndGrant();
  const auto made = DataKey(AsService("model_deployment"));
  ASSERT_TRUE(made.ok());
  running_.reset();
  Start();
  const auto opened = OpenDataKey(AsService("model_deployment"), made->header());
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->outer_key(), made->outer_key());
  running_.reset();
  identities_.DisableIdentity(AccountName::FromTrustedId("contoso"));
  Start();
  const auto refused = OpenDataKey(AsService("model_deployment"), made->header());
  EXPECT_EQ(ErrorMetadata(refused.status(), "cause"), "IDENTITY_DISABLED");
}

TEST_F(EncryptionServiceTest, ItsOwnFeedTellsOfTheLossAndWhatCausedIt) {
  EnableAndGrant();
  const std::string cause = identities_.DisableIdentity(AccountName::FromTrustedId("contoso"));
  events::v1::ListEventsRequest request;
  request.set_subject("accounts/contoso");
  events::v1::Event last;
  ASSERT_TRUE(Eventually([&] {
    const auto events = Call(*events::v1::EventService::NewStub(As("alice")),
                             &events::v1::EventService::Stub::ListEvents, request);
    if (events.ok() && events->events_size() > 0) last = *events->events().rbegin();
    return last.type() == "keyward.encryption.AccessLost";
  }));
  EXPECT_EQ(last.caused_by(), cause);
  audit::v1::ListAuditEntriesRequest audited;
  audited.set_correlation_id(last.correlation_id());
  const auto entries = Call(*audit::v1::AuditService::NewStub(As("alice")),
                            &audit::v1::AuditService::Stub::ListAuditEntries, audited);
  ASSERT_TRUE(entries.ok()) << entries.status();
  ASSERT_EQ(entries->entries_size(), 1);
  EXPECT_EQ(entries->entries(0).operation(), "background/AccessLost");
  EXPECT_EQ(entries->entries(0).details().at("cause"), "IDENTITY_DISABLED");
  EXPECT_EQ(entries->entries(0).details().at("event"), cause);
  EXPECT_EQ(last.source(), "encryption");
}

}  // namespace
}  // namespace keyward::encryption::testing
