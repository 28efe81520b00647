#ifndef KEYWARD_COMMON_ENVELOPE_WIRE_H_
#define KEYWARD_COMMON_ENVELOPE_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace keyward::envelope {

// Puts the fields of a binary format together; numbers are big-endian.
class Writer {
 public:
  void Byte(uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void Number16(uint16_t value) { Number(value, 2); }
  void Number64(uint64_t value) { Number(value, 8); }
  void Bytes(absl::string_view bytes) { out_.append(bytes.data(), bytes.size()); }
  // A 16-bit length and that many bytes; the caller has checked that they are fewer than 65536.
  void Name(absl::string_view name) {
    Number16(static_cast<uint16_t>(name.size()));
    Bytes(name);
  }

  std::string Take() { return std::move(out_); }

 private:
  void Number(uint64_t value, size_t size) {
    for (size_t i = size; i > 0; --i) Byte(static_cast<uint8_t>(value >> (8 * (i - 1))));
  }

  std::string out_;
};

// Takes them apart again. INVALID_ARGUMENT where the input ends too early.
class Reader {
 public:
  explicit Reader(absl::string_view input) : rest_(input) {}

  absl::StatusOr<uint64_t> Number(size_t size);
  absl::StatusOr<absl::string_view> Bytes(size_t size);
  // The counterpart of Writer::Name(); also INVALID_ARGUMENT if empty or longer than `limit`.
  absl::StatusOr<std::string> Name(size_t limit);

  bool AtEnd() const { return rest_.empty(); }

 private:
  absl::string_view rest_;
};

}  // namespace keyward::envelope

#endif  // KEYWARD_COMMON_ENVELOPE_WIRE_H_
