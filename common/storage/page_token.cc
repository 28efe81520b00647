#include "common/storage/page_token.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/hash.h"
#include "common/status/error.h"
#include "common/storage/message_hash.h"

namespace keyward::storage {
namespace {

// A token is base64url("1" digest key). The digest covers the filter and the key, so that a token
// that was cut, changed or taken from another list is noticed.
constexpr char kVersion = '1';
constexpr size_t kDigestSize = 12;
constexpr size_t kMaximumTokenSize = 2048;

const google::protobuf::FieldDescriptor* Field(const google::protobuf::Message& request,
                                               const char* name) {
  return request.GetDescriptor()->FindFieldByName(name);
}

std::string TokenDigest(const google::protobuf::Message& request, absl::string_view key) {
  std::unique_ptr<google::protobuf::Message> filter(request.New());
  filter->CopyFrom(request);
  for (const char* name : {"page_size", "page_token"}) {
    filter->GetReflection()->ClearField(filter.get(), Field(request, name));
  }
  return crypto::Sha256(absl::StrCat(MessageHash(*filter), key)).substr(0, kDigestSize);
}

absl::Status Refuse() {
  return InvalidField("page_token",
                      "is not the next_page_token of an answer to this list with these filters; "
                      "leave it out to start over");
}

}  // namespace

int64_t Page::after_number() const {
  int64_t number = 0;
  return absl::SimpleAtoi(after, &number) ? number : 0;
}

absl::StatusOr<Page> ParsePage(const google::protobuf::Message& request) {
  const google::protobuf::Reflection& reflection = *request.GetReflection();
  const int32_t page_size = reflection.GetInt32(request, Field(request, "page_size"));
  if (page_size < 0) return InvalidField("page_size", "must not be negative");
  Page page;
  if (page_size > 0) page.size = std::min(page_size, kMaximumPageSize);

  const std::string token = reflection.GetString(request, Field(request, "page_token"));
  if (token.empty()) return page;
  std::string plain;
  if (token.size() > kMaximumTokenSize || !absl::WebSafeBase64Unescape(token, &plain) ||
      absl::WebSafeBase64Escape(plain) != token) {
    return Refuse();
  }
  if (plain.size() <= 1 + kDigestSize || plain[0] != kVersion) return Refuse();
  std::string key = plain.substr(1 + kDigestSize);
  if (plain.substr(1, kDigestSize) != TokenDigest(request, key)) return Refuse();
  page.after = std::move(key);
  return page;
}

std::string NextPageToken(const google::protobuf::Message& request, absl::string_view last) {
  return absl::WebSafeBase64Escape(
      absl::StrCat(std::string(1, kVersion), TokenDigest(request, last), last));
}

std::string NextPageToken(const google::protobuf::Message& request, int64_t last) {
  return NextPageToken(request, absl::StrCat(last));
}

}  // namespace keyward::storage
