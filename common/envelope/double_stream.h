#ifndef KEYWARD_COMMON_ENVELOPE_DOUBLE_STREAM_H_
#define KEYWARD_COMMON_ENVELOPE_DOUBLE_STREAM_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/secret_bytes.h"
#include "common/envelope/data_keys.h"
#include "common/envelope/object_header.h"
#include "common/envelope/object_id.h"
#include "common/envelope/tink_stream.h"

namespace keyward::envelope {

// The size of the stored object of `plaintext_size` bytes behind `header`.
uint64_t StoredSize(const ObjectHeader& header, uint64_t plaintext_size);

// Encrypts a stream into a stored object, header ‖ outer layer(inner layer(plaintext)), in memory
// for one segment a layer. Behaves as StreamEncryptor does.
class ObjectEncryptor {
 public:
  // The keys must be those that `header` wraps, and must not have encrypted another object.
  static absl::StatusOr<ObjectEncryptor> Create(const ObjectHeader& header, const DataKeys& keys);

  absl::Status Update(absl::string_view plaintext, Sink sink);
  absl::Status Finish(Sink sink);

 private:
  ObjectEncryptor(std::string header, StreamEncryptor inner, StreamEncryptor outer)
      : header_(std::move(header)), inner_(std::move(inner)), outer_(std::move(outer)) {}
  absl::Status EmitHeader(Sink sink);

  std::string header_;
  std::optional<absl::Status> header_emitted_;  // what the sink said to the header
  StreamEncryptor inner_;
  StreamEncryptor outer_;
};

// Decrypts a stored object, in memory for one segment a layer. Behaves as StreamDecryptor does:
// what it passes on is authentic and in its place, and whole once Finish() has returned OK.
class ObjectDecryptor {
 public:
  // `id` is the object that the caller wants; INVALID_ARGUMENT if `header` is that of another. The
  // keys are those that `header` wraps.
  static absl::StatusOr<ObjectDecryptor> Create(const ObjectHeader& header, const ObjectId& id,
                                                const DataKeys& keys);

  // Takes the next bytes of the object, starting after its header.
  absl::Status Update(absl::string_view ciphertext, Sink sink);
  absl::Status Finish(Sink sink);

 private:
  ObjectDecryptor(StreamDecryptor inner, StreamDecryptor outer)
      : inner_(std::move(inner)), outer_(std::move(outer)) {}

  StreamDecryptor inner_;
  StreamDecryptor outer_;
};

// The same for values that fit in memory: a whole stored object at once.
absl::StatusOr<std::string> EncryptSmall(const ObjectHeader& header, const DataKeys& keys,
                                         absl::string_view plaintext);

// A stored object taken apart without copying.
struct SplitObject {
  ObjectHeader header;
  absl::string_view body;  // what ObjectDecryptor::Update() and DecryptSmall() take
};

// INVALID_ARGUMENT, saying why, unless `stored` starts with a whole header.
absl::StatusOr<SplitObject> SplitStored(absl::string_view stored);

// The plaintext of a whole body. INVALID_ARGUMENT as ObjectDecryptor.
absl::StatusOr<crypto::SecretBytes> DecryptSmall(const ObjectHeader& header, const ObjectId& id,
                                                 const DataKeys& keys, absl::string_view body);

}  // namespace keyward::envelope

#endif  // KEYWARD_COMMON_ENVELOPE_DOUBLE_STREAM_H_
