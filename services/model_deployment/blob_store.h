#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_BLOB_STORE_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_BLOB_STORE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace keyward::model_deployment {

// A blob being written. Until Publish it cannot be found; unless Keep follows, it is gone when the
// writer is. Not thread-safe.
class BlobWriter {
 public:
  virtual ~BlobWriter() = default;

  // Appends bytes. UNAVAILABLE when the storage does not take them, such as a full disk.
  virtual absl::Status Append(absl::string_view bytes) = 0;
  // All is written: when it returns OK, the whole blob is durable under its name.
  virtual absl::Status Publish() = 0;
  // A row refers to the blob now: it stays.
  virtual void Keep() = 0;

  virtual const std::string& blob() const = 0;
};

// A blob being read, from its start. Not thread-safe.
class BlobReader {
 public:
  virtual ~BlobReader() = default;

  // The next bytes, at most `size`; none at the end.
  virtual absl::StatusOr<std::string> Read(size_t size) = 0;
};

// Where ciphertext lies: blobs of any size that are written once, whole or not at all. Only rows of
// the database make them mean something. Names are 32 hex digits. Thread-safe. Errors: UNAVAILABLE,
// beside those named.
class BlobStore {
 public:
  virtual ~BlobStore() = default;

  // Begins a blob with a new name.
  virtual absl::StatusOr<std::unique_ptr<BlobWriter>> Create() = 0;
  // NOT_FOUND if there is none of this name.
  virtual absl::StatusOr<std::unique_ptr<BlobReader>> Open(absl::string_view blob) = 0;
  // Whether there is one.
  virtual absl::StatusOr<bool> Exists(absl::string_view blob) = 0;
  // When it returns OK, none of these blobs is there any more, also after a crash. Those that are
  // not there are no error.
  virtual absl::Status Remove(absl::Span<const std::string> blobs) = 0;
  // Removes what nobody needs: unfinished blobs, and finished ones that `known` does not know.
  // Never what a writer of this or another process still holds.
  virtual absl::Status Sweep(absl::FunctionRef<absl::StatusOr<bool>(const std::string&)> known) = 0;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_BLOB_STORE_H_
