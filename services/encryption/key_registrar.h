#ifndef KEYWARD_SERVICES_ENCRYPTION_KEY_REGISTRAR_H_
#define KEYWARD_SERVICES_ENCRYPTION_KEY_REGISTRAR_H_

#include <string>

#include "absl/status/status.h"
#include "common/clock/background_worker.h"
#include "common/clock/clock.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "common/storage/transaction.h"
#include "services/encryption/key_vault_client.h"
#include "services/encryption/names.h"

namespace keyward::encryption {

// Tells key_vault which accounts depend on which key versions, so that nobody takes a key away
// without having seen them. An account is registered before it is put under a version, and released
// once it is no longer under it; while its access is lost it stays registered, for it needs the key
// to come back. What may be registered is noted here first, so that a crash leaves nothing behind,
// and settled by background work, so that an outage of key_vault only delays it. Thread-safe.
class KeyRegistrar {
 public:
  // All must outlive this; `work` runs what Settle is for.
  KeyRegistrar(storage::Database& database, KeyVaultClient& client, clock::BackgroundWorker& work,
               const clock::Clock& clock)
      : database_(database), client_(client), work_(work), clock_(clock) {}

  // For a plan to put an account under a version, before anything is wrapped with it. A version
  // that is gone is no error here: wrapping tells. Else the errors of KeyVaultClient.
  absl::Status Register(const server::CallContext& call, const AccountName& account,
                        const std::string& version);

  // In the transaction that has put the account under another version, or under none.
  absl::Status BindingChanged(storage::Transaction& tx, const AccountName& account);

  // Registers the account where it is, and releases it where it is not; can be repeated at will.
  absl::Status Settle(const server::CallContext& call, const AccountName& account);

 private:
  // Releases the account, unless it has been put under the version meanwhile.
  absl::Status Release(const server::CallContext& call, const AccountName& account,
                       const std::string& version);

  storage::Database& database_;
  KeyVaultClient& client_;
  clock::BackgroundWorker& work_;
  const clock::Clock& clock_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_KEY_REGISTRAR_H_
