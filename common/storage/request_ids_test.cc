#include "common/storage/request_ids.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/storage/testing/temporary_database.h"
#include "keyward/identity/v1/tenants.pb.h"

namespace keyward::storage {
namespace {

using ::keyward::identity::v1::CreateTenantRequest;
using ::keyward::identity::v1::MoveSubscriptionRequest;
using ::keyward::identity::v1::Tenant;

constexpr char kId[] = "7b0c9f7e-2a57-4c1e-9a44-3a1f0b8f6f10";
constexpr char kAlice[] = "spiffe://keyward.local/operator/alice";
constexpr char kBob[] = "spiffe://keyward.local/operator/bob";

CreateTenantRequest Create(const std::string& tenant, const std::string& request_id) {
  CreateTenantRequest request;
  request.set_tenant_id(tenant);
  request.set_request_id(request_id);
  return request;
}

// Runs on each engine; the parameter says whether on PostgreSQL.
class RequestIdsTest : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (!GetParam()) {
      temporary_ = testing::TemporaryDatabase::Sqlite();
    } else {
      absl::StatusOr<std::unique_ptr<testing::TemporaryDatabase>> server =
          testing::TemporaryDatabase::Postgresql();
      if (absl::IsNotFound(server.status())) GTEST_SKIP() << server.status().message();
      ASSERT_TRUE(server.ok()) << server.status();
      temporary_ = *std::move(server);
    }
    Open();
  }

  void Open() {
    database_.reset();
    absl::StatusOr<std::unique_ptr<Database>> opened = Database::Open(temporary_->url(), Schemas());
    ASSERT_TRUE(opened.ok()) << opened.status();
    database_ = *std::move(opened);
  }

  static std::vector<Schema> Schemas() {
    return {RequestIdsSchema(),
            {"test",
             {{1, "create", "CREATE TABLE runs (tenant TEXT NOT NULL, n BIGINT NOT NULL);\n"}}}};
  }

  // Counts its runs in the database and answers with how many there were.
  absl::StatusOr<Tenant> Send(const std::string& principal, const CreateTenantRequest& request) {
    return SendTo(*database_, principal, request);
  }

  absl::StatusOr<Tenant> SendTo(Database& database, const std::string& principal,
                                const CreateTenantRequest& request) {
    return IdempotentWrite<Tenant>(
        database, now_, principal, request, [&](Transaction& tx) -> absl::StatusOr<Tenant> {
          absl::StatusOr<int64_t> inserted =
              tx.Execute("INSERT INTO runs (tenant, n) VALUES (:tenant, 1)",
                         {{"tenant", request.tenant_id()}});
          if (!inserted.ok()) return inserted.status();
          if (!failure_.ok()) return failure_;
          Tenant tenant;
          tenant.set_name(absl::StrCat("tenants/", request.tenant_id(), "/", ++calls_));
          return tenant;
        });
  }

  int64_t Runs() {
    int64_t runs = 0;
    EXPECT_TRUE(database_
                    ->Read([&](Transaction& tx) -> absl::Status {
                      auto row = tx.QueryOne("SELECT COUNT(*) FROM runs");
                      if (!row.ok()) return row.status();
                      runs = (*row)->GetInt64(0);
                      return absl::OkStatus();
                    })
                    .ok());
    return runs;
  }

  std::unique_ptr<testing::TemporaryDatabase> temporary_;
  std::unique_ptr<Database> database_;
  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  absl::Status failure_;
  std::atomic<int> calls_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Engines, RequestIdsTest, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Postgresql" : "Sqlite"; });

TEST_P(RequestIdsTest, WithoutRequestIdEveryRequestRuns) {
  EXPECT_EQ(Send(kAlice, Create("a", ""))->name(), "tenants/a/1");
  EXPECT_EQ(Send(kAlice, Create("a", ""))->name(), "tenants/a/2");
  EXPECT_EQ(Runs(), 2);
}

TEST_P(RequestIdsTest, RepetitionReturnsTheFirstAnswerAndChangesNothing) {
  EXPECT_EQ(Send(kAlice, Create("a", kId))->name(), "tenants/a/1");
  EXPECT_EQ(Send(kAlice, Create("a", kId))->name(), "tenants/a/1");
  Open();
  EXPECT_EQ(Send(kAlice, Create("a", kId))->name(), "tenants/a/1");
  EXPECT_EQ(Runs(), 1);
}

// As when a client gives up on one replica and asks another before the first is done.
TEST_P(RequestIdsTest, ConcurrentRepetitionsHappenOnce) {
  constexpr int kSenders = 4;
  std::vector<std::unique_ptr<Database>> replicas;
  for (int i = 0; GetParam() && i < kSenders; ++i) {
    replicas.push_back(*Database::Open(temporary_->url(), Schemas()));
  }
  std::vector<std::string> answers(kSenders);
  std::vector<std::thread> senders;
  for (int i = 0; i < kSenders; ++i) {
    senders.emplace_back([&, i] {
      Database& database = replicas.empty() ? *database_ : *replicas[i];
      const absl::StatusOr<Tenant> answer = SendTo(database, kAlice, Create("a", kId));
      answers[i] = answer.ok() ? answer->name() : answer.status().ToString();
    });
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(Runs(), 1);
  for (const std::string& answer : answers) EXPECT_EQ(answer, answers[0]);
}

TEST_P(RequestIdsTest, PrincipalsDoNotShareRequestIds) {
  EXPECT_EQ(Send(kAlice, Create("a", kId))->name(), "tenants/a/1");
  EXPECT_EQ(Send(kBob, Create("b", kId))->name(), "tenants/b/2");
}

TEST_P(RequestIdsTest, AnotherRequestUnderTheSameIdIsRefused) {
  ASSERT_TRUE(Send(kAlice, Create("a", kId)).ok());
  const absl::Status status = Send(kAlice, Create("b", kId)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ErrorReason(status), "REQUEST_ID_REUSED");
  EXPECT_EQ(Runs(), 1);
}

TEST_P(RequestIdsTest, AnotherMethodUnderTheSameIdIsRefused) {
  ASSERT_TRUE(Send(kAlice, Create("a", kId)).ok());
  MoveSubscriptionRequest move;
  move.set_request_id(kId);
  const absl::Status status =
      IdempotentWrite<Tenant>(*database_, now_, kAlice, move,
                              [](Transaction&) -> absl::StatusOr<Tenant> { return Tenant(); })
          .status();
  EXPECT_EQ(ErrorReason(status), "REQUEST_ID_REUSED");
}

TEST_P(RequestIdsTest, FailureLeavesNoTraceAndMayBeRepeated) {
  failure_ = absl::UnavailableError("not now");
  EXPECT_EQ(Send(kAlice, Create("a", kId)).status(), failure_);
  EXPECT_EQ(Runs(), 0);
  failure_ = absl::OkStatus();
  EXPECT_EQ(Send(kAlice, Create("a", kId))->name(), "tenants/a/1");
}

TEST_P(RequestIdsTest, CaseOfTheIdDoesNotMatter) {
  ASSERT_TRUE(Send(kAlice, Create("a", kId)).ok());
  EXPECT_EQ(Send(kAlice, Create("a", absl::AsciiStrToUpper(kId)))->name(), "tenants/a/1");
  EXPECT_EQ(Runs(), 1);
}

TEST_P(RequestIdsTest, WhatIsNoUuidIsRefused) {
  for (const char* id :
       {"1", "7b0c9f7e2a574c1e9a443a1f0b8f6f10", "7b0c9f7e-2a57-4c1e-9a44-3a1f0b8f6f1g",
        "7b0c9f7e-2a57-4c1e-9a44-3a1f0b8f6f100", "7b0c9f7e-2a57-4c1e-9a443-a1f0b8f6f10",
        "{b0c9f7e-2a57-4c1e-9a44-3a1f0b8f}"}) {
    const absl::Status status = Send(kAlice, Create("a", id)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << id;
  }
  EXPECT_EQ(Runs(), 0);
}

TEST_P(RequestIdsTest, ForgottenAfterTheRetention) {
  ASSERT_TRUE(Send(kAlice, Create("a", kId)).ok());
  now_ += kRequestIdRetention;
  EXPECT_EQ(Send(kAlice, Create("a", kId))->name(), "tenants/a/1");
  now_ += absl::Seconds(1);
  EXPECT_EQ(Send(kAlice, Create("a", kId))->name(), "tenants/a/2");
}

}  // namespace
}  // namespace keyward::storage
