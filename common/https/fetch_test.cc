#include "common/https/fetch.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "common/https/testing/https_server.h"
#include "common/server/testing/test_authority.h"

namespace keyward::https {
namespace {

using ::testing::HasSubstr;

// Longer than any machine takes.
constexpr absl::Duration kLongTime = absl::Minutes(5);

std::string Contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class FetchTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::string> Get(const std::string& path, FetchLimits limits = {}) {
    limits.time = kLongTime;
    return Fetch(*Url::Parse(server_.url() + path), ca_, limits);
  }

  server::testing::TestAuthority authority_;
  const server::TlsFiles files_ = authority_.Issue("issuer", "");
  const std::string ca_ = Contents(files_.ca);
  testing::HttpsServer server_{files_};
};

TEST_F(FetchTest, GetsWhatIsThere) {
  server_.Serve("/keys", R"({"keys":[]})");
  const auto body = Get("/keys");
  ASSERT_TRUE(body.ok()) << body.status();
  EXPECT_EQ(*body, R"({"keys":[]})");
  EXPECT_EQ(server_.requests("/keys"), 1);
}

TEST_F(FetchTest, OnlyThePinnedAuthorityCounts) {
  server_.Serve("/keys", "{}");
  server::testing::TestAuthority other;
  const std::string other_ca = Contents(other.Issue("other", "").ca);
  // As if the server's authority were one of the system's.
  setenv("SSL_CERT_FILE", files_.ca.c_str(), 1);
  const auto body = Fetch(*Url::Parse(server_.url() + "/keys"), other_ca);
  unsetenv("SSL_CERT_FILE");
  EXPECT_EQ(body.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(body.status().message(), HasSubstr("chains to none of the pinned authorities"));
  EXPECT_EQ(server_.requests("/keys"), 0);
  EXPECT_FALSE(Fetch(*Url::Parse(server_.url() + "/keys"), "no certificate").ok());
  EXPECT_FALSE(Fetch(*Url::Parse(server_.url() + "/keys"), "").ok());
}

TEST_F(FetchTest, TheCertificateMustBeForTheHost) {
  server_.Serve("/keys", "{}");
  const auto body =
      Fetch(*Url::Parse(absl::StrCat("https://127.0.0.1:", server_.port(), "/keys")), ca_);
  EXPECT_EQ(body.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(body.status().message(), HasSubstr("not for this host"));
  EXPECT_EQ(server_.requests("/keys"), 0);
}

TEST_F(FetchTest, RedirectsAreNotFollowed) {
  server_.Serve("/keys", "", 302, "/elsewhere");
  server_.Serve("/elsewhere", "{}");
  const auto body = Get("/keys");
  EXPECT_EQ(body.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(body.status().message(), HasSubstr("302; redirects are not followed"));
  EXPECT_EQ(server_.requests("/elsewhere"), 0);
  EXPECT_THAT(Get("/nothing").status().message(), HasSubstr("404"));
}

TEST_F(FetchTest, ALongAnswerIsCutOff) {
  server_.Serve("/keys", std::string(1001, 'x'));
  EXPECT_THAT(Get("/keys", {.bytes = 1000}).status().message(), HasSubstr("more than 1000 bytes"));
  server_.Serve("/keys", std::string(1000, 'x'));
  EXPECT_TRUE(Get("/keys", {.bytes = 1000}).ok());
}

TEST_F(FetchTest, NobodyThereAndNoEndOfWaitingAreUnavailable) {
  // Accepts connections, by its backlog, and never says a word.
  const int silent = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(bind(silent, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  socklen_t size = sizeof(address);
  ASSERT_EQ(getsockname(silent, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const Url url = *Url::Parse(absl::StrCat("https://localhost:", ntohs(address.sin_port), "/keys"));
  EXPECT_THAT(Fetch(url, ca_, {.time = kLongTime}).status().message(), HasSubstr("nobody answers"));
  ASSERT_EQ(listen(silent, 8), 0);
  const auto body = Fetch(url, ca_, {.time = absl::Milliseconds(100)});
  EXPECT_EQ(body.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(body.status().message(), HasSubstr("within 100ms"));
  close(silent);
}

}  // namespace
}  // namespace keyward::https
