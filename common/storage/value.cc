#include "common/storage/value.h"

#include "absl/base/internal/raw_logging.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"

namespace keyward::storage {

Value Blob(std::string_view bytes) {
  return Value(absl::Base64Escape(absl::string_view(bytes.data(), bytes.size())));
}

const std::optional<std::string>& Row::At(int column) const {
  ABSL_RAW_CHECK(column >= 0 && column < size(), "no such column in the row");
  return columns_[column];
}

bool Row::IsNull(int column) const { return !At(column).has_value(); }

int64_t Row::GetInt64(int column) const {
  if (IsNull(column)) return 0;
  int64_t number = 0;
  ABSL_RAW_CHECK(absl::SimpleAtoi(*At(column), &number), "the column is no BIGINT");
  return number;
}

const std::string& Row::GetString(int column) const {
  static const std::string& empty = *new std::string;
  return IsNull(column) ? empty : *At(column);
}

std::string Row::GetBlob(int column) const {
  std::string bytes;
  ABSL_RAW_CHECK(absl::Base64Unescape(GetString(column), &bytes), "the column is no base64");
  return bytes;
}

}  // namespace keyward::storage
