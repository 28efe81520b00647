#ifndef KEYWARD_COMMON_CRYPTO_SECRET_BYTES_H_
#define KEYWARD_COMMON_CRYPTO_SECRET_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace keyward::crypto {

// Secret bytes: key material and plaintext. They live in secret memory (secret_memory.h), are wiped
// when destroyed or moved from, are copied only by Clone(), cannot be printed, and are compared in
// constant time. They are read through ExposeSecret() alone, so that every place that handles a
// secret can be found. Whoever copies them out (into a protobuf, say) answers for that copy.
// Thread-compatible, as a std::string is.
class SecretBytes {
 public:
  // No bytes.
  SecretBytes() = default;
  ~SecretBytes() { Free(); }

  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;

  // `size` zero bytes, to be filled through MutableSecret().
  static SecretBytes Zeroed(size_t size);
  // `size` bytes of the FIPS module's random generator.
  static SecretBytes Random(size_t size);
  // A copy; the caller wipes the original if it was secret already.
  static SecretBytes CopyOf(absl::string_view bytes);
  // A copy; wipes the original and leaves it empty.
  static SecretBytes TakeFrom(std::string& bytes);

  SecretBytes Clone() const { return CopyOf(ExposeSecret()); }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // The bytes, valid until this object changes or goes away.
  absl::string_view ExposeSecret() const {
    return absl::string_view(reinterpret_cast<const char*>(data_), size_);
  }
  // The bytes, to be written.
  absl::Span<uint8_t> MutableSecret() { return absl::MakeSpan(data_, size_); }

  // Keeps the first `size` bytes, which must be there, and wipes the others.
  void Truncate(size_t size);

  // Whether size and bytes are equal; the time taken depends on the sizes alone.
  friend bool operator==(const SecretBytes& a, const SecretBytes& b);
  friend bool operator!=(const SecretBytes& a, const SecretBytes& b) { return !(a == b); }

  friend std::ostream& operator<<(std::ostream& out, const SecretBytes&) = delete;
  // What GoogleTest shows.
  friend void PrintTo(const SecretBytes& secret, std::ostream* out);
  template <typename Sink>
  friend void AbslStringify(Sink& sink, const SecretBytes&) {
    sink.Append("<secret>");
  }

 private:
  SecretBytes(uint8_t* data, size_t size) : data_(data), size_(size), capacity_(size) {}
  void Free();

  uint8_t* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;  // as allocated; Truncate() makes size_ smaller
};

// Whether size and bytes are equal; the time taken depends on the sizes alone. For authenticators
// that are not secret bytes.
bool ConstantTimeEquals(absl::string_view a, absl::string_view b);

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_SECRET_BYTES_H_
