#include "common/crypto/root_key.h"

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace keyward::crypto {
namespace {

constexpr size_t kHeader = 1 + kRootKeyIdSize;

absl::Status NotSealed() {
  return absl::InvalidArgumentError("not a sealed secret of a known version");
}

}  // namespace

absl::StatusOr<absl::string_view> SealedBy(absl::string_view sealed) {
  if (sealed.size() < kHeader) return NotSealed();
  return sealed.substr(1, kRootKeyIdSize);
}

std::string SealedForm(char kind, absl::string_view id, absl::string_view body) {
  return absl::StrCat(absl::string_view(&kind, 1), id, body);
}

absl::StatusOr<absl::string_view> SealedBody(char kind, absl::string_view id,
                                             absl::string_view sealed) {
  KW_ASSIGN_OR_RETURN(const absl::string_view sealed_by, SealedBy(sealed));
  if (sealed_by != id) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the secret was sealed by another root key, ", absl::BytesToHexString(sealed_by),
        "; start with the root key that belongs to this database"));
  }
  if (sealed[0] != kind) return NotSealed();
  return sealed.substr(kHeader);
}

}  // namespace keyward::crypto
