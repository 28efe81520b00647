#ifndef KEYWARD_COMMON_CRYPTO_ROOT_KEY_PROVIDER_H_
#define KEYWARD_COMMON_CRYPTO_ROOT_KEY_PROVIDER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/root_key.h"

namespace keyward::crypto {

// Where a root key is kept. Errors are FAILED_PRECONDITION, saying what to do, and UNAVAILABLE if
// the place cannot be reached for the moment. Implementations are thread-safe.
class RootKeyProvider {
 public:
  virtual ~RootKeyProvider() = default;

  // The key that is there; where there can be several, the one with this id. NOT_FOUND if there is
  // none. Its id may be another: it is for the caller to look.
  virtual absl::StatusOr<std::unique_ptr<RootKey>> Load(absl::string_view id) const = 0;

  // The key that is there, or a new one. Of several processes that do this at once each may get
  // another.
  virtual absl::StatusOr<std::unique_ptr<RootKey>> LoadOrCreate() const = 0;

  // The place, as an operator names it.
  virtual const std::string& place() const = 0;
};

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_ROOT_KEY_PROVIDER_H_
