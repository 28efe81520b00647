#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_HANDLER_FIXTURE_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_HANDLER_FIXTURE_H_

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "common/auth/principal_directory.h"
#include "common/clock/clock.h"
#include "common/events/feed.h"
#include "common/events/outbox.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "common/storage/testing/temporary_database.h"
#include "services/managed_identity/changes.h"
#include "services/managed_identity/identity_handler.h"
#include "services/managed_identity/role_handler.h"
#include "services/managed_identity/subscription_handler.h"
#include "services/managed_identity/tenant_handler.h"

namespace keyward::managed_identity {

inline constexpr char kAlice[] = "spiffe://keyward.local/operator/alice";
inline constexpr char kRequestId[] = "7b0c9f7e-2a57-4c1e-9a44-3a1f0b8f6f10";

// A clock that tells when somebody waits by it.
class WatchedClock : public clock::FakeClock {
 public:
  bool AwaitUntil(absl::Mutex& mutex, const absl::Condition& condition,
                  absl::Duration deadline) const override ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);

  // Returns once somebody has begun to wait after `seen` others.
  void AwaitWaiter(int seen) const;
  int waiters() const { return waiters_; }

 private:
  mutable std::atomic<int> waiters_{0};
};

// A service that follows this one, as the feed sees it.
class TestConsumer {
 public:
  TestConsumer(events::Feed& feed, const std::string& service);

  // Asks for a heartbeat and waits for it: from now on the feed believes this consumer fresh.
  void RenewLease();
  // Waits for the next event.
  events::v1::Event Next();
  // Waits for the event with this sequence and acknowledges it.
  void ApplyUpTo(int64_t sequence);

 private:
  std::unique_ptr<events::FeedSession> session_;
};

// The handlers over a real database in a folder of the test, a fake clock and the real feed. The
// directory knows alice as administrator, without an event.
class HandlerFixture : public ::testing::Test {
 protected:
  HandlerFixture();

  // Everything anew over the same database, as after a restart.
  void Restart();

  // A call by alice.
  static server::CallContext Call();

  // Short-hands that must succeed.
  void MakeTenant(const std::string& id);
  void MakeSubscription(const std::string& id, const std::string& tenant_id);
  // Of "accounts/{id}", not enabled.
  identity::v1::Identity MakeIdentity(const std::string& id, const std::string& subscription_id);
  identity::v1::Identity MakeEnabledIdentity(const std::string& id,
                                             const std::string& subscription_id);
  identity::v1::Identity EnableIdentity(const std::string& id);
  identity::v1::Identity GetIdentity(const std::string& id);
  // Makes bob administrator of `scope`; returns what CreateRoleAssignment does.
  absl::StatusOr<identity::v1::RoleAssignment> MakeBobAdministrator(const std::string& scope);

  // All events so far.
  std::vector<events::v1::Event> Events();
  // Their types, without "keyward.identity.", and subjects: "IdentityEnabled identities/one".
  std::vector<std::string> EventLines();

  std::unique_ptr<storage::testing::TemporaryDatabase> temporary_;
  WatchedClock clock_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<events::Outbox> outbox_;
  std::unique_ptr<events::Feed> feed_;
  std::unique_ptr<auth::PrincipalDirectory> directory_;
  std::unique_ptr<Changes> changes_;
  std::unique_ptr<TenantHandler> tenants_;
  std::unique_ptr<SubscriptionHandler> subscriptions_;
  std::unique_ptr<IdentityHandler> identities_;
  std::unique_ptr<RoleHandler> roles_;

 private:
  void GiveAdministrator(const std::string& principal);
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_HANDLER_FIXTURE_H_
