#include "services/key_vault/batch.h"

namespace keyward::key_vault {
namespace {

constexpr int kMaxItems = 256;
constexpr size_t kMaxSize = 3 << 20;  // an answer is little larger, and fits into a message too

}  // namespace

absl::StatusOr<UsableKey> BatchKeys::Find(const std::string& name, KeyOperation operation) {
  const auto known = found_.find({name, operation});
  if (known != found_.end()) {
    if (known->second.ok()) KW_RETURN_IF_ERROR(keys_.Charge(call_, *known->second));
    return known->second;
  }
  const std::string note = absl::StrCat("key_version.", found_.size());
  return found_.emplace(std::pair(name, operation), keys_.Find(call_, name, operation, note))
      .first->second;
}

absl::Status CheckBatch(const std::string& parent, int items, size_t size) {
  FieldErrors errors;
  errors.Take("parent", VaultName::Parse(parent));
  if (items == 0 || items > kMaxItems) {
    errors.Add("requests", absl::StrCat("has ", items, " items; 1-", kMaxItems, " are possible"));
  }
  if (size > kMaxSize) {
    errors.Add("requests", absl::StrCat("is larger than ", kMaxSize, " bytes all together"));
  }
  return errors.ToStatus();
}

void CheckInVault(const std::string& parent, int item, const std::string& field,
                  const std::string& name, FieldErrors& errors) {
  // A malformed name is the item's own error.
  const absl::StatusOr<KeyReference> reference = KeyReference::Parse(name);
  if (!reference.ok() || reference->key.vault().ToString() == parent) return;
  errors.Add(absl::StrCat("requests[", item, "].", field),
             absl::StrCat("must be a key of ", parent, ", which 'parent' names"));
}

}  // namespace keyward::key_vault
