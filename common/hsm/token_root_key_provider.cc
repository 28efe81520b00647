#include "common/hsm/token_root_key_provider.h"

#include "absl/status/status.h"
#include "common/hsm/token_root_key.h"

namespace keyward::hsm {

absl::StatusOr<std::unique_ptr<crypto::RootKey>> TokenRootKeyProvider::Load(
    absl::string_view id) const {
  return TokenRootKey::Find(token_, label_, id);
}

absl::StatusOr<std::unique_ptr<crypto::RootKey>> TokenRootKeyProvider::LoadOrCreate() const {
  auto found = TokenRootKey::Find(token_, label_, "");
  if (!absl::IsNotFound(found.status())) return found;
  return TokenRootKey::Create(token_, label_);
}

}  // namespace keyward::hsm
