#ifndef KEYWARD_COMMON_ENVELOPE_OBJECT_HEADER_H_
#define KEYWARD_COMMON_ENVELOPE_OBJECT_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/envelope/object_id.h"

namespace keyward::envelope {

// The header of a stored object ("KWO1", docs/formats.md): what the object is bound to, which keys
// wrap its two data keys, and the wrapped keys. It holds nothing secret. Its names and numbers are
// claims until the wrapped keys have been opened (header_keys.h): they are the associated data of
// the wrapping, so that a header with a bit changed opens nothing. A value; thread-compatible.
class ObjectHeader {
 public:
  static constexpr size_t kMaxSize = 2048;
  // How much of an object tells the size of its header.
  static constexpr size_t kPrefixSize = 8;
  // An AES-256 key sealed by crypto::AesGcmAead: nonce ‖ key ‖ tag.
  static constexpr size_t kWrappedKeySize = 12 + 32 + 16;

  struct Fields {
    ObjectId id;
    uint64_t scope_key_generation = 0;  // which key of the scope wraps the inner data key; from 1
    std::string wrapped_inner_key;
    uint64_t platform_key_version = 0;  // which platform key wraps the outer data key; from 1
    std::string wrapped_outer_key;
  };

  // INVALID_ARGUMENT, saying why, if a field is outside its limits.
  static absl::StatusOr<ObjectHeader> Create(Fields fields);

  // Parses a header and nothing after it. INVALID_ARGUMENT, saying why, unless `bytes` are exactly
  // what bytes() of some header returns.
  static absl::StatusOr<ObjectHeader> Parse(absl::string_view bytes);

  // The size of the header of an object that starts with `prefix`, of which kPrefixSize bytes are
  // needed. INVALID_ARGUMENT if no header starts so.
  static absl::StatusOr<size_t> SizeFromPrefix(absl::string_view prefix);

  const ObjectId& id() const { return fields_.id; }
  uint64_t scope_key_generation() const { return fields_.scope_key_generation; }
  const std::string& wrapped_inner_key() const { return fields_.wrapped_inner_key; }
  uint64_t platform_key_version() const { return fields_.platform_key_version; }
  const std::string& wrapped_outer_key() const { return fields_.wrapped_outer_key; }

  // The stored form.
  const std::string& bytes() const { return bytes_; }

  // The associated data under which each data key is wrapped: a label and every byte of the header
  // before the wrapped key. So the outer key can be wrapped anew, under another platform key,
  // without the customer's key at hand.
  static std::string InnerKeyContext(const Fields& fields);
  static std::string OuterKeyContext(const Fields& fields);
  std::string InnerKeyContext() const { return InnerKeyContext(fields_); }
  std::string OuterKeyContext() const { return OuterKeyContext(fields_); }

 private:
  ObjectHeader(Fields fields, std::string bytes)
      : fields_(std::move(fields)), bytes_(std::move(bytes)) {}

  Fields fields_;
  std::string bytes_;
};

}  // namespace keyward::envelope

#endif  // KEYWARD_COMMON_ENVELOPE_OBJECT_HEADER_H_
