// An outage is not a revocation. With the key vault gone for 30 seconds, translation is suspended
// after the lease; with managed_identity gone, whatever needs to know who calls and what may be
// done is. Nothing is destroyed, and everything resumes by itself.

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/synchronization/notification.h"
#include "common/status/error.h"
#include "tests/mission/customer.h"
#include "tests/mission/suite.h"

namespace keyward::mission {
namespace {

constexpr absl::Duration kOutage = absl::Seconds(30);
constexpr absl::Duration kLease = absl::Seconds(10);

TEST(OutageTest, KeyVaultGoneForHalfAMinuteSuspendsAndDestroysNothing) {
  auto suite = Suite::Start(testing::TempDir() + "/outage");
  ASSERT_TRUE(suite.ok()) << suite.status();
  Client client((*suite)->EndpointsFor());
  Customer customer(client, "adatum");
  ASSERT_EQ(customer.SetUpSmall(), absl::OkStatus());
  ASSERT_EQ(customer.TranslateOnce("The door is open.").status(), absl::OkStatus());
  auto documents = customer.ListDocuments();
  ASSERT_EQ(documents.status(), absl::OkStatus());
  ASSERT_EQ(documents->size(), 2u);

  ASSERT_EQ((*suite)->Kill("key_vault"), absl::OkStatus());
  const absl::Time gone = absl::Now();
  // When the last translation that succeeded was asked for.
  absl::Time served = gone;
  bool suspended = false;
  absl::Status why;
  while (absl::Now() < gone + kOutage) {
    const absl::Time asked = absl::Now();
    const absl::Status status = customer.TranslateOnce("The door is open.").status();
    if (!status.ok() && !suspended) {
      suspended = true;
      why = status;
    }
    if (status.ok()) served = asked;
    // Once suspended, it stays so: nothing was served on old knowledge in between.
    if (suspended) {
      EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    }
    absl::Notification().WaitForNotificationWithTimeout(absl::Milliseconds(100));
  }
  EXPECT_TRUE(absl::IsUnavailable(why)) << why;
  EXPECT_EQ(ErrorReason(why), "ACCESS_UNVERIFIED");
  // The lease bounds how long old knowledge was trusted.
  EXPECT_LT(served - gone, kLease);

  ASSERT_EQ((*suite)->StartServer("key_vault"), absl::OkStatus());
  EXPECT_EQ(customer.Translate("The door is open.").status(), absl::OkStatus());
  documents = customer.ListDocuments();
  ASSERT_EQ(documents.status(), absl::OkStatus());
  EXPECT_EQ(documents->size(), 2u);
  auto content = client.Download(customer.workspace() + "/documents/phrases");
  ASSERT_EQ(content.status(), absl::OkStatus());
  EXPECT_EQ(*content, "encryption key\tclave de cifrado\n");
  auto receipts = customer.ListReceipts(deployment::v1::Receipt::KIND_REVOCATION);
  ASSERT_EQ(receipts.status(), absl::OkStatus());
  EXPECT_TRUE(receipts->empty());
  auto settings = customer.GetSettings();
  ASSERT_EQ(settings.status(), absl::OkStatus());
  EXPECT_EQ(settings->access().verdict(), encryption::v1::VERDICT_ACCESSIBLE);
}

// One thing that needs managed_identity, tried once.
struct Probe {
  std::string what;
  std::function<absl::Status()> call;
  // The reasons that callers may get while it is suspended, whichever lease ends first.
  std::vector<std::string> reasons;
};

// Calls until the probe succeeds, or fails as it does while it is suspended; returns what it said
// last. No more than a minute.
absl::Status AwaitOutcome(const Probe& probe, bool works) {
  const absl::Time give_up = absl::Now() + absl::Minutes(1);
  absl::Status status = probe.call();
  while (status.ok() != works && absl::Now() < give_up) {
    absl::Notification().WaitForNotificationWithTimeout(absl::Milliseconds(100));
    status = probe.call();
  }
  return status;
}

TEST(OutageTest, ManagedIdentityGoneSuspendsWhatNeedsIt) {
  auto suite = Suite::Start(testing::TempDir() + "/identity_outage");
  ASSERT_TRUE(suite.ok()) << suite.status();
  Client client((*suite)->EndpointsFor());
  Customer customer(client, "wingtip");
  ASSERT_EQ(customer.SetUpSmall(), absl::OkStatus());
  identity::v1::IssueTokenRequest issue;
  issue.set_identity(customer.identity());
  issue.set_audience("key_vault");
  const auto token =
      client.Call(*client.tokens, &identity::v1::TokenService::Stub::IssueToken, issue);
  ASSERT_EQ(token.status(), absl::OkStatus());
  const std::vector<Probe> probes = {
      {"key_vault, with a token",
       [&] {
         grpc::ClientContext context;
         Client::SetDeadline(context);
         context.AddMetadata("authorization", "Bearer " + token->token());
         keyvault::v1::WrapKeyRequest wrap;
         wrap.set_name(customer.key());
         wrap.set_algorithm(keyvault::v1::WRAP_ALGORITHM_RSA_OAEP_256);
         wrap.set_plaintext("0123456789abcdef");
         keyvault::v1::WrapKeyResponse response;
         return FromGrpcStatus(client.cryptography->WrapKey(&context, wrap, &response));
       },
       {"FEED_STALE"}},
      {"encryption, by an operator's role",
       [&] {
         encryption::v1::GetEncryptionSettingsRequest get;
         get.set_account(customer.account());
         return client
             .CallOnce(*client.settings,
                       &encryption::v1::EncryptionSettingsService::Stub::GetEncryptionSettings, get)
             .status();
       },
       {"FEED_STALE"}},
      {"model_deployment, by an operator's role",
       [&] { return customer.TranslateOnce("The door is open.").status(); },
       {"FEED_STALE", "ACCESS_UNVERIFIED"}},
  };
  for (const Probe& probe : probes) EXPECT_EQ(AwaitOutcome(probe, true), absl::OkStatus());

  ASSERT_EQ((*suite)->Kill("managed_identity"), absl::OkStatus());
  for (const Probe& probe : probes) {
    SCOPED_TRACE(probe.what);
    const absl::Status suspended = AwaitOutcome(probe, false);
    EXPECT_TRUE(absl::IsUnavailable(suspended)) << suspended;
    EXPECT_TRUE(absl::c_linear_search(probe.reasons, ErrorReason(suspended))) << suspended;
  }
  // Once suspended, it stays so.
  for (const Probe& probe : probes) {
    EXPECT_TRUE(absl::IsUnavailable(probe.call())) << probe.what;
  }

  ASSERT_EQ((*suite)->StartServer("managed_identity"), absl::OkStatus());
  for (const Probe& probe : probes) {
    EXPECT_EQ(AwaitOutcome(probe, true), absl::OkStatus()) << probe.what;
  }
  const auto settings = customer.GetSettings();
  ASSERT_EQ(settings.status(), absl::OkStatus());
  EXPECT_EQ(settings->access().verdict(), encryption::v1::VERDICT_ACCESSIBLE);
  const auto documents = customer.ListDocuments();
  ASSERT_EQ(documents.status(), absl::OkStatus());
  EXPECT_EQ(documents->size(), 2u);
}

}  // namespace
}  // namespace keyward::mission
