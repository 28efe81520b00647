#ifndef KEYWARD_COMMON_AUTH_VERIFIED_TOKENS_H_
#define KEYWARD_COMMON_AUTH_VERIFIED_TOKENS_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/auth/token.h"

namespace keyward::auth {

// Remembers, by their SHA-256, tokens whose signature was good, so that the next call with one need
// not check it again. Says nothing about anything that can change: whether the key is still
// published, the time, the principal. Bounded; the oldest go first. Thread-safe.
class VerifiedTokens {
 public:
  struct Token {
    std::string key_id;
    TokenClaims claims;
  };

  explicit VerifiedTokens(size_t capacity) : capacity_(capacity) {}

  // Null if it is not known.
  std::shared_ptr<const Token> Find(absl::string_view token) const;
  void Add(absl::string_view token, std::shared_ptr<const Token> verified);

 private:
  const size_t capacity_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::shared_ptr<const Token>> tokens_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::string> by_age_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyward::auth

#endif  // KEYWARD_COMMON_AUTH_VERIFIED_TOKENS_H_
