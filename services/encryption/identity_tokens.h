#ifndef KEYWARD_SERVICES_ENCRYPTION_IDENTITY_TOKENS_H_
#define KEYWARD_SERVICES_ENCRYPTION_IDENTITY_TOKENS_H_

#include <map>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/clock/clock.h"
#include "common/server/call_context.h"
#include "services/encryption/identity_client.h"
#include "services/encryption/names.h"

namespace keyward::encryption {

// The tokens of accounts' identities, kept until shortly before they expire. Thread-safe.
class IdentityTokens {
 public:
  // Both must outlive this.
  IdentityTokens(IdentityClient& client, const clock::Clock& clock)
      : client_(client), clock_(clock) {}

  // A token that is good for a while yet. UNAVAILABLE, saying why, if managed_identity gives none:
  // what it thinks of the identity, its events tell.
  absl::StatusOr<IdentityToken> Get(const server::CallContext& call, const KeyUser& user);

  // Forgets an account's tokens: one was refused, or its principal may be gone.
  void Drop(const AccountName& account);

 private:
  IdentityClient& client_;
  const clock::Clock& clock_;
  absl::Mutex mutex_;
  std::map<KeyUser, IdentityToken> tokens_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_IDENTITY_TOKENS_H_
