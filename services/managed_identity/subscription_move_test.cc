// A process that moves a subscription is killed at each fault point; afterwards all of it has
// happened, or nothing.

#include "services/managed_identity/subscription_move.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/auth/principal_store.h"
#include "common/events/events_schema.h"
#include "common/storage/fault_point.h"
#include "keyward/identity/v1/events.pb.h"
#include "services/managed_identity/attachment_handler.h"
#include "services/managed_identity/handler_fixture.h"
#include "services/managed_identity/schema.h"

namespace keyward::managed_identity {
namespace {

constexpr char kUrlVariable[] = "KEYWARD_MOVE_TEST_URL";
constexpr int kKilled = 137;

// What the process to be killed does. The exit code says that nothing killed it.
[[noreturn]] void MoveAndExit(const std::string& url) {
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
  const absl::Status moved = changes.CommitUnasked([](Change& change) {
    return MoveSubscription(change, SubscriptionName::FromTrustedId("prod"),
                            TenantName::FromTrustedId("fabrikam"))
        .status();
  });
  exit(moved.ok() ? 0 : 4);
}

class SubscriptionMoveTest : public HandlerFixture {
 protected:
  SubscriptionMoveTest() {
    MakeTenant("contoso");
    MakeTenant("fabrikam");
    MakeSubscription("prod", "contoso");
    for (const char* id : {"one", "two", "three"}) MakeEnabledIdentity(id, "prod");
    events_before_ = Events().size();
  }

  // Runs this program again, to move the subscription and to be killed; returns its exit code.
  int MoveElsewhere(const std::string& fault_point) {
    const pid_t child = fork();
    if (child == 0) {
      setenv(kUrlVariable, temporary_->url().c_str(), 1);
      setenv(storage::kFaultPointVariable, fault_point.c_str(), 1);
      execl("/proc/self/exe", "subscription_move_test", nullptr);
      _exit(5);
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  bool Moved() {
    identity::v1::GetSubscriptionRequest request;
    request.set_name("subscriptions/prod");
    const auto subscription = subscriptions_->Get(request);
    EXPECT_TRUE(subscription.ok()) << subscription.status();
    return subscription.ok() && subscription->tenant() == "tenants/fabrikam";
  }

  // Whether every trace of the move is there, or (false) none.
  void ExpectAllOrNothing(bool all) {
    EXPECT_EQ(Moved(), all);
    EXPECT_EQ(Events().size(), events_before_ + (all ? 4 : 0));
    for (const char* id : {"one", "two", "three"}) {
      const identity::v1::Identity identity = GetIdentity(id);
      EXPECT_EQ(identity.state(), all ? identity::v1::Identity::STATE_DISABLED
                                      : identity::v1::Identity::STATE_ENABLED);
      EXPECT_EQ(identity.tenant(), all ? "tenants/fabrikam" : "tenants/contoso");
    }
    for (const events::v1::Event& event : Events()) {
      identity::v1::PrincipalChanged change;
      if (!event.data().UnpackTo(&change)) continue;
      EXPECT_EQ(directory_->FindPrincipal(change.principal_id())->active, !all);
    }
  }

  size_t events_before_ = 0;
};

TEST_F(SubscriptionMoveTest, TheOldTenantsAdministratorsStayBehind) {
  for (const char* scope : {"subscriptions/prod", "identities/one", "accounts/two"}) {
    ASSERT_TRUE(MakeBobAdministrator(scope).ok()) << scope;
  }
  const auto before = roles_->List({})->role_assignments_size();
  EXPECT_EQ(changes_->CommitUnasked([](Change& change) {
    return MoveSubscription(change, SubscriptionName::FromTrustedId("prod"),
                            TenantName::FromTrustedId("fabrikam"))
        .status();
  }),
            absl::OkStatus());
  EXPECT_EQ(roles_->List({})->role_assignments_size(), before - 3);
}

TEST_F(SubscriptionMoveTest, KilledAnywhereBeforeTheCommitNothingHasHappened) {
  for (const char* point :
       {"managed_identity.identity_transferred:1", "managed_identity.identity_transferred:2",
        "managed_identity.identity_transferred:3"}) {
    SCOPED_TRACE(point);
    EXPECT_EQ(MoveElsewhere(point), kKilled);
    Restart();
    ExpectAllOrNothing(false);
  }
}

TEST_F(SubscriptionMoveTest, KilledWhileItDetachesWhatStaysBehindNothingHasHappened) {
  MakeSubscription("kept", "contoso");
  identity::v1::CreateUserAssignedIdentityRequest create;
  create.set_identity_id("shared");
  create.set_subscription("subscriptions/kept");
  const AttachmentHandler attachments(*changes_);
  ASSERT_TRUE(attachments.CreateUserAssigned(Call(), create).ok());
  for (const char* account : {"accounts/one", "accounts/two"}) {
    identity::v1::AttachIdentityRequest attach;
    attach.set_name("identities/shared");
    attach.set_resource(account);
    ASSERT_TRUE(attachments.Attach(Call(), attach).ok());
  }
  events_before_ = Events().size();
  for (const char* point :
       {"managed_identity.identity_detached:1", "managed_identity.identity_detached:2"}) {
    SCOPED_TRACE(point);
    EXPECT_EQ(MoveElsewhere(point), kKilled);
    Restart();
    ExpectAllOrNothing(false);
    EXPECT_EQ(GetIdentity("shared").attached_to_size(), 2);
  }
  // Nobody kills it now: the move, three transfers, and both attachments gone.
  EXPECT_EQ(MoveElsewhere("managed_identity.identity_detached:3"), 0);
  Restart();
  EXPECT_TRUE(Moved());
  EXPECT_EQ(GetIdentity("shared").attached_to_size(), 0);
  EXPECT_EQ(GetIdentity("shared").state(), identity::v1::Identity::STATE_ENABLED);
  EXPECT_EQ(Events().size(), events_before_ + 6);
}

TEST_F(SubscriptionMoveTest, KilledAroundACommitAllOrNothingHasHappened) {
  // Opening the database commits as well, so the move's own commit is one of the first few.
  int whole = 0;
  int absent = 0;
  for (int n = 1; whole == 0 && n < 40; ++n) {
    SCOPED_TRACE(n);
    const int code = MoveElsewhere(absl::StrCat("storage.before_commit:", n));
    ASSERT_TRUE(code == kKilled || code == 0) << code;
    Restart();
    const bool moved = Moved();
    ExpectAllOrNothing(moved);
    EXPECT_EQ(moved, code == 0);
    ++(moved ? whole : absent);
  }
  EXPECT_EQ(whole, 1);
  EXPECT_GE(absent, 1);
}

TEST_F(SubscriptionMoveTest, KilledAfterTheCommitAllHasHappened) {
  int n = 1;
  while (!Moved() && n < 40) {
    const int code = MoveElsewhere(absl::StrCat("storage.after_commit:", n++));
    ASSERT_EQ(code, kKilled);
    Restart();
    ExpectAllOrNothing(Moved());
  }
  ExpectAllOrNothing(true);
}

}  // namespace
}  // namespace keyward::managed_identity

int main(int argc, char** argv) {
  if (const char* url = getenv("KEYWARD_MOVE_TEST_URL"); url != nullptr) {
    keyward::managed_identity::MoveAndExit(url);
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
