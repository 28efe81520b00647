#include "common/server/server.h"

#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/server/client_context.h"
#include "common/server/testing/broken.grpc.pb.h"
#include "common/server/testing/echo_server.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace keyward::server::testing {
namespace {

using ::grpc::health::v1::Health;
using ::grpc::health::v1::HealthCheckRequest;
using ::grpc::health::v1::HealthCheckResponse;
using ::testing::HasSubstr;

absl::Status Wait(EchoService::Stub& stub, absl::Duration timeout = absl::Seconds(30)) {
  grpc::ClientContext context;
  Prepare(context, "wait", timeout);
  EchoResponse response;
  return FromGrpcStatus(stub.Wait(&context, WaitRequest(), &response));
}

// A code or a status of health.
std::string CheckHealth(std::shared_ptr<grpc::Channel> channel, const std::string& service = "") {
  grpc::ClientContext context;
  Prepare(context, "health", absl::Seconds(10));
  HealthCheckRequest request;
  request.set_service(service);
  HealthCheckResponse response;
  const grpc::Status status = Health::NewStub(channel)->Check(&context, request, &response);
  if (!status.ok()) return absl::StatusCodeToString(FromGrpcStatus(status).code());
  return HealthCheckResponse::ServingStatus_Name(response.status());
}

class ServerTest : public ::testing::Test {
 protected:
  std::shared_ptr<grpc::Channel> HealthChannel(EchoServer& server) {
    return grpc::CreateChannel(absl::StrCat("127.0.0.1:", server.server().health_port()),
                               grpc::InsecureChannelCredentials());
  }

  TestAuthority authority_;
  const TlsFiles alice_ = authority_.IssueOperator("alice");
};

TEST_F(ServerTest, KeyFileThatOthersCanReadIsRefusedWithTheRemedy) {
  EchoServer server(authority_, {});
  const std::string key = server.server_options().tls.private_key;
  std::filesystem::permissions(key, std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  const absl::Status status = server.Start();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr(absl::StrCat("chmod 600 ", key)));
}

TEST_F(ServerTest, RootKeyThatOthersCanReadIsRefused) {
  EchoServer server(authority_, {});
  server.server_options().root_key_file = alice_.certificate;
  std::filesystem::permissions(alice_.certificate, std::filesystem::perms(0644));
  EXPECT_THAT(std::string(server.Start().message()), HasSubstr("--root_key_file"));
}

TEST_F(ServerTest, MissingFilesAreNamed) {
  EchoServer server(authority_, {});
  server.server_options().tls.ca = "/nowhere/ca.pem";
  EXPECT_THAT(std::string(server.Start().message()), HasSubstr("/nowhere/ca.pem (--tls_ca)"));
  server.server_options().tls.ca = "";
  EXPECT_THAT(std::string(server.Start().message()), HasSubstr("Set --tls_ca"));
}

TEST_F(ServerTest, PortInUseIsRefused) {
  EchoServer first(authority_, {});
  ASSERT_TRUE(first.Start().ok());
  EchoServer second(authority_, {});
  second.server_options().listen = absl::StrCat("127.0.0.1:", first.server().port());
  EXPECT_EQ(second.Start().code(), absl::StatusCode::kUnavailable);
}

TEST_F(ServerTest, ServiceWithAnUnauthorisedMethodIsNotServed) {
  BrokenService::Service broken;
  EchoServer::Options options;
  options.more_services = {&broken};
  EchoServer server(authority_, options);
  const absl::Status status = server.Start();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("BrokenService.NoOption"));
}

TEST_F(ServerTest, HealthTellsOfEachServiceOnBothPorts) {
  EchoServer server(authority_, {});
  ASSERT_TRUE(server.Start().ok());
  for (const auto& channel : {HealthChannel(server), server.Channel(alice_)}) {
    std::string state = "NOT_SERVING";
    while (state == "NOT_SERVING") state = CheckHealth(channel);
    EXPECT_EQ(state, "SERVING");
    EXPECT_EQ(CheckHealth(channel, "keyward.server.testing.EchoService"), "SERVING");
    EXPECT_EQ(CheckHealth(channel, "keyward.audit.v1.AuditService"), "SERVING");
    EXPECT_EQ(CheckHealth(channel, "grpc.health.v1.Health"), "SERVING");
    EXPECT_EQ(CheckHealth(channel, "no.such.Service"), "NOT_FOUND");
  }
}

TEST_F(ServerTest, HealthPortCarriesNothingElse) {
  EchoServer server(authority_, {});
  ASSERT_TRUE(server.Start().ok());
  auto stub = EchoService::NewStub(HealthChannel(server));
  EXPECT_EQ(Wait(*stub).code(), absl::StatusCode::kUnimplemented);
}

TEST_F(ServerTest, NotServingUntilReadyAndWatchersHear) {
  std::atomic<bool> ready = false;
  EchoServer::Options options;
  options.ready = [&] { return ready.load(); };
  EchoServer server(authority_, options);
  ASSERT_TRUE(server.Start().ok());
  EXPECT_EQ(CheckHealth(HealthChannel(server)), "NOT_SERVING");

  grpc::ClientContext context;
  auto watch = Health::NewStub(HealthChannel(server))->Watch(&context, HealthCheckRequest());
  HealthCheckResponse response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  ready = true;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  std::thread drain([&] { server.server().Drain(); });
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  EXPECT_FALSE(watch->Read(&response));
  drain.join();
}

TEST_F(ServerTest, DrainLetsCallsInFlightFinish) {
  EchoServer server(authority_, {});
  ASSERT_TRUE(server.Start().ok());
  auto stub = server.Stub(alice_);
  absl::Status in_flight = absl::UnknownError("still running");
  std::thread call([&] { in_flight = Wait(*stub); });
  server.gate().AwaitWaiting(1);
  std::thread drain([&] { server.server().Drain(); });
  while (server.server().serving()) std::this_thread::yield();
  server.gate().Open();
  call.join();
  drain.join();
  EXPECT_TRUE(in_flight.ok()) << in_flight;
  EXPECT_EQ(Wait(*stub).code(), absl::StatusCode::kUnavailable);
}

TEST_F(ServerTest, DrainCancelsStreamsThatNeverEnd) {
  EchoServer server(authority_, {});
  ASSERT_TRUE(server.Start().ok());
  server.identities().Grant("spiffe://keyward.local/operator/alice",
                            identity::v1::ROLE_ADMINISTRATOR, "/");
  auto stub = server.Stub(alice_);
  grpc::ClientContext context;
  auto stream = stub->Chat(&context);
  ChatRequest message;
  message.set_endless(true);
  stream->Write(message);
  EchoResponse response;
  ASSERT_TRUE(stream->Read(&response));
  server.server().Drain();
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(ServerTest, OverloadIsRefusedWithRetryInfoAndHealsItself) {
  EchoServer::Options options;
  options.dispatcher = {.workers = 2, .queue = 1};
  EchoServer server(authority_, options);
  ASSERT_TRUE(server.Start().ok());
  auto stub = server.Stub(alice_);
  std::vector<std::thread> calls;
  for (int i = 0; i < 2; ++i) calls.emplace_back([&] { EXPECT_TRUE(Wait(*stub).ok()); });
  server.gate().AwaitWaiting(2);
  // Of two more, one waits in the queue and the other finds it full.
  absl::Mutex mutex;
  std::vector<absl::Status> results;
  for (int i = 0; i < 2; ++i) {
    calls.emplace_back([&] {
      const absl::Status status = Wait(*stub);
      absl::MutexLock lock(&mutex);
      results.push_back(status);
    });
  }
  const auto refused = [&] { return !results.empty(); };
  {
    absl::MutexLock lock(&mutex);
    mutex.Await(absl::Condition(&refused));
    EXPECT_EQ(results[0].code(), absl::StatusCode::kResourceExhausted);
    EXPECT_EQ(ErrorReason(results[0]), "OVERLOADED");
  }
  server.gate().Open();
  for (std::thread& call : calls) call.join();
  EXPECT_TRUE(results[1].ok()) << results[1];
  EXPECT_TRUE(Wait(*stub).ok());
}

TEST_F(ServerTest, DeadlinePassedInTheQueueMeansNothingRuns) {
  // Long enough for the first call to be admitted within it on a busy machine.
  constexpr absl::Duration kLongest = absl::Seconds(2);
  EchoServer::Options options;
  options.dispatcher = {.workers = 1, .queue = 1, .longest_call = kLongest};
  EchoServer server(authority_, options);
  ASSERT_TRUE(server.Start().ok());
  auto stub = server.Stub(alice_);
  std::thread blocking([&] { EXPECT_TRUE(Wait(*stub).ok()); });
  server.gate().AwaitWaiting(1);
  // Of two more, one is refused; by then the other waits in the queue.
  absl::Mutex mutex;
  std::vector<absl::Status> results;
  std::vector<std::thread> calls;
  for (int i = 0; i < 2; ++i) {
    calls.emplace_back([&] {
      const absl::Status status = Wait(*stub);
      absl::MutexLock lock(&mutex);
      results.push_back(status);
    });
  }
  {
    absl::MutexLock lock(&mutex);
    const auto refused = [&] { return !results.empty(); };
    mutex.Await(absl::Condition(&refused));
    EXPECT_EQ(ErrorReason(results[0]), "OVERLOADED");
    // Its deadline passes; nobody can answer it meanwhile.
    const auto answered = [&] { return results.size() == 2; };
    EXPECT_FALSE(mutex.AwaitWithTimeout(absl::Condition(&answered), kLongest));
  }
  server.gate().Open();
  blocking.join();
  for (std::thread& call : calls) call.join();
  EXPECT_EQ(results[1].code(), absl::StatusCode::kDeadlineExceeded);
  server.server().Drain();
  // It got no further than the check of its deadline.
  const std::vector<audit::v1::AuditEntry> entries = server.AuditEntries();
  EXPECT_EQ(entries[0].result(), "DEADLINE_EXCEEDED");
}

TEST_F(ServerTest, CorrelationIdAndDeadlineFollowARequestThroughServices) {
  EchoServer second(authority_, {});
  ASSERT_TRUE(second.Start().ok());
  EchoServer::Options options;
  options.next = second.Channel(authority_.IssueService("friend"));
  EchoServer first(authority_, options);
  ASSERT_TRUE(first.Start().ok());
  grpc::ClientContext context;
  Prepare(context, "followed", absl::Seconds(20));
  RelayRequest request;
  request.set_text("hello");
  EchoResponse response;
  ASSERT_TRUE(first.Stub(alice_)->Relay(&context, request, &response).ok());
  EXPECT_EQ(response.correlation_id(), "followed");
  EXPECT_EQ(response.principal(), "spiffe://keyward.local/service/friend");
  EXPECT_EQ(first.AuditEntries().at(0).correlation_id(), "followed");
  EXPECT_EQ(second.AuditEntries().at(0).correlation_id(), "followed");
}

}  // namespace
}  // namespace keyward::server::testing
