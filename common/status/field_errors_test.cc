#include "common/status/field_errors.h"

#include <gtest/gtest.h>

#include "common/status/error.h"

namespace keyward {
namespace {

TEST(FieldErrorsTest, NothingWrongIsOk) {
  FieldErrors errors;
  errors.Check(absl::OkStatus());
  EXPECT_EQ(errors.Take("size", absl::StatusOr<int>(3)), 3);
  EXPECT_TRUE(errors.empty());
  EXPECT_TRUE(errors.ToStatus().ok());
}

TEST(FieldErrorsTest, EveryFieldIsNamedInOneError) {
  FieldErrors errors;
  errors.Add("id", "is required");
  errors.Check(InvalidField("parent", "must be a name"));
  EXPECT_FALSE(
      errors.Take("size", absl::StatusOr<int>(absl::InvalidArgumentError("is too large"))));
  EXPECT_FALSE(errors.empty());
  EXPECT_EQ(errors.ToStatus(),
            ErrorBuilder(absl::StatusCode::kInvalidArgument, "INVALID_REQUEST",
                         "Field 'id' is required. Field 'parent' must be a name. Field 'size' is "
                         "too large")
                .BadField("id", "is required")
                .BadField("parent", "must be a name")
                .BadField("size", "is too large"));
}

TEST(FieldErrorsTest, TheFirstOfVeryManyAreNamed) {
  FieldErrors errors;
  for (int i = 0; i < 1'000'000; ++i) errors.Add("ids", "must be short");
  const std::string message(errors.ToStatus().message());
  EXPECT_LT(message.size(), 1000u);
  EXPECT_NE(message.find("More follow"), std::string::npos);
}

TEST(FieldErrorsTest, AnErrorThatIsAboutNoFieldIsNotSwallowed) {
  FieldErrors errors;
  errors.Add("id", "is required");
  errors.Check(absl::UnavailableError("no database"));
  EXPECT_FALSE(errors.empty());
  EXPECT_EQ(errors.ToStatus(), absl::UnavailableError("no database"));
}

}  // namespace
}  // namespace keyward
