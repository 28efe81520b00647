#include "services/encryption/open_keys.h"

namespace keyward::encryption {

std::optional<ScopeKey> OpenKeys::Newest(const std::string& scope) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto found = newest_.find(scope);
  if (found == newest_.end()) return std::nullopt;
  return found->second;
}

std::shared_ptr<const crypto::AesGcmAead> OpenKeys::Find(const std::string& scope,
                                                         int64_t generation) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto found = keys_.find({scope, generation});
  return found == keys_.end() ? nullptr : found->second;
}

void OpenKeys::Remember(const std::string& scope, const ScopeKey& key, bool newest) {
  absl::MutexLock lock(&mutex_);
  keys_.insert_or_assign({scope, key.generation}, key.aead);
  if (newest) newest_.insert_or_assign(scope, key);
}

}  // namespace keyward::encryption
