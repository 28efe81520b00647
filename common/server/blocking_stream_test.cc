// Streams that block their handler and nothing else, over gRPC.
#include "common/server/blocking_stream.h"

#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "common/server/client_context.h"
#include "common/server/testing/echo_server.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"

namespace keyward::server::testing {
namespace {

// A server that serves two streams at a time and does not wait long for their end.
EchoServer::Options Small() {
  EchoServer::Options options;
  options.dispatcher.streams = 2;
  options.drain_timeout = absl::Milliseconds(200);
  return options;
}

class BlockingStreamTest : public ::testing::Test {
 protected:
  BlockingStreamTest() : server_(authority_, Small()) {
    const absl::Status started = server_.Start();
    EXPECT_TRUE(started.ok()) << started;
    stub_ = server_.Stub(authority_.IssueOperator("alice"));
  }

  void Grant() {
    server_.identities().Grant("spiffe://keyward.local/operator/alice",
                               identity::v1::ROLE_ADMINISTRATOR, "shelves/1");
  }

  // A talk under way.
  struct Talk {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReaderWriter<TalkRequest, EchoResponse>> stream;

    absl::Status Finish() { return FromGrpcStatus(stream->Finish()); }
  };
  std::unique_ptr<Talk> Begin() {
    auto talk = std::make_unique<Talk>();
    Prepare(talk->context, "test-correlation", absl::Seconds(60), "");
    talk->stream = stub_->Talk(&talk->context);
    return talk;
  }
  static bool Say(Talk& talk, const std::string& text, int patience = 0) {
    TalkRequest message;
    message.set_name("things/1");
    message.set_text(text);
    message.set_patience(patience);
    return talk.stream->Write(message);
  }
  static std::string Hear(Talk& talk) {
    EchoResponse response;
    return talk.stream->Read(&response) ? response.text() : "";
  }

  TestAuthority authority_;
  EchoServer server_;
  std::unique_ptr<EchoService::Stub> stub_;
};

TEST_F(BlockingStreamTest, MessagesGoBothWaysAndTheEndIsSeen) {
  Grant();
  const auto talk = Begin();
  for (const char* text : {"one", "two", "three"}) {
    ASSERT_TRUE(Say(*talk, text));
    EXPECT_EQ(Hear(*talk), text);
  }
  talk->stream->WritesDone();
  EXPECT_EQ(Hear(*talk), "");
  EXPECT_TRUE(talk->Finish().ok());
  const std::vector<audit::v1::AuditEntry> entries = server_.AuditEntries();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].details().at("stream"), "closed");
  EXPECT_EQ(entries[1].details().at("stream"), "opened");
  EXPECT_EQ(entries[1].resource(), "things/1");
  EXPECT_EQ(entries[1].operation(), "keyward.server.testing.EchoService/Talk");
}

TEST_F(BlockingStreamTest, ItIsAuthorisedByItsFirstMessage) {
  const auto talk = Begin();
  Say(*talk, "hello");
  EXPECT_EQ(Hear(*talk), "");
  EXPECT_EQ(ErrorReason(talk->Finish()), "NOT_AUTHORIZED");
  ASSERT_EQ(server_.AuditEntries().size(), 1u);
  EXPECT_EQ(server_.AuditEntries()[0].result(), "PERMISSION_DENIED");
}

// Which a stream of the sync API could not do.
TEST_F(BlockingStreamTest, AHandlerCanEndItWhileTheClientKeepsSilent) {
  Grant();
  const auto talk = Begin();
  ASSERT_TRUE(Say(*talk, "hello", /*patience=*/2));
  EXPECT_EQ(Hear(*talk), "hello");
  const absl::Status status = talk->Finish();
  EXPECT_EQ(ErrorReason(status), "TALK_OVER") << status;
}

TEST_F(BlockingStreamTest, AClientThatTakesNothingIsGivenUp) {
  Grant();
  const auto talk = Begin();
  ASSERT_TRUE(Say(*talk, "hello", /*patience=*/5));
  // More than all windows between the two hold, none of which the client reads.
  const std::string large(1 << 20, 'x');
  while (Say(*talk, large)) {
  }
  while (!Hear(*talk).empty()) {
  }
  EXPECT_EQ(talk->Finish().code(), absl::StatusCode::kCancelled);
}

TEST_F(BlockingStreamTest, EveryMessageIsChecked) {
  Grant();
  const auto talk = Begin();
  ASSERT_TRUE(Say(*talk, "hello"));
  TalkRequest unknown;
  unknown.GetReflection()->MutableUnknownFields(&unknown)->AddVarint(99, 1);
  ASSERT_TRUE(talk->stream->Write(unknown));
  EXPECT_EQ(Hear(*talk), "hello");
  EXPECT_EQ(Hear(*talk), "");
  EXPECT_EQ(ErrorReason(talk->Finish()), "INVALID_REQUEST");
}

TEST_F(BlockingStreamTest, PlacesAreLimitedAndComeFreeWhenAClientGoes) {
  Grant();
  std::vector<std::unique_ptr<Talk>> talks;
  for (int i = 0; i < 2; ++i) {
    talks.push_back(Begin());
    ASSERT_TRUE(Say(*talks.back(), "hello"));
    EXPECT_EQ(Hear(*talks.back()), "hello");
  }
  const auto refused = Begin();
  Say(*refused, "hello");
  EXPECT_EQ(Hear(*refused), "");
  EXPECT_EQ(ErrorReason(refused->Finish()), "OVERLOADED");

  talks[0]->context.TryCancel();
  EXPECT_EQ(talks[0]->Finish().code(), absl::StatusCode::kCancelled);
  const absl::Time limit = absl::Now() + absl::Seconds(30);
  std::string heard;
  while (heard.empty() && absl::Now() < limit) {
    const auto talk = Begin();
    Say(*talk, "again");
    heard = Hear(*talk);
    talk->stream->WritesDone();
    talk->Finish().IgnoreError();
  }
  EXPECT_EQ(heard, "again");
}

TEST_F(BlockingStreamTest, ADrainingServerCancelsWhatDoesNotEnd) {
  Grant();
  const auto talk = Begin();
  ASSERT_TRUE(Say(*talk, "hello"));
  EXPECT_EQ(Hear(*talk), "hello");
  std::thread drain([&] { server_.server().Drain(); });
  EXPECT_EQ(Hear(*talk), "");
  const absl::Status status = talk->Finish();
  EXPECT_FALSE(status.ok());
  EXPECT_FALSE(absl::IsDeadlineExceeded(status)) << status;
  drain.join();
}

}  // namespace
}  // namespace keyward::server::testing
