#include "common/server/dispatcher.h"

#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/time/clock.h"
#include "common/server/client_context.h"
#include "common/server/testing/echo_server.h"
#include "common/status/error.h"
#include "common/status/error_details.h"
#include "common/status/grpc_status.h"
#include "google/rpc/error_details.pb.h"

namespace keyward::server::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kAlice[] = "spiffe://keyward.local/operator/alice";
constexpr char kPrincipal[] = "11111111-2222-3333-4444-555555555555";

// What goes along with one call.
struct With {
  std::string token = "";
  std::string correlation_id = "test-correlation";
};

// What came back from it.
struct Outcome {
  absl::Status status;
  EchoResponse response;
  std::string correlation_id;

  std::string reason() const { return ErrorReason(status); }
};

class DispatcherTest : public ::testing::Test {
 protected:
  DispatcherTest() : server_(authority_, {}) {
    const absl::Status started = server_.Start();
    EXPECT_TRUE(started.ok()) << started;
    alice_ = server_.Stub(authority_.IssueOperator("alice"));
  }

  template <typename Request>
  Outcome Call(EchoService::Stub& stub,
               grpc::Status (EchoService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                         EchoResponse*),
               const Request& request, const With& with) {
    grpc::ClientContext context;
    Prepare(context, with.correlation_id, absl::Seconds(30), with.token);
    Outcome outcome;
    outcome.status = FromGrpcStatus((stub.*method)(&context, request, &outcome.response));
    const auto& metadata = context.GetServerTrailingMetadata();
    if (const auto id = metadata.find(kCorrelationIdMetadata); id != metadata.end()) {
      outcome.correlation_id = std::string(id->second.data(), id->second.size());
    }
    return outcome;
  }

  Outcome Echo(EchoService::Stub& stub, const std::string& target, const With& with = {}) {
    EchoRequest request;
    request.mutable_target()->set_name(target);
    request.set_text("canary-of-the-request");
    return Call(stub, &EchoService::Stub::Echo, request, with);
  }

  Outcome Fail(absl::StatusCode code, const std::string& reason, const std::string& message) {
    FailRequest request;
    request.set_code(static_cast<int>(code));
    request.set_reason(reason);
    request.set_message(message);
    return Call(*alice_, &EchoService::Stub::Fail, request, {});
  }

  void GrantAlice(const std::string& scope) {
    server_.identities().Grant(kAlice, identity::v1::ROLE_ADMINISTRATOR, scope);
  }

  audit::v1::AuditEntry NewestEntry() { return server_.AuditEntries().at(0); }

  TestAuthority authority_;
  EchoServer server_;
  std::unique_ptr<EchoService::Stub> alice_;
};

TEST_F(DispatcherTest, OperatorWithRoleIsServedAndRecorded) {
  GrantAlice("/");
  const Outcome outcome = Echo(*alice_, "things/1");
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_EQ(outcome.response.text(), "canary-of-the-request");
  EXPECT_EQ(outcome.response.principal(), kAlice);

  ASSERT_EQ(server_.AuditEntries().size(), 1u);
  const audit::v1::AuditEntry entry = NewestEntry();
  EXPECT_EQ(entry.operation(), "keyward.server.testing.EchoService/Echo");
  EXPECT_EQ(entry.resource(), "things/1");
  EXPECT_EQ(entry.result(), "OK");
  EXPECT_EQ(entry.reason(), "");
  EXPECT_EQ(entry.principal(), kAlice);
  EXPECT_EQ(entry.via(), "");
  EXPECT_THAT(entry.peer(), HasSubstr("127.0.0.1"));
  EXPECT_EQ(entry.correlation_id(), "test-correlation");
  EXPECT_EQ(entry.details().at("noted"), "by the handler");
  EXPECT_EQ(entry.details().at("let_in_by"), "test.echo");
  EXPECT_EQ(entry.details().at("let_in_for"), "things/1");
  EXPECT_THAT(entry.DebugString(), Not(HasSubstr("canary")));
}

TEST_F(DispatcherTest, RoleOnAnAncestorCounts) {
  GrantAlice("shelves/1");
  EXPECT_TRUE(Echo(*alice_, "things/1").status.ok());
  EXPECT_EQ(Echo(*alice_, "other/1").reason(), "NOT_AUTHORIZED");
}

TEST_F(DispatcherTest, OperatorWithoutRoleIsRefusedAndRecorded) {
  const Outcome outcome = Echo(*alice_, "things/1");
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(outcome.reason(), "NOT_AUTHORIZED");
  EXPECT_EQ(NewestEntry().result(), "PERMISSION_DENIED");
  EXPECT_EQ(NewestEntry().reason(), "NOT_AUTHORIZED");
  EXPECT_EQ(NewestEntry().principal(), kAlice);
}

TEST_F(DispatcherTest, ForbiddenAndMissingResourcesLookAlike) {
  GrantAlice("things/mine");
  EXPECT_EQ(Echo(*alice_, "things/yours").status, Echo(*alice_, "nothing/at/all").status);
}

TEST_F(DispatcherTest, EmptyResourceNeedsARoleOnTheRoot) {
  GrantAlice("shelves/1");
  EXPECT_EQ(Echo(*alice_, "").reason(), "NOT_AUTHORIZED");
  GrantAlice("/");
  EXPECT_TRUE(Echo(*alice_, "").status.ok());
}

TEST_F(DispatcherTest, RevokedRoleIsGoneAtOnce) {
  const std::string assignment =
      server_.identities().Grant(kAlice, identity::v1::ROLE_ADMINISTRATOR, "/");
  EXPECT_TRUE(Echo(*alice_, "things/1").status.ok());
  server_.identities().Revoke(assignment);
  EXPECT_EQ(Echo(*alice_, "things/1").reason(), "NOT_AUTHORIZED");
}

TEST_F(DispatcherTest, ListedServiceNeedsNoRoleAndOthersDo) {
  auto friendly = server_.Stub(authority_.IssueService("friend"));
  auto stranger = server_.Stub(authority_.IssueService("stranger"));
  auto impostor = server_.Stub(authority_.IssueOperator("friend"));
  EXPECT_TRUE(Echo(*friendly, "things/1").status.ok());
  EXPECT_EQ(Echo(*stranger, "things/1").reason(), "NOT_AUTHORIZED");
  EXPECT_EQ(Echo(*impostor, "things/1").reason(), "NOT_AUTHORIZED");
}

TEST_F(DispatcherTest, KeyPermissionIsAskedOfTheChecker) {
  UseKeyRequest request;
  request.set_name("keys/1");
  EXPECT_TRUE(Call(*alice_, &EchoService::Stub::UseKey, request, {}).status.ok());
  request.set_name("keys/2");
  EXPECT_EQ(Call(*alice_, &EchoService::Stub::UseKey, request, {}).reason(), "NOT_AUTHORIZED");
  auto bob = server_.Stub(authority_.IssueOperator("bob"));
  request.set_name("keys/1");
  EXPECT_EQ(Call(*bob, &EchoService::Stub::UseKey, request, {}).reason(), "NOT_AUTHORIZED");
}

TEST_F(DispatcherTest, TokenMakesTheCallerItsIdentity) {
  server_.identities().SetPrincipal(kPrincipal);
  server_.identities().Grant(kPrincipal, identity::v1::ROLE_ADMINISTRATOR, "/");
  const std::string token = server_.identities().IssueToken(kPrincipal, "echo");
  const Outcome outcome = Echo(*alice_, "things/1", {.token = token});
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_EQ(outcome.response.principal(), kPrincipal);
  EXPECT_EQ(outcome.response.tenant(), "tenants/test");
  EXPECT_EQ(NewestEntry().principal(), kPrincipal);
  EXPECT_EQ(NewestEntry().via(), kAlice);
}

TEST_F(DispatcherTest, TokenDoesNotAddToTheCertificatesRights) {
  GrantAlice("/");
  server_.identities().SetPrincipal(kPrincipal);
  const std::string token = server_.identities().IssueToken(kPrincipal, "echo");
  EXPECT_EQ(Echo(*alice_, "things/1", {.token = token}).reason(), "NOT_AUTHORIZED");
  auto friendly = server_.Stub(authority_.IssueService("friend"));
  EXPECT_EQ(Echo(*friendly, "things/1", {.token = token}).reason(), "NOT_AUTHORIZED");
}

TEST_F(DispatcherTest, BadTokensAreAllRefusedAlikeAndRecorded) {
  GrantAlice("/");
  auth::testing::TestIdentities& identities = server_.identities();
  identities.SetPrincipal(kPrincipal);
  auth::TokenClaims expired = identities.Claims(kPrincipal, "echo");
  expired.issued_at -= absl::Minutes(8);
  expired.expires = absl::Now() - absl::Seconds(1);
  const absl::Status first = Echo(*alice_, "things/1", {.token = identities.Sign(expired)}).status;
  EXPECT_EQ(first.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(ErrorReason(first), "TOKEN_INVALID");
  EXPECT_EQ(NewestEntry().result(), "UNAUTHENTICATED");
  EXPECT_EQ(NewestEntry().principal(), "");
  EXPECT_EQ(NewestEntry().via(), kAlice);
  const std::string other_audience = identities.IssueToken(kPrincipal, "key_vault");
  EXPECT_EQ(Echo(*alice_, "things/1", {.token = other_audience}).status, first);
  EXPECT_EQ(Echo(*alice_, "things/1", {.token = "no.token.atall"}).status, first);
  const std::string good = identities.IssueToken(kPrincipal, "echo");
  identities.SetPrincipal(kPrincipal, false);
  EXPECT_EQ(Echo(*alice_, "things/1", {.token = good}).status, first);
}

TEST_F(DispatcherTest, TokenSentTwiceIsRefused) {
  GrantAlice("/");
  server_.identities().SetPrincipal(kPrincipal);
  grpc::ClientContext context;
  const std::string token = server_.identities().IssueToken(kPrincipal, "echo");
  Prepare(context, "id", absl::Seconds(30), token);
  context.AddMetadata(kAuthorizationMetadata, "Bearer " + token);
  EchoResponse response;
  const absl::Status status = FromGrpcStatus(alice_->Echo(&context, EchoRequest(), &response));
  EXPECT_EQ(ErrorReason(status), "TOKEN_INVALID");
}

TEST_F(DispatcherTest, StaleFeedSuspendsRolesAndTokensButNotServices) {
  GrantAlice("/");
  server_.identities().SetPrincipal(kPrincipal);
  const std::string token = server_.identities().IssueToken(kPrincipal, "echo");
  server_.SetFresh(false);
  const Outcome by_role = Echo(*alice_, "things/1");
  EXPECT_EQ(by_role.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(by_role.reason(), "FEED_STALE");
  EXPECT_EQ(Echo(*alice_, "things/1", {.token = token}).reason(), "FEED_STALE");
  auto friendly = server_.Stub(authority_.IssueService("friend"));
  EXPECT_TRUE(Echo(*friendly, "things/1").status.ok());
  server_.SetFresh(true);
  EXPECT_TRUE(Echo(*alice_, "things/1").status.ok());
}

TEST_F(DispatcherTest, UnknownFieldsAndEnumValuesAreRefusedByName) {
  GrantAlice("/");
  EchoRequest request;
  request.mutable_target()->set_name("things/1");
  request.mutable_target()
      ->GetReflection()
      ->MutableUnknownFields(request.mutable_target())
      ->AddVarint(77, 1);
  request.set_color(static_cast<Color>(9));
  const Outcome outcome = Call(*alice_, &EchoService::Stub::Echo, request, {});
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(outcome.reason(), "INVALID_REQUEST");
  const auto details = GetErrorDetails(outcome.status);
  ASSERT_TRUE(details.has_value());
  google::rpc::BadRequest bad_request;
  ASSERT_TRUE(details->details(1).UnpackTo(&bad_request));
  ASSERT_EQ(bad_request.field_violations_size(), 2);
  EXPECT_EQ(bad_request.field_violations(0).field(), "target.77");
  EXPECT_EQ(bad_request.field_violations(1).field(), "color");
}

TEST_F(DispatcherTest, AuthorisationComesBeforeValidation) {
  EchoRequest request;
  request.set_color(static_cast<Color>(9));
  EXPECT_EQ(Call(*alice_, &EchoService::Stub::Echo, request, {}).reason(), "NOT_AUTHORIZED");
}

TEST_F(DispatcherTest, ErrorDetailsOfAHandlerSurvive) {
  const Outcome outcome =
      Fail(absl::StatusCode::kFailedPrecondition, "THING_BROKEN", "Thing 1 is broken.");
  EXPECT_EQ(outcome.status, ErrorBuilder(absl::StatusCode::kFailedPrecondition, "THING_BROKEN",
                                         "Thing 1 is broken.")
                                .With("resource", "things/1")
                                .Violation("BROKEN", "things/1", "mend it")
                                .RetryAfter(absl::Seconds(3))
                                .Build());
  EXPECT_EQ(NewestEntry().result(), "FAILED_PRECONDITION");
  EXPECT_EQ(NewestEntry().reason(), "THING_BROKEN");
}

TEST_F(DispatcherTest, ErrorsWithoutReasonBecomeInternalAndTellNothing) {
  for (const absl::StatusCode code :
       {absl::StatusCode::kNotFound, absl::StatusCode::kInternal, absl::StatusCode::kUnknown,
        absl::StatusCode::kPermissionDenied, absl::StatusCode::kDataLoss}) {
    const Outcome outcome = Fail(code, "", "secret-cause");
    EXPECT_EQ(outcome.status.code(), absl::StatusCode::kInternal);
    EXPECT_EQ(outcome.reason(), "INTERNAL");
    EXPECT_EQ(ErrorMetadata(outcome.status, "correlation_id"), "test-correlation");
    EXPECT_THAT(outcome.status.ToString(), Not(HasSubstr("secret-cause")));
  }
}

TEST_F(DispatcherTest, ErrorsOfTransportKeepTheirCodeAndGetAReason) {
  const Outcome unavailable = Fail(absl::StatusCode::kUnavailable, "", "secret-cause");
  EXPECT_EQ(unavailable.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(unavailable.reason(), "DEPENDENCY_UNAVAILABLE");
  EXPECT_THAT(unavailable.status.ToString(), Not(HasSubstr("secret-cause")));
  EXPECT_EQ(Fail(absl::StatusCode::kDeadlineExceeded, "", "x").reason(), "DEADLINE_EXCEEDED");
  EXPECT_EQ(Fail(absl::StatusCode::kCancelled, "", "x").reason(), "CANCELLED");
}

TEST_F(DispatcherTest, CorrelationIdComesBackAndABadOneIsReplaced) {
  GrantAlice("/");
  const Outcome kept = Echo(*alice_, "things/1", {.correlation_id = "abc-1.2_Z"});
  EXPECT_EQ(kept.response.correlation_id(), "abc-1.2_Z");
  EXPECT_EQ(kept.correlation_id, "abc-1.2_Z");
  const Outcome replaced = Echo(*alice_, "things/1", {.correlation_id = "not one {}"});
  EXPECT_EQ(replaced.response.correlation_id().size(), 32u);
  EXPECT_EQ(replaced.correlation_id, replaced.response.correlation_id());
}

TEST_F(DispatcherTest, AuditLogCanBeRead) {
  GrantAlice("/");
  ASSERT_TRUE(Echo(*alice_, "things/1", {.correlation_id = "one"}).status.ok());
  ASSERT_TRUE(Echo(*alice_, "things/1/parts/2", {.correlation_id = "two"}).status.ok());
  ASSERT_TRUE(Echo(*alice_, "things/10", {.correlation_id = "three"}).status.ok());
  auto stub = audit::v1::AuditService::NewStub(server_.Channel(authority_.IssueOperator("alice")));
  grpc::ClientContext context;
  audit::v1::ListAuditEntriesRequest request;
  request.set_resource("things/1");
  audit::v1::ListAuditEntriesResponse response;
  ASSERT_TRUE(stub->ListAuditEntries(&context, request, &response).ok());
  ASSERT_EQ(response.entries_size(), 2);
  EXPECT_EQ(response.entries(0).correlation_id(), "two");
  EXPECT_EQ(response.entries(1).correlation_id(), "one");
}

TEST_F(DispatcherTest, WhatWasMadeAndWhatWasOnlyTriedStandInTheAuditLog) {
  GrantAlice("/");
  const auto create = [&](const std::string& id, bool validate_only, bool async) {
    CreateThingRequest request;
    request.set_parent("shelves/1");
    request.set_thing_id(id);
    request.set_validate_only(validate_only);
    request.set_async(async);
    grpc::ClientContext context;
    Thing thing;
    EXPECT_TRUE(alice_->CreateThing(&context, request, &thing).ok());
    EXPECT_EQ(thing.validate_only(), validate_only);
    return NewestEntry();
  };
  const audit::v1::AuditEntry made = create("1", false, false);
  EXPECT_EQ(made.resource(), "shelves/1");
  EXPECT_EQ(made.details().at("created"), "things/1");
  EXPECT_EQ(made.details().count("validate_only"), 0u);
  EXPECT_EQ(made.details().count("async"), 0u);
  const audit::v1::AuditEntry tried = create("2", true, false);
  EXPECT_EQ(tried.details().at("validate_only"), "true");
  EXPECT_EQ(tried.details().count("created"), 0u);
  EXPECT_EQ(create("3", false, true).details().at("async"), "true");
}

TEST_F(DispatcherTest, StreamIsAuthorisedCheckedAndRecorded) {
  ChatRequest message;
  message.set_name("things/1");
  message.set_text("hello");
  const auto chat = [&] {
    grpc::ClientContext context;
    auto stream = alice_->Chat(&context);
    stream->Write(message);
    stream->WritesDone();
    EchoResponse response;
    while (stream->Read(&response)) {
    }
    return std::make_pair(FromGrpcStatus(stream->Finish()), response);
  };
  EXPECT_EQ(ErrorReason(chat().first), "NOT_AUTHORIZED");
  EXPECT_EQ(NewestEntry().operation(), "keyward.server.testing.EchoService/Chat");
  EXPECT_EQ(NewestEntry().result(), "PERMISSION_DENIED");
  GrantAlice("shelves/1");
  const auto [status, response] = chat();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(response.text(), "hello");
  const std::vector<audit::v1::AuditEntry> entries = server_.AuditEntries();
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].details().at("stream"), "closed");
  EXPECT_EQ(entries[1].details().at("stream"), "opened");
  EXPECT_EQ(entries[1].resource(), "things/1");
  message.GetReflection()->MutableUnknownFields(&message)->AddVarint(99, 1);
  EXPECT_EQ(ErrorReason(chat().first), "INVALID_REQUEST");
}

}  // namespace
}  // namespace keyward::server::testing
