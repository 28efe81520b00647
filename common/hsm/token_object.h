#ifndef KEYWARD_COMMON_HSM_TOKEN_OBJECT_H_
#define KEYWARD_COMMON_HSM_TOKEN_OBJECT_H_

#include <p11-kit/pkcs11.h>

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/hsm/objects.h"
#include "common/hsm/token.h"

namespace keyward::hsm {

// One object of a token, whose handle is looked up once a connection. Thread-safe.
class TokenObject {
 public:
  // Finds it by these attributes.
  explicit TokenObject(Attributes attributes) : attributes_(std::move(attributes)) {}

  // Its handle, in a session of Token::Run. CKR_KEY_HANDLE_INVALID if it is not there: a token that
  // came back without its key may yet come back with it.
  CK_RV Handle(const Session& session, CK_OBJECT_HANDLE& handle) const;

 private:
  struct Known {
    uint64_t connection;
    CK_OBJECT_HANDLE handle;
  };

  const Attributes attributes_;
  mutable absl::Mutex mutex_;
  mutable std::optional<Known> known_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyward::hsm

#endif  // KEYWARD_COMMON_HSM_TOKEN_OBJECT_H_
