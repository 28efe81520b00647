#ifndef KEYWARD_COMMON_CRYPTO_ROOT_KEY_SET_H_
#define KEYWARD_COMMON_CRYPTO_ROOT_KEY_SET_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/root_key.h"
#include "common/crypto/secret_bytes.h"

namespace keyward::crypto {

// The root keys of a service while it changes from one to another: the first one seals, and each
// unseals what it has sealed. Thread-safe.
class RootKeySet final : public RootKey {
 public:
  // `previous` may be empty.
  RootKeySet(std::unique_ptr<RootKey> primary, std::vector<std::unique_ptr<RootKey>> previous)
      : primary_(std::move(primary)), previous_(std::move(previous)) {}

  absl::StatusOr<std::string> Seal(const SecretBytes& secret,
                                   absl::string_view context) const override;
  absl::StatusOr<SecretBytes> Unseal(absl::string_view sealed,
                                     absl::string_view context) const override;
  // That of the primary.
  const std::string& id() const override { return primary_->id(); }

  // Whether a key of that id is in the set.
  bool Has(absl::string_view id) const { return Find(id) != nullptr; }
  // Whether there are others than the primary.
  bool several() const { return !previous_.empty(); }

 private:
  const RootKey* Find(absl::string_view id) const;

  const std::unique_ptr<RootKey> primary_;
  const std::vector<std::unique_ptr<RootKey>> previous_;
};

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_ROOT_KEY_SET_H_
