#ifndef KEYWARD_SERVICES_ENCRYPTION_KEY_REGISTRATION_STORE_H_
#define KEYWARD_SERVICES_ENCRYPTION_KEY_REGISTRATION_STORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/storage/transaction.h"
#include "services/encryption/names.h"

namespace keyward::encryption {

// The SQL over the key versions at which an account may be registered in key_vault. Errors are
// those of Transaction.

struct KeyRegistration {
  // By its full name.
  std::string version;
  // The account may yet be put under it by a plan made until then.
  absl::Time planned_until = absl::UnixEpoch();
};

// Notes, before anything is registered, that it will be.
absl::Status NoteRegistration(storage::Transaction& tx, const AccountName& account,
                              const KeyRegistration& registration);
// No plan made so far is carried out any more.
absl::Status EndPlans(storage::Transaction& tx, const AccountName& account);
absl::Status ForgetRegistration(storage::Transaction& tx, const AccountName& account,
                                const std::string& version);

// By version.
absl::StatusOr<std::vector<KeyRegistration>> RegistrationsOf(storage::Transaction& tx,
                                                             const AccountName& account);

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_KEY_REGISTRATION_STORE_H_
