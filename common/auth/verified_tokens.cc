#include "common/auth/verified_tokens.h"

#include <utility>

#include "common/crypto/hash.h"

namespace keyward::auth {

std::shared_ptr<const VerifiedTokens::Token> VerifiedTokens::Find(absl::string_view token) const {
  const std::string digest = crypto::Sha256(token);
  absl::ReaderMutexLock lock(&mutex_);
  const auto found = tokens_.find(digest);
  return found == tokens_.end() ? nullptr : found->second;
}

void VerifiedTokens::Add(absl::string_view token, std::shared_ptr<const Token> verified) {
  std::string digest = crypto::Sha256(token);
  absl::MutexLock lock(&mutex_);
  if (!tokens_.try_emplace(digest, std::move(verified)).second) return;
  by_age_.push_back(std::move(digest));
  if (by_age_.size() <= capacity_) return;
  tokens_.erase(by_age_.front());
  by_age_.pop_front();
}

}  // namespace keyward::auth
