#include "services/managed_identity/handler_fixture.h"

#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/audit/audit_store.h"
#include "common/auth/principal_store.h"
#include "common/events/events_schema.h"
#include "common/status/status_macros.h"
#include "common/storage/request_ids.h"
#include "keyward/identity/v1/events.pb.h"
#include "services/managed_identity/role_store.h"
#include "services/managed_identity/schema.h"

namespace keyward::managed_identity {

bool WatchedClock::AwaitUntil(absl::Mutex& mutex, const absl::Condition& condition,
                              absl::Duration deadline) const {
  ++waiters_;
  return FakeClock::AwaitUntil(mutex, condition, deadline);
}

void WatchedClock::AwaitWaiter(int seen) const {
  while (waiters_ <= seen) std::this_thread::yield();
}

TestConsumer::TestConsumer(events::Feed& feed, const std::string& service) {
  events::v1::SubscribeRequest::Start start;
  start.set_consumer(service);
  start.set_replica("0");
  absl::StatusOr<std::unique_ptr<events::FeedSession>> session = feed.Subscribe(start);
  EXPECT_TRUE(session.ok()) << session.status();
  session_ = *std::move(session);
}

void TestConsumer::RenewLease() {
  session_->Heartbeat(1);
  while (true) {
    const absl::StatusOr<events::v1::SubscribeResponse> response = session_->Next();
    ASSERT_TRUE(response.ok()) << response.status();
    if (response->has_heartbeat()) return;
  }
}

events::v1::Event TestConsumer::Next() {
  while (true) {
    const absl::StatusOr<events::v1::SubscribeResponse> response = session_->Next();
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok() || response->has_event()) return response->event();
  }
}

void TestConsumer::ApplyUpTo(int64_t sequence) {
  while (Next().sequence() < sequence) {
  }
  EXPECT_TRUE(session_->Acknowledge(sequence).ok());
}

HandlerFixture::HandlerFixture() : temporary_(storage::testing::TemporaryDatabase::Sqlite()) {
  Restart();
  GiveAdministrator(kAlice);
}

void HandlerFixture::GiveAdministrator(const std::string& principal) {
  identity::v1::RoleAssignmentChanged change;
  change.mutable_role_assignment()->set_name("roleAssignments/of-the-fixture");
  change.mutable_role_assignment()->set_principal(principal);
  change.mutable_role_assignment()->set_role(identity::v1::ROLE_ADMINISTRATOR);
  change.mutable_role_assignment()->set_scope("/");
  const RoleAssignment stored = {RoleAssignmentName::FromTrustedId("of-the-fixture"), principal,
                                 identity::v1::ROLE_ADMINISTRATOR, *ResourcePath::Parse("/", ""),
                                 clock_.Now()};
  const absl::Status status = database_->Write([&](storage::Transaction& tx) -> absl::Status {
    KW_RETURN_IF_ERROR(InsertRoleAssignment(tx, stored));
    return directory_->ApplyChange(tx, 1, change);
  });
  EXPECT_TRUE(status.ok()) << status;
}

void HandlerFixture::Restart() {
  changes_ = nullptr;
  feed_ = nullptr;
  database_ = nullptr;
  auto database = storage::Database::Open(
      temporary_->url(), {events::EventsSchema(), auth::AuthSchema(), audit::AuditSchema(),
                          storage::RequestIdsSchema(), ManagedIdentitySchema()});
  EXPECT_TRUE(database.ok()) << database.status();
  database_ = *std::move(database);
  outbox_ = std::make_unique<events::Outbox>("managed_identity", clock_);
  auto feed = events::Feed::Create(*database_, clock_, *outbox_);
  EXPECT_TRUE(feed.ok()) << feed.status();
  feed_ = *std::move(feed);
  directory_ = std::make_unique<auth::PrincipalDirectory>();
  EXPECT_TRUE(directory_->Load(*database_).ok());
  changes_ = std::make_unique<Changes>(
      Changes::Options{*database_, clock_, *outbox_, *feed_, *directory_});
  tenants_ = std::make_unique<TenantHandler>(*changes_);
  subscriptions_ = std::make_unique<SubscriptionHandler>(*changes_);
  identities_ = std::make_unique<IdentityHandler>(*changes_);
  roles_ = std::make_unique<RoleHandler>(*changes_, "keyward.local");
}

server::CallContext HandlerFixture::Call() {
  server::CallContext call;
  call.caller.kind = auth::Caller::Kind::kOperator;
  call.caller.principal = kAlice;
  call.caller.name = "alice";
  call.correlation_id = "c0ffee";
  return call;
}

void HandlerFixture::MakeTenant(const std::string& id) {
  identity::v1::CreateTenantRequest request;
  request.set_tenant_id(id);
  const auto made = tenants_->Create(Call(), request);
  EXPECT_TRUE(made.ok()) << made.status();
}

void HandlerFixture::MakeSubscription(const std::string& id, const std::string& tenant_id) {
  identity::v1::CreateSubscriptionRequest request;
  request.set_subscription_id(id);
  request.mutable_subscription()->set_tenant("tenants/" + tenant_id);
  const auto made = subscriptions_->Create(Call(), request);
  EXPECT_TRUE(made.ok()) << made.status();
}

identity::v1::Identity HandlerFixture::MakeIdentity(const std::string& id,
                                                    const std::string& subscription_id) {
  identity::v1::CreateIdentityRequest request;
  request.set_identity_id(id);
  request.set_resource("accounts/" + id);
  request.set_subscription("subscriptions/" + subscription_id);
  const auto made = identities_->Create(Call(), request);
  EXPECT_TRUE(made.ok()) << made.status();
  return made.value_or(identity::v1::Identity());
}

identity::v1::Identity HandlerFixture::MakeEnabledIdentity(const std::string& id,
                                                           const std::string& subscription_id) {
  MakeIdentity(id, subscription_id);
  return EnableIdentity(id);
}

identity::v1::Identity HandlerFixture::EnableIdentity(const std::string& id) {
  identity::v1::EnableIdentityRequest request;
  request.set_name("identities/" + id);
  const auto enabled = identities_->Enable(Call(), request);
  EXPECT_TRUE(enabled.ok()) << enabled.status();
  return enabled.value_or(identity::v1::Identity());
}

absl::StatusOr<identity::v1::RoleAssignment> HandlerFixture::MakeBobAdministrator(
    const std::string& scope) {
  identity::v1::CreateRoleAssignmentRequest request;
  request.mutable_role_assignment()->set_principal("spiffe://keyward.local/operator/bob");
  request.mutable_role_assignment()->set_role(identity::v1::ROLE_ADMINISTRATOR);
  request.mutable_role_assignment()->set_scope(scope);
  return roles_->Create(Call(), request);
}

identity::v1::Identity HandlerFixture::GetIdentity(const std::string& id) {
  identity::v1::GetIdentityRequest request;
  request.set_name("identities/" + id);
  const auto identity = identities_->Get(Call(), request);
  EXPECT_TRUE(identity.ok()) << identity.status();
  return identity.value_or(identity::v1::Identity());
}

std::vector<events::v1::Event> HandlerFixture::Events() {
  events::v1::ListEventsRequest request;
  request.set_page_size(1000);
  const auto listed = feed_->ListEvents(request);
  EXPECT_TRUE(listed.ok()) << listed.status();
  return {listed->events().begin(), listed->events().end()};
}

std::vector<std::string> HandlerFixture::EventLines() {
  std::vector<std::string> lines;
  for (const events::v1::Event& event : Events()) {
    lines.push_back(
        absl::StrCat(absl::StripPrefix(event.type(), "keyward.identity."), " ", event.subject()));
  }
  return lines;
}

}  // namespace keyward::managed_identity
