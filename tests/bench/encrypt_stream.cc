// encryption.stream_1g: MB a second of an object of 1 GiB through EncryptStream, over mutual TLS,
// beside a stream that sends the same messages back as they are (encryption.stream_1g) and beside
// AES-256-GCM alone on one core (encryption.stream_1g_aes), all in the same run. The servers have
// the first half of the cores, who calls has the other. Two lines of JSON.

#include <grpcpp/client_context.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/auth/spiffe_id.h"
#include "common/crypto/aes_gcm.h"
#include "common/crypto/aes_key.h"
#include "common/server/channel.h"
#include "common/server/testing/test_authority.h"
#include "common/status/status_macros.h"
#include "keyward/encryption/v1/data.grpc.pb.h"
#include "tests/bench/account.h"
#include "tests/bench/measuring.h"
#include "tests/mission/suite.h"

namespace keyward::bench {
namespace {

using encryption::v1::DataService;
using encryption::v1::EncryptStreamRequest;
using encryption::v1::EncryptStreamResponse;

constexpr size_t kChunk = 1 << 20;
constexpr int kChunks = 1024;
constexpr int kTurns = 3;

double MegabytesPerSecond(absl::Duration taken) {
  return static_cast<double>(kChunk) * kChunks / 1e6 / absl::ToDoubleSeconds(taken);
}

// Sends every chunk back.
class Echo final : public DataService::Service {
 public:
  grpc::Status EncryptStream(
      grpc::ServerContext*,
      grpc::ServerReaderWriter<EncryptStreamResponse, EncryptStreamRequest>* stream) override {
    EncryptStreamRequest request;
    EncryptStreamResponse response;
    while (stream->Read(&request)) {
      if (!request.has_plaintext()) continue;
      response.mutable_ciphertext()->swap(*request.mutable_plaintext());
      stream->Write(response);
    }
    return grpc::Status::OK;
  }
};

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Mutual TLS.
std::shared_ptr<grpc::ServerCredentials> Credentials(const server::TlsFiles& files) {
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = ReadFile(files.ca);
  options.pem_key_cert_pairs.push_back({ReadFile(files.private_key), ReadFile(files.certificate)});
  return grpc::SslServerCredentials(options);
}

// An echo on loopback over mutual TLS, on the cores of the thread that makes it.
struct EchoServer {
  EchoServer() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", Credentials(authority.IssueService("echo")), &port);
    builder.RegisterService(&echo);
    server = builder.BuildAndStart();
    target = absl::StrCat("127.0.0.1:", port);
  }

  server::testing::TestAuthority authority;
  Echo echo;
  std::unique_ptr<grpc::Server> server;
  std::string target;
};

// How long a stream takes from its first message to its status.
absl::StatusOr<absl::Duration> Time(DataService::Stub& stub, const std::string& account) {
  grpc::ClientContext context;
  const absl::Time start = absl::Now();
  const auto stream = stub.EncryptStream(&context);
  EncryptStreamRequest first;
  first.mutable_start()->set_account(account);
  first.mutable_start()->set_scope("uploads");
  first.mutable_start()->set_object("large");
  stream->Write(first);
  std::thread sender([&] {
    EncryptStreamRequest chunk;
    chunk.set_plaintext(std::string(kChunk, 'x'));
    for (int i = 0; i < kChunks && stream->Write(chunk); ++i) {
    }
    stream->WritesDone();
  });
  size_t received = 0;
  EncryptStreamResponse response;
  while (stream->Read(&response)) received += response.ciphertext().size();
  sender.join();
  KW_RETURN_IF_ERROR(FromGrpcStatus(stream->Finish()));
  if (received < kChunk * kChunks) return absl::InternalError("not everything came back");
  return absl::Now() - start;
}

absl::StatusOr<absl::Duration> TimeAes() {
  const crypto::AesGcmCipher cipher(crypto::AesKey::Generate());
  std::string buffer(kChunk + crypto::kGcmTagSize, 'x');
  const absl::Span<uint8_t> out(reinterpret_cast<uint8_t*>(buffer.data()), buffer.size());
  const absl::Time start = absl::Now();
  for (int i = 0; i < kChunks; ++i) {
    KW_RETURN_IF_ERROR(cipher.Seal(std::string(crypto::kGcmNonceSize, static_cast<char>(i)),
                                   absl::string_view(buffer).substr(0, kChunk), "", out));
  }
  return absl::Now() - start;
}

absl::Status Measure(const std::string& dir) {
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  if (cores < 2) return absl::FailedPreconditionError("needs two cores");
  KW_RETURN_IF_ERROR(RunOn({0, cores / 2}));
  KW_ASSIGN_OR_RETURN(const auto suite, mission::Suite::Start(dir));
  EchoServer echo;
  KW_RETURN_IF_ERROR(RunOn({cores / 2, cores}));
  mission::Client client(suite->EndpointsFor());
  mission::Customer customer(client, "bench");
  KW_RETURN_IF_ERROR(MakeAccount(customer));
  const auto echo_stub =
      DataService::NewStub(server::MakeChannel(echo.target, echo.authority.IssueOperator("bench"),
                                               auth::ServiceSpiffeId("keyward.local", "echo")));
  std::vector<double> values, echoes, ciphers;
  for (int turn = 0; turn < kTurns; ++turn) {
    KW_ASSIGN_OR_RETURN(const absl::Duration echoed, Time(*echo_stub, customer.account()));
    KW_ASSIGN_OR_RETURN(const absl::Duration served, Time(*client.data, customer.account()));
    KW_ASSIGN_OR_RETURN(const absl::Duration sealed, TimeAes());
    echoes.push_back(MegabytesPerSecond(echoed));
    values.push_back(MegabytesPerSecond(served));
    ciphers.push_back(MegabytesPerSecond(sealed));
  }
  Print("encryption.stream_1g", "MB/s", Median(values), Median(echoes));
  Print("encryption.stream_1g_aes", "MB/s", Median(values), Median(ciphers));
  return absl::OkStatus();
}

}  // namespace
}  // namespace keyward::bench

int main() {
  std::string dir = std::filesystem::temp_directory_path() / "keyward-bench-XXXXXX";
  if (mkdtemp(dir.data()) == nullptr) return 1;
  const absl::Status measured = keyward::bench::Measure(dir);
  std::filesystem::remove_all(dir);
  if (!measured.ok()) std::cerr << measured << "\n";
  return measured.ok() ? 0 : 1;
}
