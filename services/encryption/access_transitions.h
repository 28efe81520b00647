#ifndef KEYWARD_SERVICES_ENCRYPTION_ACCESS_TRANSITIONS_H_
#define KEYWARD_SERVICES_ENCRYPTION_ACCESS_TRANSITIONS_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock/background_worker.h"
#include "common/clock/clock.h"
#include "common/storage/transaction.h"
#include "keyward/encryption/v1/access.pb.h"
#include "services/encryption/account.h"
#include "services/encryption/account_writer.h"

namespace keyward::encryption {

// The scopes of an account's objects.
inline constexpr char kUploadsScope[] = "uploads";
inline constexpr char kModelsScope[] = "models";

// INVALID_ARGUMENT unless it is one of them.
absl::Status CheckScope(const std::string& scope);

// A loss of access.
struct Loss {
  v1::Cause cause = v1::CAUSE_UNSPECIFIED;
  absl::Time since;
  // The event that it follows from, if one did.
  std::string event;
};

// What happens to an account when its access is lost or comes back, and when a scope is destroyed:
// each in the transaction that the caller has open, which has read the account, and with an entry
// in the audit log. Whatever destroys a key wakes `scrubber` once that has committed, to empty the
// journal of the database too. Thread-safe.
class AccessTransitions {
 public:
  // All must outlive this.
  AccessTransitions(AccountWriter& writer, clock::BackgroundWorker& scrubber,
                    const clock::Clock& clock)
      : writer_(writer), scrubber_(scrubber), clock_(clock) {}

  // The account, which must be ACCESSIBLE, is DENIED from now on: its epoch goes up, the keys of
  // its scope "uploads" are destroyed (or sealed, if it has a grace), AccessLost tells of it, and
  // the commit closes the gate and drops the unwrapped keys.
  absl::Status Lose(storage::Transaction& tx, Account& account, const Loss& loss,
                    const std::string& correlation_id);

  // The account, which must be DENIED, is ACCESSIBLE again with this binding. Sealed keys come
  // back; destroyed ones do not. If it is deleted, it stays shut and sealed for that.
  absl::Status Restore(storage::Transaction& tx, Account& account, const Binding& binding,
                       const Origin& origin);

  // Destroys the sealed keys of "uploads" whose time has come.
  absl::Status DestroyDue(storage::Transaction& tx, Account& account, const Origin& origin);

  // Destroys the keys of a scope made up to an epoch; returns how many.
  absl::StatusOr<int64_t> DestroyScope(storage::Transaction& tx, Account& account,
                                       const std::string& scope, int64_t up_to_epoch,
                                       const Origin& origin);

 private:
  absl::Status Audit(storage::Transaction& tx, const char* operation, const Account& account,
                     const Origin& origin, std::map<std::string, std::string> details);
  absl::Status TellDestroyed(storage::Transaction& tx, Account& account, const std::string& scope,
                             int64_t up_to_epoch, const Origin& origin);

  AccountWriter& writer_;
  clock::BackgroundWorker& scrubber_;
  const clock::Clock& clock_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_ACCESS_TRANSITIONS_H_
