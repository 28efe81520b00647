#include "services/encryption/named_object.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/encryption/access_transitions.h"

namespace keyward::encryption {
namespace {

constexpr int64_t kLongestObjectName = 512;

// The characters of a text in UTF-8, as every string of a request is.
int64_t CountCharacters(const std::string& text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; });
}

}  // namespace

absl::StatusOr<NamedObject> NamedObject::Parse(const std::string& account, const std::string& scope,
                                               const std::string& object) {
  KW_ASSIGN_OR_RETURN(AccountName name, AccountName::Parse(account, "account"));
  KW_RETURN_IF_ERROR(CheckScope(scope));
  KW_RETURN_IF_ERROR(CheckObject(object));
  envelope::ObjectId id = {name.ToString(), scope, object};
  return NamedObject{std::move(name), std::move(id)};
}

absl::Status CheckObject(const std::string& object) {
  if (object.empty() || CountCharacters(object) > kLongestObjectName ||
      object.size() > envelope::ObjectId::kMaxObject) {
    return InvalidField("object", "must have 1-512 characters, and at most 1536 bytes");
  }
  return absl::OkStatus();
}

}  // namespace keyward::encryption
