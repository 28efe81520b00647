#ifndef KEYWARD_COMMON_HSM_TOKEN_H_
#define KEYWARD_COMMON_HSM_TOKEN_H_

#include <p11-kit/pkcs11.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/crypto/secret_bytes.h"
#include "common/hsm/module.h"
#include "common/hsm/token_uri.h"

namespace keyward::hsm {

// What a piece of work at the token is given: a session of its own, logged in.
struct Session {
  const CK_FUNCTION_LIST& functions;
  CK_SESSION_HANDLE handle;
  // Handles of objects are worth keeping as long as this stays the same.
  uint64_t connection;
};

// A token that the user is logged into, with sessions that are kept for the next piece of work.
// When the token goes away, work fails with UNAVAILABLE; each piece of work tries anew, and once
// the token is back, with the same label and PIN, all goes on. A PIN that was refused is not tried
// again, for tokens count that. Thread-safe.
class Token {
 public:
  // Connects. FAILED_PRECONDITION, saying what to do, if the module or the PIN file cannot be used
  // or the PIN is wrong; UNAVAILABLE if there is no such token.
  static absl::StatusOr<std::shared_ptr<Token>> Open(const TokenUri& uri);

  ~Token();

  // Runs `work`, which returns the first result that is not CKR_OK. If that says that the token or
  // the session is gone, `work` is run once more after connecting anew, so it must bear that.
  // UNAVAILABLE if the token is out of reach; else FAILED_PRECONDITION, naming `what` and the
  // result. `work` must not call Run.
  absl::Status Run(absl::string_view what, absl::FunctionRef<CK_RV(const Session&)> work);

  // The token's label.
  const std::string& label() const { return uri_.token; }

 private:
  struct Idle {
    CK_SESSION_HANDLE handle;
    uint64_t connection;
  };

  Token(TokenUri uri, std::shared_ptr<Module> module, crypto::SecretBytes pin)
      : uri_(std::move(uri)), module_(std::move(module)), pin_(std::move(pin)) {}

  // One attempt at `work`.
  CK_RV RunOnce(absl::FunctionRef<CK_RV(const Session&)> work, uint64_t& connection);
  // An idle session, or a new one.
  CK_RV TakeSession(CK_SESSION_HANDLE& handle, uint64_t& connection)
      ABSL_SHARED_LOCKS_REQUIRED(module_->mutex);
  void GiveBack(Idle session) ABSL_SHARED_LOCKS_REQUIRED(module_->mutex);

  // Connects anew, unless somebody has since `connection`.
  absl::Status Reconnect(uint64_t connection) ABSL_LOCKS_EXCLUDED(mutex_);
  // Attaches; if nothing else helps, after a restart of the module.
  absl::Status AttachOrRestart() ABSL_EXCLUSIVE_LOCKS_REQUIRED(connecting_);
  // Finds the token, opens the session that keeps the login, and logs in.
  absl::Status Attach(uint64_t& life) ABSL_EXCLUSIVE_LOCKS_REQUIRED(connecting_);
  absl::StatusOr<CK_SLOT_ID> FindSlot() ABSL_SHARED_LOCKS_REQUIRED(module_->mutex);
  absl::Status LogIn(CK_SESSION_HANDLE session) ABSL_EXCLUSIVE_LOCKS_REQUIRED(connecting_)
      ABSL_SHARED_LOCKS_REQUIRED(module_->mutex);

  const TokenUri uri_;
  const std::shared_ptr<Module> module_;
  const crypto::SecretBytes pin_;

  // Held while connecting, before the module's mutex and mutex_.
  absl::Mutex connecting_;
  absl::Status pin_refused_ ABSL_GUARDED_BY(connecting_);

  // Held for moments, after the module's.
  absl::Mutex mutex_;
  uint64_t connection_ ABSL_GUARDED_BY(mutex_) = 0;
  // The life of the module in which the token was found.
  uint64_t life_ ABSL_GUARDED_BY(mutex_) = 0;
  CK_SLOT_ID slot_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Idle> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyward::hsm

#endif  // KEYWARD_COMMON_HSM_TOKEN_H_
