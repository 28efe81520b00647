#ifndef KEYWARD_COMMON_HSM_TOKEN_ROOT_KEY_PROVIDER_H_
#define KEYWARD_COMMON_HSM_TOKEN_ROOT_KEY_PROVIDER_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/root_key.h"
#include "common/crypto/root_key_provider.h"
#include "common/hsm/token.h"

namespace keyward::hsm {

// The root keys with one label in a token, as TokenRootKey describes them. Thread-safe.
class TokenRootKeyProvider final : public crypto::RootKeyProvider {
 public:
  TokenRootKeyProvider(std::shared_ptr<Token> token, std::string label, std::string place)
      : token_(std::move(token)), label_(std::move(label)), place_(std::move(place)) {}

  absl::StatusOr<std::unique_ptr<crypto::RootKey>> Load(absl::string_view id) const override;
  absl::StatusOr<std::unique_ptr<crypto::RootKey>> LoadOrCreate() const override;
  const std::string& place() const override { return place_; }

 private:
  const std::shared_ptr<Token> token_;
  const std::string label_;
  const std::string place_;
};

}  // namespace keyward::hsm

#endif  // KEYWARD_COMMON_HSM_TOKEN_ROOT_KEY_PROVIDER_H_
