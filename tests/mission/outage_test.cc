// An outage is not a revocation: with the key vault gone for 30 seconds, translation is suspended
// after the lease, nothing is destroyed, and everything resumes by itself.

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace keyward::mission
