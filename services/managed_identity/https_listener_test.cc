#include "services/managed_identity/https_listener.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>

#include "common/server/testing/test_authority.h"
#include "services/managed_identity/testing/https_get.h"

namespace keyward::managed_identity {
namespace {

using server::testing::TestAuthority;
using testing::Https;
using testing::HttpsAnswer;

class HttpsListenerTest : public ::testing::Test {
 protected:
  HttpsListenerTest() : tls_(authority_.Issue("public", /*uri=*/"")) {}

  HttpsListener::Options Options() const {
    HttpsListener::Options options;
    options.listen = "127.0.0.1:0";
    options.certificate = tls_.certificate;
    options.private_key = tls_.private_key;
    // Long, for machines that are busy.
    options.connection_limit = absl::Minutes(1);
    options.silence_limit = absl::Seconds(30);
    return options;
  }

  static std::map<std::string, HttpsListener::MakePage> Pages() {
    return {{"/.well-known/page.json",
             [] {
               return HttpsPage{"application/json", "public, max-age=60", "{}"};
             }},
            {"/broken", [] { return absl::InternalError("the database is gone"); }}};
  }

  static std::unique_ptr<HttpsListener> Start(const HttpsListener::Options& options) {
    auto listener = HttpsListener::Start(options, Pages());
    EXPECT_TRUE(listener.ok()) << listener.status();
    return *std::move(listener);
  }

  TestAuthority authority_;
  server::TlsFiles tls_;
};

// A connection that says nothing.
int Connect(int port) {
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  return connection;
}

TEST_F(HttpsListenerTest, ServesItsPagesWithoutAClientCertificate) {
  const auto listener = Start(Options());
  const HttpsAnswer page = Https(listener->port(), "/.well-known/page.json", tls_.ca);
  EXPECT_EQ(page.status, 200) << page.error;
  EXPECT_EQ(page.body, "{}");
  EXPECT_EQ(page.headers.at("content-type"), "application/json");
  EXPECT_EQ(page.headers.at("cache-control"), "public, max-age=60");
  const HttpsAnswer head = Https(listener->port(), "/.well-known/page.json", tls_.ca, "HEAD");
  EXPECT_EQ(head.status, 200) << head.error;
  EXPECT_EQ(head.body, "");
}

TEST_F(HttpsListenerTest, AllElseIsNotFound) {
  const auto listener = Start(Options());
  for (const char* path : {"/", "/.well-known/page-json", "/.well-known/page.json/",
                           "/../etc/passwd", "/.well-known/page.json/x"}) {
    EXPECT_EQ(Https(listener->port(), path, tls_.ca).status, 404) << path;
  }
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH"}) {
    EXPECT_EQ(Https(listener->port(), "/.well-known/page.json", tls_.ca, method).status, 404)
        << method;
  }
}

TEST_F(HttpsListenerTest, WhatCannotBeMadeIsUnavailableAndTellsNothing) {
  const auto listener = Start(Options());
  const HttpsAnswer answer = Https(listener->port(), "/broken", tls_.ca);
  EXPECT_EQ(answer.status, 503) << answer.error;
  EXPECT_EQ(answer.body, "");
}

TEST_F(HttpsListenerTest, ANewCertificateNeedsNoRestart) {
  const auto listener = Start(Options());
  TestAuthority other;
  const server::TlsFiles renewed = other.Issue("public", /*uri=*/"");
  EXPECT_EQ(Https(listener->port(), "/.well-known/page.json", renewed.ca).status, 0);
  const auto replace = std::filesystem::copy_options::overwrite_existing;
  std::filesystem::copy(renewed.certificate, tls_.certificate, replace);
  // A certificate with another's key is not used.
  EXPECT_EQ(Https(listener->port(), "/.well-known/page.json", renewed.ca).status, 0);
  std::filesystem::copy(renewed.private_key, tls_.private_key, replace);
  const HttpsAnswer answer = Https(listener->port(), "/.well-known/page.json", renewed.ca);
  EXPECT_EQ(answer.status, 200) << answer.error;
}

TEST_F(HttpsListenerTest, WhoSaysTooMuchIsCutOff) {
  const auto listener = Start(Options());
  const std::string page = "/.well-known/page.json";
  EXPECT_EQ(Https(listener->port(), page, tls_.ca, "GET", 10).status, 200);
  EXPECT_EQ(Https(listener->port(), page, tls_.ca, "GET", 200).status, 0);
  EXPECT_EQ(Https(listener->port(), page, tls_.ca).status, 200);
}

TEST_F(HttpsListenerTest, WhoSaysNothingIsCutOffAndOthersAreServed) {
  HttpsListener::Options options = Options();
  options.threads = 1;
  options.queue = 1;
  options.connection_limit = absl::Milliseconds(200);
  options.silence_limit = absl::Hours(1);
  const auto listener = Start(options);
  std::vector<int> silent;
  for (int i = 0; i < 3; ++i) silent.push_back(Connect(listener->port()));
  for (const int connection : silent) {
    char byte = 0;
    EXPECT_LE(recv(connection, &byte, 1, 0), 0);
    close(connection);
  }
}

TEST_F(HttpsListenerTest, EndsWhileConnectionsAreOpen) {
  HttpsListener::Options options = Options();
  options.threads = 1;
  options.queue = 1;
  options.connection_limit = absl::Hours(1);
  options.silence_limit = absl::Hours(1);
  auto listener = Start(options);
  std::vector<int> silent;
  for (int i = 0; i < 4; ++i) silent.push_back(Connect(listener->port()));
  listener = nullptr;
  for (const int connection : silent) close(connection);
}

TEST_F(HttpsListenerTest, SaysWhyItCannotStart) {
  HttpsListener::Options options = Options();
  options.listen = "nowhere";
  EXPECT_THAT(std::string(HttpsListener::Start(options, Pages()).status().message()),
              ::testing::HasSubstr("--oidc_listen"));
  const auto first = Start(Options());
  options.listen = "127.0.0.1:" + std::to_string(first->port());
  EXPECT_THAT(std::string(HttpsListener::Start(options, Pages()).status().message()),
              ::testing::HasSubstr("cannot listen"));
  options = Options();
  options.private_key = options.certificate;
  EXPECT_THAT(std::string(HttpsListener::Start(options, Pages()).status().message()),
              ::testing::HasSubstr("--oidc_tls_certificate"));
}

}  // namespace
}  // namespace keyward::managed_identity
