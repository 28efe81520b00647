#ifndef KEYWARD_SERVICES_ENCRYPTION_OBJECT_READER_H_
#define KEYWARD_SERVICES_ENCRYPTION_OBJECT_READER_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/envelope/double_stream.h"
#include "services/encryption/stream_access.h"

namespace keyward::encryption {

// Decrypts a stored object that comes in pieces, from its header on. Behaves as
// envelope::ObjectDecryptor does, but that every error of its own is CIPHERTEXT_INVALID. Not
// thread-safe.
class ObjectReader {
 public:
  // Opens the object that `access` is for, which must outlive this.
  explicit ObjectReader(StreamAccess& access) : access_(access) {}

  // Also the errors of StreamAccess::Open and of the sink.
  absl::Status Update(absl::string_view ciphertext, envelope::Sink sink);
  absl::Status Finish(envelope::Sink sink);

 private:
  // Opens the header once all of it has come, and leaves what follows it in front_.
  absl::Status OpenHeader();

  StreamAccess& access_;
  // What came before the header was whole.
  std::string front_;
  std::optional<envelope::ObjectDecryptor> decryptor_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_OBJECT_READER_H_
