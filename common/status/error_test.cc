#include "common/status/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/status/error_details.h"
#include "common/status/grpc_status.h"
#include "google/rpc/error_details.pb.h"

namespace keyward {
namespace {

absl::Status Full() {
  return ErrorBuilder(absl::StatusCode::kFailedPrecondition, "KEY_UNUSABLE",
                      "Key 'vaults/v/keys/k' cannot be used.")
      .With("resource", "vaults/v/keys/k")
      .Violation("KEY_DISABLED", "vaults/v/keys/k", "enable it")
      .Violation("SOFT_DELETE_OFF", "vaults/v", "turn soft delete on")
      .BadField("key", "must be RSA")
      .RetryAfter(absl::Milliseconds(1500));
}

TEST(ErrorTest, CarriesReasonMessageAndMetadata) {
  const absl::Status status = Full();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(), "Key 'vaults/v/keys/k' cannot be used.");
  EXPECT_EQ(ErrorReason(status), "KEY_UNUSABLE");
  EXPECT_EQ(ErrorMetadata(status, "resource"), "vaults/v/keys/k");
  EXPECT_EQ(ErrorMetadata(status, "other"), "");
}

TEST(ErrorTest, CarriesEveryViolationAtOnce) {
  const auto details = GetErrorDetails(Full());
  ASSERT_TRUE(details.has_value());
  ASSERT_EQ(details->details_size(), 4);
  google::rpc::PreconditionFailure failure;
  ASSERT_TRUE(details->details(1).UnpackTo(&failure));
  ASSERT_EQ(failure.violations_size(), 2);
  EXPECT_EQ(failure.violations(0).type(), "KEY_DISABLED");
  EXPECT_EQ(failure.violations(1).subject(), "vaults/v");
  google::rpc::BadRequest bad_request;
  ASSERT_TRUE(details->details(2).UnpackTo(&bad_request));
  EXPECT_EQ(bad_request.field_violations(0).field(), "key");
  google::rpc::RetryInfo retry;
  ASSERT_TRUE(details->details(3).UnpackTo(&retry));
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 500'000'000);
}

TEST(ErrorTest, PlainErrorsHaveNoReason) {
  EXPECT_EQ(ErrorReason(absl::InternalError("x")), "");
  EXPECT_EQ(ErrorReason(absl::OkStatus()), "");
  EXPECT_EQ(ErrorMetadata(absl::InternalError("x"), "resource"), "");
}

TEST(ErrorTest, InvalidFieldNamesTheField) {
  const absl::Status status = InvalidField("parent", "must be a vault");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorReason(status), "INVALID_REQUEST");
  EXPECT_EQ(status.message(), "Field 'parent' must be a vault");
}

TEST(ErrorTest, MetadataCanBeAddedLater) {
  const absl::Status status = WithErrorMetadata(Full(), "correlation_id", "abc");
  EXPECT_EQ(ErrorMetadata(status, "correlation_id"), "abc");
  EXPECT_EQ(ErrorMetadata(status, "resource"), "vaults/v/keys/k");
  EXPECT_EQ(WithErrorMetadata(absl::InternalError("x"), "k", "v"), absl::InternalError("x"));
}

TEST(ErrorTest, NothingIsLostOverGrpc) {
  const absl::Status status = Full();
  const grpc::Status wire = ToGrpcStatus(status);
  EXPECT_EQ(wire.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(wire.error_details()));
  EXPECT_EQ(details.code(), 9);
  EXPECT_EQ(details.message(), status.message());
  EXPECT_EQ(FromGrpcStatus(wire), status);
  EXPECT_TRUE(FromGrpcStatus(ToGrpcStatus(absl::OkStatus())).ok());
  EXPECT_EQ(FromGrpcStatus(ToGrpcStatus(absl::NotFoundError("gone"))), absl::NotFoundError("gone"));
}

TEST(ErrorTest, NothingIsLostInAMessage) {
  EXPECT_EQ(ToRpcStatus(Full()).SerializeAsString(), ToGrpcStatus(Full()).error_details());
  EXPECT_EQ(ToRpcStatus(absl::NotFoundError("gone")).code(), 5);
}

TEST(ErrorTest, DetailsThatDoNotParseAreLeftOut) {
  EXPECT_EQ(FromGrpcStatus(grpc::Status(grpc::StatusCode::ABORTED, "m", "\xff\xff")),
            absl::AbortedError("m"));
}

}  // namespace
}  // namespace keyward
