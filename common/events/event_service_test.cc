// The event service as every server runs it: mutual TLS, dispatcher, audit.

#include "common/events/event_service.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/auth/resource_hierarchy.h"
#include "common/auth/testing/test_identities.h"
#include "common/events/follower.h"
#include "common/events/testing/node.h"
#include "common/server/application.h"
#include "common/server/client_context.h"
#include "common/server/testing/test_authority.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "common/storage/testing/temporary_database.h"
#include "gmock/gmock.h"
#include "google/protobuf/empty.pb.h"
#include "gtest/gtest.h"

namespace keyward::events {
namespace {

using auth::testing::TestIdentities;
using server::testing::TestAuthority;
using storage::testing::TemporaryDatabase;
using ::testing::ElementsAre;
using testing::Eventually;

constexpr char kServerId[] = "spiffe://keyward.local/service/key_vault";
constexpr char kAlice[] = "spiffe://keyward.local/operator/alice";

class NoHierarchy : public auth::ResourceHierarchy {
 public:
  absl::StatusOr<std::vector<std::string>> Ancestors(absl::string_view resource) override {
    return std::vector<std::string>{std::string(resource), "/"};
  }
};

// A service with nothing of its own.
class BareApplication : public server::Application {
 public:
  explicit BareApplication(server::Foundation& foundation) {
    foundation.MakeDispatcher(hierarchy_);
    foundation.SetIdentityFreshness([] { return absl::OkStatus(); });
  }
  std::vector<grpc::Service*> services() override { return {}; }

 private:
  NoHierarchy hierarchy_;
};

class CountingHandler : public EventHandler {
 public:
  absl::Status Apply(storage::Transaction&, const v1::Event&) override { return absl::OkStatus(); }
};

class EventServiceTest : public ::testing::Test {
 protected:
  EventServiceTest() {
    options_.tls = authority_.IssueService("key_vault");
    options_.database = databases_[0]->url();
    auto running = server::RunningService::Start(
        "key_vault", options_, {},
        [](server::Foundation& foundation) -> absl::StatusOr<std::unique_ptr<server::Application>> {
          return std::make_unique<BareApplication>(foundation);
        },
        clock::RealClock());
    EXPECT_TRUE(running.ok()) << running.status();
    running_ = *std::move(running);
    TestIdentities(foundation().database(), foundation().principals(), clock::RealClock())
        .Grant(kAlice, identity::v1::ROLE_ADMINISTRATOR, "/");
  }

  server::Foundation& foundation() { return running_->foundation(); }

  std::shared_ptr<grpc::Channel> Channel(const server::TlsFiles& files) {
    return server::MakeChannel(absl::StrCat("127.0.0.1:", running_->server().port()), files,
                               kServerId);
  }

  void Publish() {
    const absl::Status status = foundation().database().Write([&](storage::Transaction& tx) {
      return foundation()
          .outbox()
          .Append(tx, {.type = "t", .subject = "vaults/v", .data = google::protobuf::Empty()})
          .status();
    });
    EXPECT_TRUE(status.ok()) << status;
  }

  // How a stream ends whose first request this is.
  absl::Status EndOf(const server::TlsFiles& files, const v1::SubscribeRequest& first) {
    auto stub = v1::EventService::NewStub(Channel(files));
    grpc::ClientContext context;
    server::Prepare(context, "test-correlation", absl::Seconds(30));
    auto stream = stub->Subscribe(&context);
    stream->Write(first);
    v1::SubscribeResponse response;
    EXPECT_FALSE(stream->Read(&response));
    return FromGrpcStatus(stream->Finish());
  }

  TestAuthority authority_;
  const std::unique_ptr<TemporaryDatabase> databases_[2] = {TemporaryDatabase::Sqlite(),
                                                            TemporaryDatabase::Sqlite()};
  server::ServerOptions options_;
  std::unique_ptr<server::RunningService> running_;
};

v1::SubscribeRequest StartAs(const std::string& consumer) {
  v1::SubscribeRequest request;
  request.mutable_start()->set_consumer(consumer);
  request.mutable_start()->set_replica("0");
  return request;
}

TEST_F(EventServiceTest, ServiceFollowsAndOperatorsWatchIt) {
  auto node = testing::Node("encryption", databases_[1]->url(), clock::RealClock());
  CountingHandler handler;
  Follower::Options options;
  options.source = "key_vault";
  options.consumer = "encryption";
  options.channel = Channel(authority_.IssueService("encryption"));
  auto follower = Follower::Create(options, node.database(), clock::RealClock(), handler);
  ASSERT_TRUE(follower.ok()) << follower.status();
  (*follower)->Start();
  ASSERT_TRUE(Eventually([&] { return (*follower)->lease().fresh(); }));
  Publish();

  auto stub = v1::EventService::NewStub(Channel(authority_.IssueOperator("alice")));
  grpc::ClientContext wait_context, list_context, consumers_context;
  v1::WaitForDeliveryRequest wait;
  wait.set_sequence(1);
  v1::WaitForDeliveryResponse delivered;
  absl::Status status = FromGrpcStatus(stub->WaitForDelivery(&wait_context, wait, &delivered));
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(delivered.delivery().applied(), ElementsAre("encryption/0"));
  EXPECT_EQ((*follower)->applied(), 1);

  v1::ListEventsResponse events;
  status = FromGrpcStatus(stub->ListEvents(&list_context, {}, &events));
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(events.events_size(), 1);
  v1::ListConsumersResponse consumers;
  status = FromGrpcStatus(stub->ListConsumers(&consumers_context, {}, &consumers));
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(consumers.consumers_size(), 1);
  EXPECT_TRUE(consumers.consumers(0).fresh());
  // A server that drains ends the stream, and does not wait for a follower that would never end.
  running_ = nullptr;
  EXPECT_TRUE(Eventually([&] { return (*follower)->state() == Follower::State::kConnecting; }));
}

TEST_F(EventServiceTest, NobodyFollowsUnderAnothersName) {
  EXPECT_EQ(ErrorReason(EndOf(authority_.IssueService("model_deployment"), StartAs("encryption"))),
            "NOT_THE_CONSUMER");
  EXPECT_EQ(
      ErrorReason(EndOf(authority_.IssueService("managed_identity"), StartAs("managed_identity"))),
      "NOT_AUTHORIZED");
  EXPECT_EQ(ErrorReason(EndOf(authority_.IssueOperator("alice"), StartAs("alice"))),
            "NOT_AUTHORIZED");
}

TEST_F(EventServiceTest, WrongRequestsEndTheStreamWithTheirReason) {
  const server::TlsFiles files = authority_.IssueService("encryption");
  v1::SubscribeRequest ahead = StartAs("encryption");
  ahead.mutable_start()->set_after_sequence(9);
  EXPECT_EQ(ErrorReason(EndOf(files, ahead)), "SEQUENCE_AHEAD");
  v1::SubscribeRequest no_start;
  no_start.mutable_heartbeat()->set_request_id(1);
  EXPECT_EQ(ErrorReason(EndOf(files, no_start)), "INVALID_REQUEST");

  auto stub = v1::EventService::NewStub(Channel(files));
  grpc::ClientContext context;
  auto stream = stub->Subscribe(&context);
  stream->Write(StartAs("encryption"));
  v1::SubscribeRequest too_much;
  too_much.mutable_acknowledge()->set_sequence(1);
  stream->Write(too_much);
  v1::SubscribeResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(ErrorReason(FromGrpcStatus(stream->Finish())), "ACKNOWLEDGED_TOO_MUCH");
}

TEST_F(EventServiceTest, WithoutARoleNobodyReads) {
  auto stub = v1::EventService::NewStub(Channel(authority_.IssueOperator("mallory")));
  grpc::ClientContext context;
  v1::ListEventsResponse events;
  EXPECT_EQ(ErrorReason(FromGrpcStatus(stub->ListEvents(&context, {}, &events))), "NOT_AUTHORIZED");
}

}  // namespace
}  // namespace keyward::events
