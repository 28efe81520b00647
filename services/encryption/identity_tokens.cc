#include "services/encryption/identity_tokens.h"

#include "services/encryption/access_event.h"
#include "services/encryption/errors.h"

namespace keyward::encryption {
namespace {

// Longer than any call that the token is sent with.
constexpr absl::Duration kSpareTime = absl::Seconds(30);

}  // namespace

absl::StatusOr<IdentityToken> IdentityTokens::Get(const server::CallContext& call,
                                                  const KeyUser& user) {
  {
    absl::MutexLock lock(&mutex_);
    const auto found = tokens_.find(user);
    if (found != tokens_.end() && clock_.Now() + kSpareTime < found->second.expire_time) {
      return found->second;
    }
  }
  const absl::StatusOr<IdentityToken> token = client_.IssueToken(call, user);
  if (!token.ok()) return PeerUnavailable(kManagedIdentity, token.status().message());
  absl::MutexLock lock(&mutex_);
  tokens_.insert_or_assign(user, *token);
  return token;
}

void IdentityTokens::Drop(const AccountName& account) {
  absl::MutexLock lock(&mutex_);
  std::erase_if(tokens_, [&](const auto& entry) { return entry.first.account == account; });
}

}  // namespace keyward::encryption
