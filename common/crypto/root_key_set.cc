#include "common/crypto/root_key_set.h"

#include "common/status/status_macros.h"

namespace keyward::crypto {

const RootKey* RootKeySet::Find(absl::string_view id) const {
  if (primary_->id() == id) return primary_.get();
  for (const std::unique_ptr<RootKey>& key : previous_) {
    if (key->id() == id) return key.get();
  }
  return nullptr;
}

absl::StatusOr<std::string> RootKeySet::Seal(const SecretBytes& secret,
                                             absl::string_view context) const {
  return primary_->Seal(secret, context);
}

absl::StatusOr<SecretBytes> RootKeySet::Unseal(absl::string_view sealed,
                                               absl::string_view context) const {
  KW_ASSIGN_OR_RETURN(const absl::string_view id, SealedBy(sealed));
  const RootKey* key = Find(id);
  // The primary says what is wrong with a secret of another key.
  return (key == nullptr ? primary_.get() : key)->Unseal(sealed, context);
}

}  // namespace keyward::crypto
