#include "common/crypto/strict_json.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"

namespace keyward::crypto {
namespace {

using nlohmann::json;

constexpr size_t kMaxDepth = 16;

// Walks the text before anything is built from it: duplicates and depth are lost on the library's
// own tree, which keeps the last member of a name.
class Inspector {
 public:
  bool start_object(std::size_t) {
    names_.emplace_back();
    return names_.size() <= kMaxDepth;
  }
  bool end_object() {
    names_.pop_back();
    return true;
  }
  bool key(std::string& name) { return names_.back().insert(name).second; }
  // An array opens a level too, in which no name ever comes.
  bool start_array(std::size_t size) { return start_object(size); }
  bool end_array() { return end_object(); }

  bool null() { return Scalar(); }
  bool boolean(bool) { return Scalar(); }
  bool number_integer(json::number_integer_t) { return Scalar(); }
  bool number_unsigned(json::number_unsigned_t) { return Scalar(); }
  bool number_float(json::number_float_t, const std::string&) { return Scalar(); }
  bool string(std::string&) { return Scalar(); }
  bool binary(json::binary_t&) { return false; }
  bool parse_error(std::size_t, const std::string&, const json::exception&) { return false; }

 private:
  bool Scalar() const { return !names_.empty(); }

  std::vector<absl::flat_hash_set<std::string>> names_;
};

}  // namespace

absl::StatusOr<json> ParseStrictJsonObject(absl::string_view text) {
  constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";  // which the library skips
  Inspector inspector;
  // A NUL byte ends the text for the library, whatever follows.
  if (absl::StartsWith(text, kByteOrderMark) || absl::StrContains(text, '\0') ||
      !json::sax_parse(text.begin(), text.end(), &inspector)) {
    return absl::InvalidArgumentError("not a strict JSON object");
  }
  json object = json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return absl::InvalidArgumentError("not a strict JSON object");
  return object;
}

}  // namespace keyward::crypto
