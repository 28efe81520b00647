#include "services/encryption/refusals.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>

#include "common/status/error.h"
#include "keyward/auth/v1/errors.pb.h"
#include "keyward/keyvault/v1/errors.pb.h"

namespace keyward::encryption {
namespace {

using absl::StatusCode;

const std::set<std::pair<StatusCode, std::string>> kAuthoritative = {
    {StatusCode::kPermissionDenied, "FORBIDDEN_BY_POLICY"},
    {StatusCode::kFailedPrecondition, "VAULT_DELETED"},
    {StatusCode::kFailedPrecondition, "KEY_DELETED"},
    {StatusCode::kFailedPrecondition, "KEY_DISABLED"},
    {StatusCode::kFailedPrecondition, "OPERATION_NOT_PERMITTED"},
    {StatusCode::kNotFound, "VAULT_NOT_FOUND"},
    {StatusCode::kNotFound, "KEY_NOT_FOUND"},
    {StatusCode::kNotFound, "KEY_VERSION_NOT_FOUND"},
};

// Every code with every reason that key_vault or any of our servers can give.
TEST(RefusalsTest, OnlyTheClosedListCounts) {
  std::set<std::string> reasons = {"SOMETHING_NEW"};
  const auto* own = google::protobuf::GetEnumDescriptor<keyvault::v1::Reason>();
  for (int i = 0; i < own->value_count(); ++i) reasons.insert(own->value(i)->name().substr(7));
  const auto* shared = google::protobuf::GetEnumDescriptor<auth::v1::Reason>();
  for (int i = 0; i < shared->value_count(); ++i) {
    reasons.insert(shared->value(i)->name().substr(7));
  }
  for (int code = 1; code <= 16; ++code) {
    for (const std::string& reason : reasons) {
      const auto status_code = static_cast<StatusCode>(code);
      EXPECT_EQ(IsAuthoritativeRefusal(ErrorBuilder(status_code, reason, "no")),
                kAuthoritative.count({status_code, reason}) == 1)
          << code << " " << reason;
    }
  }
}

TEST(RefusalsTest, ACodeWithoutOurReasonSaysNothing) {
  EXPECT_FALSE(IsAuthoritativeRefusal(absl::OkStatus()));
  EXPECT_FALSE(IsAuthoritativeRefusal(absl::PermissionDeniedError("FORBIDDEN_BY_POLICY")));
  EXPECT_FALSE(IsAuthoritativeRefusal(absl::NotFoundError("KEY_NOT_FOUND")));
}

TEST(RefusalsTest, CodesAreSpeltAsGrpcDoes) {
  EXPECT_STREQ(CodeName(StatusCode::kOk), "OK");
  EXPECT_STREQ(CodeName(StatusCode::kUnavailable), "UNAVAILABLE");
  EXPECT_STREQ(CodeName(StatusCode::kUnauthenticated), "UNAUTHENTICATED");
}

}  // namespace
}  // namespace keyward::encryption
