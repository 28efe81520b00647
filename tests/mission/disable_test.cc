// Disabling an identity while a thousand callers use its token: no call that starts after
// DisableIdentity has returned succeeds, and the test counts them.

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/status/error.h"
#include "tests/mission/customer.h"
#include "tests/mission/suite.h"

namespace keyward::mission {
namespace {

constexpr int kCallers = 1000;

// How calls ended, by whether they started before or after DisableIdentity returned.
struct Counts {
  int succeeded_before = 0;
  int refused_before = 0;
  int succeeded_after = 0;
  int refused_after = 0;
};

// A thousand callers, each of which calls again as soon as it has its answer, on one channel.
class Callers {
 public:
  Callers(Client& client, const std::string& key, const std::string& token)
      : stub_(*client.cryptography), token_(token) {
    request_.set_name(key);
    request_.set_algorithm(keyvault::v1::WRAP_ALGORITHM_RSA_OAEP_256);
    request_.set_plaintext(std::string(32, 'k'));
    for (int i = 0; i < kCallers; ++i) {
      {
        absl::MutexLock lock(&mutex_);
        ++running_;
      }
      callers_.emplace_back();
      CallOnce(callers_.back());
    }
  }

  ~Callers() { Stop(); }

  // Returns once every caller has succeeded.
  void AwaitEveryone() {
    absl::MutexLock lock(&mutex_);
    const auto all = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return succeeded_ == kCallers; };
    mutex_.Await(absl::Condition(&all));
  }

  // DisableIdentity has returned: calls that start from now on must fail. Returns once every caller
  // has had such a call refused.
  void Disabled() {
    absl::MutexLock lock(&mutex_);
    disabled_ = true;
    const auto all = [this]()
                         ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return refused_after_ == kCallers; };
    mutex_.Await(absl::Condition(&all));
  }

  Counts Stop() {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    const auto none = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return running_ == 0; };
    mutex_.Await(absl::Condition(&none));
    return counts_;
  }

 private:
  struct Caller {
    std::unique_ptr<grpc::ClientContext> context;
    keyvault::v1::WrapKeyResponse response;
    bool started_after = false;
    bool succeeded = false;
    bool refused_after = false;
  };

  void CallOnce(Caller& caller) {
    caller.context = std::make_unique<grpc::ClientContext>();
    caller.context->AddMetadata("authorization", "Bearer " + token_);
    {
      absl::MutexLock lock(&mutex_);
      caller.started_after = disabled_;
    }
    stub_.async()->WrapKey(caller.context.get(), &request_, &caller.response,
                           [this, &caller](const grpc::Status& status) {
                             if (Answered(caller, FromGrpcStatus(status))) CallOnce(caller);
                           });
  }

  // Returns whether it shall call again.
  bool Answered(Caller& caller, const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    const bool refused = ErrorReason(status) == "TOKEN_INVALID";
    Count(caller.started_after, status, refused);
    if (status.ok() && !std::exchange(caller.succeeded, true)) ++succeeded_;
    if (refused && caller.started_after && !std::exchange(caller.refused_after, true)) {
      ++refused_after_;
    }
    if (stopping_) --running_;
    return !stopping_;
  }

  void Count(bool after, const absl::Status& status, bool refused)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (status.ok()) ++(after ? counts_.succeeded_after : counts_.succeeded_before);
    // Too many calls at once may be refused for that, and are made again.
    if (refused) ++(after ? counts_.refused_after : counts_.refused_before);
  }

  keyvault::v1::CryptographyService::Stub& stub_;
  const std::string token_;
  keyvault::v1::WrapKeyRequest request_;
  std::deque<Caller> callers_;
  absl::Mutex mutex_;
  bool disabled_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
  int succeeded_ ABSL_GUARDED_BY(mutex_) = 0;
  int refused_after_ ABSL_GUARDED_BY(mutex_) = 0;
  Counts counts_ ABSL_GUARDED_BY(mutex_);
};

TEST(DisableTest, NoCallThatStartsAfterDisableReturnedSucceeds) {
  auto suite = Suite::Start(testing::TempDir() + "/disable");
  ASSERT_TRUE(suite.ok()) << suite.status();
  Client client((*suite)->EndpointsFor());
  Customer customer(client, "tailspin");
  ASSERT_EQ(customer.CreateTenancy(), absl::OkStatus());
  ASSERT_EQ(customer.CreateVault().status(), absl::OkStatus());
  ASSERT_EQ(customer.CreateKey().status(), absl::OkStatus());
  ASSERT_EQ(customer.CreateAccount().status(), absl::OkStatus());
  const auto identity = customer.EnableIdentity();
  ASSERT_EQ(identity.status(), absl::OkStatus());
  ASSERT_EQ(customer.Grant(identity->principal_id()).status(), absl::OkStatus());
  identity::v1::IssueTokenRequest issue;
  issue.set_identity(customer.identity());
  issue.set_audience("key_vault");
  const auto token =
      client.Call(*client.tokens, &identity::v1::TokenService::Stub::IssueToken, issue);
  ASSERT_EQ(token.status(), absl::OkStatus());

  Callers callers(client, customer.key(), token->token());
  callers.AwaitEveryone();
  identity::v1::DisableIdentityRequest disable;
  disable.set_name(customer.identity());
  const auto disabled = client.Call(*client.identities,
                                    &identity::v1::IdentityService::Stub::DisableIdentity, disable);
  ASSERT_EQ(disabled.status(), absl::OkStatus());
  callers.Disabled();
  const Counts counts = callers.Stop();
  RecordProperty("succeeded_before", counts.succeeded_before);
  RecordProperty("refused_after", counts.refused_after);
  EXPECT_GE(counts.succeeded_before, kCallers) << "the token was good for every caller";
  EXPECT_EQ(counts.succeeded_after, 0);
  EXPECT_GE(counts.refused_after, kCallers);
}

}  // namespace
}  // namespace keyward::mission
