#include "common/hsm/errors.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "common/status/error.h"

namespace keyward::hsm {
namespace {

struct Named {
  CK_RV result;
  const char* name;
  bool lost;
};

// The results that one meets; others are shown by number.
#define KW_RESULT(name, lost) \
  { name, #name, lost }
constexpr Named kResults[] = {
    KW_RESULT(CKR_GENERAL_ERROR, true),
    KW_RESULT(CKR_FUNCTION_FAILED, true),
    KW_RESULT(CKR_HOST_MEMORY, true),
    KW_RESULT(CKR_DEVICE_ERROR, true),
    KW_RESULT(CKR_DEVICE_REMOVED, true),
    KW_RESULT(CKR_TOKEN_NOT_PRESENT, true),
    KW_RESULT(CKR_TOKEN_NOT_RECOGNIZED, true),
    KW_RESULT(CKR_SLOT_ID_INVALID, true),
    KW_RESULT(CKR_SESSION_HANDLE_INVALID, true),
    KW_RESULT(CKR_SESSION_CLOSED, true),
    KW_RESULT(CKR_SESSION_COUNT, true),
    KW_RESULT(CKR_USER_NOT_LOGGED_IN, true),
    KW_RESULT(CKR_CRYPTOKI_NOT_INITIALIZED, true),
    KW_RESULT(CKR_KEY_HANDLE_INVALID, true),
    KW_RESULT(CKR_OBJECT_HANDLE_INVALID, true),
    KW_RESULT(CKR_PIN_INCORRECT, false),
    KW_RESULT(CKR_PIN_INVALID, false),
    KW_RESULT(CKR_PIN_LEN_RANGE, false),
    KW_RESULT(CKR_PIN_EXPIRED, false),
    KW_RESULT(CKR_PIN_LOCKED, false),
    KW_RESULT(CKR_USER_PIN_NOT_INITIALIZED, false),
    KW_RESULT(CKR_DEVICE_MEMORY, false),
    KW_RESULT(CKR_MECHANISM_INVALID, false),
    KW_RESULT(CKR_MECHANISM_PARAM_INVALID, false),
    KW_RESULT(CKR_KEY_FUNCTION_NOT_PERMITTED, false),
    KW_RESULT(CKR_KEY_TYPE_INCONSISTENT, false),
    KW_RESULT(CKR_KEY_SIZE_RANGE, false),
    KW_RESULT(CKR_ATTRIBUTE_SENSITIVE, false),
    KW_RESULT(CKR_ATTRIBUTE_VALUE_INVALID, false),
    KW_RESULT(CKR_TEMPLATE_INCONSISTENT, false),
    KW_RESULT(CKR_TEMPLATE_INCOMPLETE, false),
    KW_RESULT(CKR_TOKEN_WRITE_PROTECTED, false),
    KW_RESULT(CKR_CURVE_NOT_SUPPORTED, false),
    KW_RESULT(CKR_FUNCTION_NOT_SUPPORTED, false),
    KW_RESULT(CKR_ENCRYPTED_DATA_INVALID, false),
    KW_RESULT(CKR_ENCRYPTED_DATA_LEN_RANGE, false),
    KW_RESULT(CKR_ARGUMENTS_BAD, false),
};
#undef KW_RESULT

const Named* Find(CK_RV result) {
  for (const Named& named : kResults) {
    if (named.result == result) return &named;
  }
  return nullptr;
}

}  // namespace

std::string ToString(CK_RV result) {
  const Named* named = Find(result);
  return named == nullptr ? absl::StrFormat("CK_RV 0x%x", result) : named->name;
}

bool MayBeLost(CK_RV result) {
  const Named* named = Find(result);
  return named != nullptr && named->lost;
}

absl::Status TokenUnavailable(const std::string& token, absl::string_view why) {
  return ErrorBuilder(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE",
                      absl::StrCat("the token ", token, " cannot be used at the moment: ", why,
                                   ". Nothing is lost: once it is back, everything resumes by "
                                   "itself"))
      .With("token", token)
      .RetryAfter(absl::Seconds(1));
}

absl::Status TokenRefuses(const std::string& token, absl::string_view why) {
  return absl::FailedPreconditionError(absl::StrCat("the token ", token, ": ", why));
}

}  // namespace keyward::hsm
