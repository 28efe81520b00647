#include "services/encryption/customer_keys.h"

#include <utility>

#include "absl/synchronization/mutex.h"
#include "common/status/status_macros.h"
#include "services/encryption/access_event.h"
#include "services/encryption/errors.h"

namespace keyward::encryption {
namespace {

constexpr size_t kProbeSize = 32;
constexpr int kAttempts = 6;
constexpr absl::Duration kFirstBackOff = absl::Milliseconds(20);

}  // namespace

bool CustomerKeys::BackOff(const server::CallContext& call, int attempt) const {
  const absl::Duration pause = kFirstBackOff * (1 << attempt);
  if (attempt + 1 >= kAttempts || clock_.Now() + pause >= call.deadline) return false;
  const bool never = false;
  absl::Mutex mutex;
  absl::MutexLock lock(&mutex);
  clock_.AwaitFor(mutex, absl::Condition(&never), pause);
  return true;
}

absl::StatusOr<std::string> CustomerKeys::WithToken(
    const server::CallContext& call, const KeyUser& user,
    absl::FunctionRef<absl::Status(const std::string&)> use) {
  for (int attempt = 0;; ++attempt) {
    KW_ASSIGN_OR_RETURN(const IdentityToken token, tokens_.Get(call, user));
    const absl::Status status = use(token.value);
    if (status.ok()) return token.principal;
    if (!absl::IsUnauthenticated(status)) return status;
    tokens_.Drop(user.account);
    if (!BackOff(call, attempt)) return status;
  }
}

absl::StatusOr<CustomerKeys::Wrapped> CustomerKeys::Wrap(const server::CallContext& call,
                                                         const KeyUser& user,
                                                         const std::string& version,
                                                         const crypto::SecretBytes& plaintext) {
  Wrapped wrapped;
  KW_ASSIGN_OR_RETURN(
      wrapped.principal, WithToken(call, user, [&](const std::string& token) -> absl::Status {
        KW_ASSIGN_OR_RETURN(KeyVaultClient::Wrapped result,
                            client_.Wrap(call, token, version, plaintext));
        if (result.version != version) {
          return PeerUnavailable(kKeyVault, "it wrapped with another version than it was asked to");
        }
        wrapped.ciphertext = std::move(result.ciphertext);
        return absl::OkStatus();
      }));
  return wrapped;
}

absl::StatusOr<CustomerKeys::Unwrapped> CustomerKeys::Unwrap(const server::CallContext& call,
                                                             const KeyUser& user,
                                                             const std::string& version,
                                                             const std::string& ciphertext) {
  Unwrapped unwrapped;
  KW_ASSIGN_OR_RETURN(
      unwrapped.principal, WithToken(call, user, [&](const std::string& token) -> absl::Status {
        KW_ASSIGN_OR_RETURN(unwrapped.plaintext, client_.Unwrap(call, token, version, ciphertext));
        return absl::OkStatus();
      }));
  return unwrapped;
}

absl::Status CustomerKeys::Probe(const server::CallContext& call, const KeyUser& user,
                                 const std::string& version) {
  const crypto::SecretBytes secret = crypto::SecretBytes::Random(kProbeSize);
  KW_ASSIGN_OR_RETURN(const Wrapped wrapped, Wrap(call, user, version, secret));
  KW_ASSIGN_OR_RETURN(const Unwrapped unwrapped, Unwrap(call, user, version, wrapped.ciphertext));
  if (unwrapped.plaintext != secret) {
    return PeerUnavailable(kKeyVault, "what it unwrapped is not what it had wrapped");
  }
  return absl::OkStatus();
}

}  // namespace keyward::encryption
