// A process that trusts an issuer no longer is killed at each fault point; afterwards all of it has
// happened, or nothing.

#include "services/managed_identity/credential_change.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/auth/principal_store.h"
#include "common/events/events_schema.h"
#include "common/status/status_macros.h"
#include "common/storage/fault_point.h"
#include "services/managed_identity/federation_store.h"
#include "services/managed_identity/handler_fixture.h"
#include "services/managed_identity/schema.h"

namespace keyward::managed_identity {
namespace {

constexpr char kUrlVariable[] = "KEYWARD_CREDENTIAL_TEST_URL";
constexpr char kIssuer[] = "https://cluster.example";
constexpr int kKilled = 137;

// What the process to be killed does. The exit code says that nothing killed it.
[[noreturn]] void DistrustAndExit(const std::string& url) {
  clock::FakeClock clock;
  auto database =
      storage::Database::Open(url, {events::EventsSchema(), auth::AuthSchema(),
                                    storage::RequestIdsSchema(), ManagedIdentitySchema()});
  if (!database.ok()) exit(2);
  events::Outbox outbox("managed_identity", clock);
  auto feed = events::Feed::Create(**database, clock, outbox);
  if (!feed.ok()) exit(3);
  auth::PrincipalDirectory directory;
  const Changes changes({**database, clock, outbox, **feed, directory});
  const absl::Status done = changes.CommitUnasked([](Change& change) {
    return DistrustIssuer(change, TrustedIssuerName::FromTrustedId("cluster")).status();
  });
  exit(done.ok() ? 0 : 4);
}

class CredentialChangeTest : public HandlerFixture {
 protected:
  CredentialChangeTest() {
    MakeTenant("contoso");
    MakeSubscription("prod", "contoso");
    for (const char* id : {"one", "two", "three"}) MakeEnabledIdentity(id, "prod");
    const absl::Status made = changes_->CommitUnasked([](Change& change) -> absl::Status {
      KW_RETURN_IF_ERROR(InsertTrustedIssuer(
          change.tx(),
          {TrustedIssuerName::FromTrustedId("cluster"), kIssuer, "", "", change.now()}));
      for (const char* id : {"one", "two", "three"}) {
        KW_RETURN_IF_ERROR(
            AddCredential(change, {FederatedCredentialName::FromTrustedIds(id, "pod"), kIssuer,
                                   "subject", "keyward", change.now()}));
      }
      return absl::OkStatus();
    });
    EXPECT_TRUE(made.ok()) << made;
    events_before_ = Events().size();
  }

  // Runs this program again, to trust the issuer no longer and to be killed; returns its exit code.
  int DistrustElsewhere(const std::string& fault_point) {
    const pid_t child = fork();
    if (child == 0) {
      setenv(kUrlVariable, temporary_->url().c_str(), 1);
      setenv(storage::kFaultPointVariable, fault_point.c_str(), 1);
      execl("/proc/self/exe", "credential_change_test", nullptr);
      _exit(5);
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  bool Distrusted() {
    const auto found = changes_->Read<std::optional<TrustedIssuer>>([&](storage::Transaction& tx) {
      return FindTrustedIssuer(tx, TrustedIssuerName::FromTrustedId("cluster"));
    });
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() && !found->has_value();
  }

  // Whether every token that was issued until now is dead, or (false) none.
  void ExpectAllOrNothing(bool all) {
    EXPECT_EQ(Distrusted(), all);
    EXPECT_EQ(Events().size(), events_before_ + (all ? 3 : 0));
    for (const char* id : {"one", "two", "three"}) {
      const auto principal = directory_->FindPrincipal(GetIdentity(id).principal_id());
      ASSERT_TRUE(principal.has_value());
      EXPECT_TRUE(principal->active);
      EXPECT_EQ(principal->not_before > clock_.Now(), all);
    }
  }

  size_t events_before_ = 0;
};

TEST_F(CredentialChangeTest, KilledAnywhereBeforeTheCommitNothingHasHappened) {
  for (const char* point :
       {"managed_identity.credential_ended:1", "managed_identity.credential_ended:2",
        "managed_identity.credential_ended:3"}) {
    SCOPED_TRACE(point);
    EXPECT_EQ(DistrustElsewhere(point), kKilled);
    Restart();
    ExpectAllOrNothing(false);
  }
}

TEST_F(CredentialChangeTest, KilledAroundACommitAllOrNothingHasHappened) {
  // Opening the database commits as well, so the change's own commit is one of the first few.
  int whole = 0;
  int absent = 0;
  for (int n = 1; whole == 0 && n < 40; ++n) {
    SCOPED_TRACE(n);
    const int code = DistrustElsewhere(absl::StrCat("storage.before_commit:", n));
    ASSERT_TRUE(code == kKilled || code == 0) << code;
    Restart();
    const bool gone = Distrusted();
    ExpectAllOrNothing(gone);
    EXPECT_EQ(gone, code == 0);
    ++(gone ? whole : absent);
  }
  EXPECT_EQ(whole, 1);
  EXPECT_GE(absent, 1);
}

TEST_F(CredentialChangeTest, KilledAfterTheCommitAllHasHappened) {
  int n = 1;
  while (!Distrusted() && n < 40) {
    const int code = DistrustElsewhere(absl::StrCat("storage.after_commit:", n++));
    ASSERT_EQ(code, kKilled);
    Restart();
    ExpectAllOrNothing(Distrusted());
  }
  ExpectAllOrNothing(true);
}

}  // namespace
}  // namespace keyward::managed_identity

int main(int argc, char** argv) {
  if (const char* url = getenv("KEYWARD_CREDENTIAL_TEST_URL"); url != nullptr) {
    keyward::managed_identity::DistrustAndExit(url);
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
