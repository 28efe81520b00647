// Batches and streams as clients meet them, over gRPC.
#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/status/error.h"
#include "keyward/audit/v1/audit.grpc.pb.h"
#include "services/encryption/testing/service_fixture.h"

namespace keyward::encryption::testing {
namespace {

constexpr size_t kChunk = 1 << 20;
constexpr int kStreams = 64;

// One stream of a client that sends what it is told to.
template <typename Request, typename Response>
class Stream {
 public:
  using Method = std::unique_ptr<grpc::ClientReaderWriter<Request, Response>> (
      v1::DataService::Stub::*)(grpc::ClientContext*);

  Stream(v1::DataService::Stub& stub, Method method, const std::string& scope = "uploads") {
    context_.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(60)));
    stream_ = (stub.*method)(&context_);
    Request first;
    first.mutable_start()->set_account("accounts/contoso");
    first.mutable_start()->set_scope(scope);
    first.mutable_start()->set_object("doc");
    stream_->Write(first);
  }

  bool Send(const Request& message) { return stream_->Write(message); }
  void End() { stream_->WritesDone(); }
  bool Receive(Response& message) { return stream_->Read(&message); }
  // Waits for the end; what is left to be received is passed over.
  absl::Status Finish() {
    Response left;
    while (stream_->Read(&left)) {
    }
    return FromGrpcStatus(stream_->Finish());
  }
  void Cancel() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<Request, Response>> stream_;
};

using EncryptStream = Stream<v1::EncryptStreamRequest, v1::EncryptStreamResponse>;
using DecryptStream = Stream<v1::DecryptStreamRequest, v1::DecryptStreamResponse>;

v1::EncryptStreamRequest Plaintext(const std::string& bytes) {
  v1::EncryptStreamRequest message;
  message.set_plaintext(bytes);
  return message;
}

class DataServiceTest : public ServiceFixture {
 protected:
  void SetUp() override {
    EnableAndGrant();
    stub_ = v1::DataService::NewStub(AsService("model_deployment"));
  }

  std::unique_ptr<EncryptStream> OpenEncrypt(const std::string& scope = "uploads") {
    return std::make_unique<EncryptStream>(*stub_, &v1::DataService::Stub::EncryptStream, scope);
  }
  // One that is being served, for something has come back from it.
  std::unique_ptr<EncryptStream> OpenServed(const std::string& scope = "uploads") {
    auto stream = OpenEncrypt(scope);
    stream->Send(Plaintext(std::string(10, 'x')));
    v1::EncryptStreamResponse header;
    EXPECT_TRUE(stream->Receive(header));
    return stream;
  }

  std::unique_ptr<v1::DataService::Stub> stub_;
};

TEST_F(DataServiceTest, ObjectsLargerThanAnyBufferGoThroughBothWays) {
  std::string text;
  for (int i = 0; i < 20 << 20; ++i) text += static_cast<char>(i * 31 + (i >> 13));
  std::string stored, opened;
  {
    auto stream = OpenEncrypt();
    std::thread sender([&] {
      for (size_t at = 0; at < text.size(); at += kChunk) {
        stream->Send(Plaintext(text.substr(at, kChunk)));
      }
      stream->End();
    });
    v1::EncryptStreamResponse message;
    while (stream->Receive(message)) stored += message.ciphertext();
    sender.join();
    const absl::Status status = stream->Finish();
    ASSERT_TRUE(status.ok()) << status;
  }
  DecryptStream stream(*stub_, &v1::DataService::Stub::DecryptStream);
  std::thread sender([&] {
    for (size_t at = 0; at < stored.size(); at += kChunk) {
      v1::DecryptStreamRequest message;
      message.set_ciphertext(stored.substr(at, kChunk));
      stream.Send(message);
    }
    stream.End();
  });
  v1::DecryptStreamResponse message;
  while (stream.Receive(message)) opened += message.plaintext();
  sender.join();
  const absl::Status status = stream.Finish();
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(opened == text);
}

TEST_F(DataServiceTest, ALossEndsAStreamWhoseClientOnlyWaits) {
  auto upload = OpenServed();
  auto model = OpenServed("models");
  key_vault_.SetEnabled(kServiceKey, false);
  for (EncryptStream* stream : {upload.get(), model.get()}) {
    const absl::Status status = stream->Finish();
    EXPECT_EQ(ErrorReason(status), "ACCESS_DENIED") << status;
    EXPECT_EQ(ErrorMetadata(status, "cause"), "KEY_DISABLED");
  }
}

TEST_F(DataServiceTest, DestroyingAScopeEndsItsStreamsAndNoOthers) {
  auto upload = OpenServed();
  auto model = OpenServed("models");
  v1::DestroyScopeRequest destroy;
  destroy.set_account("accounts/contoso");
  destroy.set_scope("uploads");
  ASSERT_TRUE(Call(*stub_, &v1::DataService::Stub::DestroyScope, destroy).ok());
  EXPECT_EQ(ErrorReason(upload->Finish()), "SCOPE_DESTROYED");
  EXPECT_TRUE(model->Send(Plaintext("more")));
  model->End();
  const absl::Status status = model->Finish();
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(DataServiceTest, StreamsAreForThoseWhoMayAndAreAudited) {
  {
    const auto reader = v1::DataService::NewStub(As("reader"));
    EncryptStream refused(*reader, &v1::DataService::Stub::EncryptStream);
    EXPECT_EQ(ErrorReason(refused.Finish()), "NOT_AUTHORIZED");
  }
  auto stream = OpenServed();
  stream->End();
  EXPECT_TRUE(stream->Finish().ok());
  audit::v1::ListAuditEntriesRequest request;
  request.set_resource("accounts/contoso");
  const auto entries = Call(*audit::v1::AuditService::NewStub(As("alice")),
                            &audit::v1::AuditService::Stub::ListAuditEntries, request);
  ASSERT_TRUE(entries.ok()) << entries.status();
  std::vector<std::string> seen;
  for (const auto& entry : entries->entries()) {
    if (entry.operation() != "keyward.encryption.v1.DataService/EncryptStream") continue;
    const auto& details = entry.details();
    seen.push_back(entry.result() + (details.count("stream") ? " " + details.at("stream") : ""));
    if (details.count("bytes") != 0) seen.back() += " " + details.at("bytes");
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"OK closed 10", "OK opened", "PERMISSION_DENIED"}));
}

TEST_F(DataServiceTest, StreamsAreSoManyAtATime) {
  std::vector<std::unique_ptr<EncryptStream>> streams;
  for (int i = 0; i < kStreams; ++i) streams.push_back(OpenServed());
  EXPECT_EQ(ErrorReason(OpenEncrypt()->Finish()), "OVERLOADED");
  // Other calls are served all the same.
  EXPECT_TRUE(DataKey(AsService("model_deployment")).ok());
  streams.front()->Cancel();
  EXPECT_EQ(streams.front()->Finish().code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(Eventually([&] {
    auto stream = OpenEncrypt();
    stream->End();
    return stream->Finish().ok();
  }));
}

TEST_F(DataServiceTest, AStreamWithoutAMessageIsNothing) {
  grpc::ClientContext context;
  auto stream = stub_->EncryptStream(&context);
  stream->WritesDone();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(DataServiceTest, BatchesAreServed) {
  v1::BatchEncryptRequest encrypt;
  encrypt.set_account("accounts/contoso");
  encrypt.set_scope("uploads");
  for (const char* object : {"a", "", "c"}) {
    auto& item = *encrypt.add_items();
    item.set_object(object);
    item.set_plaintext("text");
  }
  const auto encrypted = Call(*stub_, &v1::DataService::Stub::BatchEncrypt, encrypt);
  ASSERT_TRUE(encrypted.ok()) << encrypted.status();
  ASSERT_EQ(encrypted->results_size(), 3);
  EXPECT_EQ(encrypted->results(1).error().code(), grpc::StatusCode::INVALID_ARGUMENT);
  v1::BatchDecryptRequest decrypt;
  decrypt.set_account("accounts/contoso");
  decrypt.set_scope("uploads");
  auto& item = *decrypt.add_items();
  item.set_object("c");
  item.set_ciphertext(encrypted->results(2).response().ciphertext());
  const auto decrypted = Call(*stub_, &v1::DataService::Stub::BatchDecrypt, decrypt);
  ASSERT_TRUE(decrypted.ok()) << decrypted.status();
  EXPECT_EQ(decrypted->results(0).response().plaintext(), "text");
}

}  // namespace
}  // namespace keyward::encryption::testing
