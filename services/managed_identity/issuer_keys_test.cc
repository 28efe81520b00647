#include "services/managed_identity/issuer_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/auth/testing/foreign_issuer.h"
#include "common/status/error.h"

namespace keyward::managed_identity {
namespace {

using ::nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kIssuer[] = "https://cluster.example/c1";
constexpr char kDiscovery[] = "https://cluster.example:443/c1/.well-known/openid-configuration";
constexpr char kKeys[] = "https://cluster.example:443/keys";

std::string Document(const std::string& issuer, const std::string& jwks_uri) {
  return json({{"issuer", issuer}, {"jwks_uri", jwks_uri}}).dump();
}

class IssuerKeysTest : public ::testing::Test {
 protected:
  IssuerKeysTest() {
    pages_[kDiscovery] = Document(kIssuer, "https://cluster.example/keys");
    pages_[kKeys] = foreign_.JwkSet();
  }

  absl::StatusOr<std::string> Serve(const https::Url& url, const std::string& authorities) {
    const std::string name = absl::StrCat("https://", url.host, ":", url.port, url.path);
    clock_.Advance(takes_);
    const bool slow = slow_host_.empty() || url.host == slow_host_;
    if (block_ != nullptr && slow) block_->WaitForNotification();
    absl::MutexLock lock(&mutex_);
    EXPECT_EQ(authorities, "ca");
    fetched_.push_back(name);
    const auto page = pages_.find(name);
    if (page == pages_.end()) return failure_;
    return page->second;
  }

  size_t fetches() {
    absl::MutexLock lock(&mutex_);
    return fetched_.size();
  }

  absl::StatusOr<IssuerKeys::Answer> Get(const std::string& key_id) {
    return keys_.Get(issuer_, key_id, clock_.Now() + absl::Minutes(1));
  }

  // The reason and message of an answer that must be ISSUER_UNREACHABLE.
  std::string Unreachable() {
    const auto answer = Get("rsa");
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(ErrorReason(answer.status()), "ISSUER_UNREACHABLE");
    return std::string(answer.status().message());
  }

  const auth::testing::ForeignIssuer foreign_;
  clock::FakeClock clock_;
  TrustedIssuer issuer_ = {TrustedIssuerName::FromTrustedId("cluster"), kIssuer, "ca", "",
                           absl::UnixEpoch()};
  absl::Mutex mutex_;
  std::map<std::string, std::string> pages_;
  std::vector<std::string> fetched_;
  // What comes of asking for any other page.
  absl::Status failure_ = absl::UnavailableError("nobody answers there");
  // What issuers wait for before they answer, and which one does; all if empty.
  absl::Notification* block_ = nullptr;
  std::string slow_host_;
  // How long the issuer lets us wait.
  absl::Duration takes_;
  IssuerKeys keys_{[this](const https::Url& url, const std::string& authorities) {
                     return Serve(url, authorities);
                   },
                   clock_};
};

TEST_F(IssuerKeysTest, KeysAreDiscoveredOnceAndKept) {
  const auto answer = Get("rsa");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->keys->Has("rsa"));
  EXPECT_TRUE(Get("ec").ok());
  EXPECT_THAT(fetched_, ::testing::ElementsAre(kDiscovery, kKeys));
  clock_.Advance(IssuerKeys::kLongestUse - absl::Seconds(1));
  EXPECT_TRUE(Get("rsa").ok());
  EXPECT_EQ(fetches(), 2);
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(Get("rsa").ok());
  EXPECT_EQ(fetches(), 4);
}

TEST_F(IssuerKeysTest, AnIssuerThatLetsUsWaitIsAskedOnceByACallAndNotAtOnceAgain) {
  pages_.clear();
  takes_ = 2 * IssuerKeys::kShortestInterval;
  Unreachable();
  EXPECT_EQ(fetches(), 1);
  takes_ = absl::ZeroDuration();
  Unreachable();
  EXPECT_EQ(fetches(), 1);
  clock_.Advance(IssuerKeys::kShortestInterval);
  Unreachable();
  EXPECT_EQ(fetches(), 2);
}

TEST_F(IssuerKeysTest, AnAddressOfTheAdministratorsNeedsNoDiscovery) {
  issuer_.jwks_uri = "https://10.0.0.1:6443/openid/v1/jwks";
  pages_["https://10.0.0.1:6443/openid/v1/jwks"] = foreign_.JwkSet();
  EXPECT_TRUE(Get("rsa").ok());
  EXPECT_EQ(fetches(), 1);
}

TEST_F(IssuerKeysTest, UnknownKeysCauseOneFetchInTenSecondsHoweverManyAreAskedFor) {
  ASSERT_TRUE(Get("rsa").ok());
  for (int i = 0; i < 100; ++i) {
    const auto answer = Get(absl::StrCat("unknown-", i));
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_FALSE(answer->keys->Has(absl::StrCat("unknown-", i)));
    EXPECT_EQ(answer->retry_after, IssuerKeys::kShortestInterval);
  }
  EXPECT_EQ(fetches(), 2);
  // The issuer rotates: its new key is found as soon as it may be asked again.
  json rotated = {{"keys", {foreign_.Jwk("rsa"), foreign_.Jwk("ec")}}};
  rotated["keys"][1]["kid"] = "new";
  pages_[kKeys] = rotated.dump();
  EXPECT_FALSE(Get("new")->keys->Has("new"));
  clock_.Advance(IssuerKeys::kShortestInterval);
  EXPECT_TRUE(Get("new")->keys->Has("new"));
  EXPECT_FALSE(Get("ec")->keys->Has("ec"));
  EXPECT_EQ(fetches(), 4);
}

TEST_F(IssuerKeysTest, AFailureIsNotTriedAgainAtOnceAndSaysWhy) {
  pages_.clear();
  EXPECT_THAT(Unreachable(), HasSubstr("nobody answers there"));
  EXPECT_THAT(Unreachable(), HasSubstr(kIssuer));
  EXPECT_EQ(fetches(), 1);
  clock_.Advance(IssuerKeys::kShortestInterval);
  Unreachable();
  EXPECT_EQ(fetches(), 2);
}

TEST_F(IssuerKeysTest, ACertificateThatIsNotTheIssuersIsToldFromAnOutage) {
  pages_.clear();
  const auto outage = Get("rsa");
  EXPECT_EQ(ErrorMetadata(outage.status(), "cause"), "OUTAGE");
  EXPECT_THAT(outage.status().message(), HasSubstr("Try again"));
  clock_.Advance(IssuerKeys::kShortestInterval);
  failure_ = absl::FailedPreconditionError("its certificate is not for this host");
  // Fetched, and remembered until it may be asked again.
  for (int i = 0; i < 2; ++i) {
    const auto stranger = Get("rsa");
    EXPECT_EQ(stranger.status().code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(ErrorReason(stranger.status()), "ISSUER_UNREACHABLE");
    EXPECT_EQ(ErrorMetadata(stranger.status(), "cause"), "CERTIFICATE");
    EXPECT_THAT(stranger.status().message(),
                AllOf(HasSubstr("not for this host"), HasSubstr("UpdateTrustedIssuer"),
                      Not(HasSubstr("Try again."))));
  }
  EXPECT_EQ(fetches(), 2);
}

TEST_F(IssuerKeysTest, KnownKeysOutliveAnOutageForAWhileAndUnknownOnesAreNotDenied) {
  ASSERT_TRUE(Get("rsa").ok());
  pages_.clear();
  clock_.Advance(IssuerKeys::kShortestInterval);
  EXPECT_EQ(ErrorReason(Get("unknown").status()), "ISSUER_UNREACHABLE");
  EXPECT_EQ(ErrorReason(Get("unknown").status()), "ISSUER_UNREACHABLE");
  EXPECT_TRUE(Get("rsa").ok());
  clock_.Advance(IssuerKeys::kLongestUse);
  Unreachable();
}

TEST_F(IssuerKeysTest, TheDiscoveryDocumentMayNotLeadElsewhere) {
  int wrong = 0;
  for (const auto& [document, complaint] : std::vector<std::pair<std::string, std::string>>{
           {Document(kIssuer, "https://evil.example/keys"), "another host or port"},
           {Document(kIssuer, "https://cluster.example:8443/keys"), "another host or port"},
           {Document(kIssuer, "http://cluster.example/keys"), "another host or port"},
           {Document(kIssuer, "file:///etc/passwd"), "another host or port"},
           {Document("https://evil.example", "https://cluster.example/keys"), "another issuer"},
           {Document(absl::StrCat(kIssuer, "/"), "https://cluster.example/keys"), "slash"},
           {R"({"issuer":"https://cluster.example/c1"})", "jwks_uri"},
           {"<html>", "no strict JSON object"}}) {
    pages_[kDiscovery] = document;
    EXPECT_THAT(Unreachable(), HasSubstr(complaint));
    EXPECT_EQ(fetched_.size(), ++wrong);
    EXPECT_EQ(fetched_.back(), kDiscovery);
    clock_.Advance(IssuerKeys::kShortestInterval);
  }
}

TEST_F(IssuerKeysTest, AnIssuerThatIsTrustedAnewIsAskedAnew) {
  ASSERT_TRUE(Get("rsa").ok());
  issuer_.create_time += absl::Seconds(1);
  ASSERT_TRUE(Get("rsa").ok());
  EXPECT_EQ(fetches(), 4);
}

TEST_F(IssuerKeysTest, CallsShareOneFetchAndTheRestAreTurnedAway) {
  absl::Notification go;
  block_ = &go;
  std::atomic<int> served{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 20; ++i) {
    callers.emplace_back([&] { ++(Get("rsa").ok() ? served : refused); });
  }
  // Those that are turned away come back while the issuer has still not answered.
  while (refused < 20 - IssuerKeys::kMaxBusyForOne) std::this_thread::yield();
  go.Notify();
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(served, IssuerKeys::kMaxBusyForOne);
  EXPECT_EQ(refused, 20 - IssuerKeys::kMaxBusyForOne);
  EXPECT_EQ(fetches(), 2);
}

TEST_F(IssuerKeysTest, ASlowIssuerKeepsNobodyFromAnother) {
  absl::Notification go;
  block_ = &go;
  TrustedIssuer other = issuer_;
  other.name = TrustedIssuerName::FromTrustedId("other");
  other.jwks_uri = "https://other.example/keys";
  pages_["https://other.example:443/keys"] = foreign_.JwkSet();
  slow_host_ = "cluster.example";
  std::atomic<int> refused{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 2 * IssuerKeys::kMaxBusy; ++i) {
    callers.emplace_back([&] { refused += Get("rsa").ok() ? 0 : 1; });
  }
  while (refused < 2 * IssuerKeys::kMaxBusy - IssuerKeys::kMaxBusyForOne) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(keys_.Get(other, "rsa", clock_.Now() + absl::Minutes(1)).ok());
  go.Notify();
  for (std::thread& caller : callers) caller.join();
}

TEST_F(IssuerKeysTest, ManySlowIssuersDoNotTakeUpTheServer) {
  absl::Notification go;
  block_ = &go;
  const int issuers = 2 * IssuerKeys::kMaxBusy;
  std::atomic<int> refused{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < issuers; ++i) {
    callers.emplace_back([&, i] {
      TrustedIssuer one = issuer_;
      one.name = TrustedIssuerName::FromTrustedId(absl::StrCat("slow-", i));
      refused += keys_.Get(one, "rsa", clock_.Now() + absl::Minutes(1)).ok() ? 0 : 1;
    });
  }
  while (refused < issuers - IssuerKeys::kMaxBusy) std::this_thread::yield();
  go.Notify();
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(refused, issuers - IssuerKeys::kMaxBusy);
}

}  // namespace
}  // namespace keyward::managed_identity
