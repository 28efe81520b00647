#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/server/client_context.h"
#include "common/server/testing/echo_server.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"

namespace keyward::server::testing {
namespace {

using ::testing::HasSubstr;

std::string Output(const std::string& command) {
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(absl::StrCat(command, " 2>&1").c_str(), "r"),
                                             pclose);
  std::string output;
  std::array<char, 4096> buffer;
  while (size_t size = fread(buffer.data(), 1, buffer.size(), pipe.get())) {
    output.append(buffer.data(), size);
  }
  return output;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

class TlsTest : public ::testing::Test {
 protected:
  TlsTest() : server_(authority_, {}) {
    const absl::Status started = server_.Start();
    EXPECT_TRUE(started.ok()) << started;
  }

  // Echo needs a role; Fail with code 0 needs only to be authenticated.
  static absl::Status Ping(std::shared_ptr<grpc::Channel> channel) {
    grpc::ClientContext context;
    Prepare(context, "ping", absl::Seconds(10));
    EchoResponse response;
    FailRequest request;
    request.set_code(static_cast<int>(absl::StatusCode::kAborted));
    request.set_reason("PONG");
    return FromGrpcStatus(EchoService::NewStub(channel)->Fail(&context, request, &response));
  }

  absl::Status Ping(const TlsFiles& files) { return Ping(server_.Channel(files)); }

  std::string target() { return absl::StrCat("127.0.0.1:", server_.server().port()); }

  // What openssl's client says about the server.
  std::string Handshake(const std::string& arguments, const TlsFiles& files) {
    return Output(absl::StrCat("openssl s_client -connect ", target(), " -alpn h2 -cert ",
                               files.certificate, " -key ", files.private_key, " -CAfile ",
                               files.ca, " ", arguments, " </dev/null"));
  }

  TestAuthority authority_;
  EchoServer server_;
};

TEST_F(TlsTest, CertificateOfTheTrustDomainIsLetIn) {
  EXPECT_EQ(ErrorReason(Ping(authority_.IssueOperator("alice"))), "PONG");
}

TEST_F(TlsTest, PlaintextIsRefused) {
  EXPECT_EQ(Ping(grpc::CreateChannel(target(), grpc::InsecureChannelCredentials())).code(),
            absl::StatusCode::kUnavailable);
}

TEST_F(TlsTest, NoCertificateIsRefused) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = ReadFile(authority_.IssueOperator("alice").ca);
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride("echo");
  EXPECT_EQ(
      Ping(grpc::CreateCustomChannel(target(), grpc::SslCredentials(options), arguments)).code(),
      absl::StatusCode::kUnavailable);
  EXPECT_TRUE(server_.AuditEntries().empty());
}

TEST_F(TlsTest, CertificateOfAnotherAuthorityIsRefused) {
  TestAuthority other;
  TlsFiles files = other.IssueOperator("alice");
  files.ca = authority_.IssueOperator("alice").ca;
  EXPECT_EQ(Ping(files).code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(server_.AuditEntries().empty());
}

TEST_F(TlsTest, OtherNamesInTheCertificateAreRefusedAndRecorded) {
  for (const std::string uri :
       {"", "spiffe://elsewhere.example/operator/alice", "spiffe://keyward.local/robot/alice",
        "spiffe://keyward.local/operator/alice/x", "spiffe://keyward.local.evil/operator/alice",
        "https://keyward.local/operator/alice"}) {
    const absl::Status status = Ping(authority_.Issue("odd", uri));
    EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated) << uri;
    EXPECT_EQ(ErrorReason(status), "CERTIFICATE_REQUIRED") << uri;
    const audit::v1::AuditEntry entry = server_.AuditEntries().at(0);
    EXPECT_EQ(entry.result(), "UNAUTHENTICATED");
    EXPECT_EQ(entry.principal(), "");
  }
}

TEST_F(TlsTest, ClientRefusesAServerThatIsNotTheOneItWants) {
  auto channel = MakeChannel(target(), authority_.IssueOperator("alice"),
                             "spiffe://keyward.local/service/key_vault");
  EXPECT_EQ(Ping(channel).code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(server_.AuditEntries().empty());
}

TEST_F(TlsTest, Tls13IsSpokenAndTls12IsNot) {
  const TlsFiles alice = authority_.IssueOperator("alice");
  EXPECT_THAT(Handshake("-tls1_3", alice), HasSubstr("TLSv1.3, Cipher is TLS_AES"));
  EXPECT_THAT(Handshake("-tls1_2", alice), HasSubstr("Cipher is (NONE)"));
}

TEST_F(TlsTest, ReplacedFilesAreUsedForNewConnections) {
  const TlsFiles alice = authority_.IssueOperator("alice");
  const auto serial = [&] {
    return Output(absl::StrCat("openssl s_client -connect ", target(), " -cert ", alice.certificate,
                               " -key ", alice.private_key,
                               " </dev/null 2>/dev/null | openssl x509 -noout -serial"));
  };
  const std::string before = serial();
  ASSERT_THAT(before, HasSubstr("serial="));
  authority_.IssueService("echo");
  // Each round is a handshake and takes its time; the test ends when the new one shows.
  std::string after = before;
  // One that meets the files half replaced fails, and shows no serial number.
  while (after == before || !absl::StrContains(after, "serial=")) after = serial();
  EXPECT_EQ(ErrorReason(Ping(alice)), "PONG");
}

}  // namespace
}  // namespace keyward::server::testing
