#ifndef KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_WRITER_H_
#define KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_WRITER_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "common/clock/clock.h"
#include "common/events/outbox.h"
#include "common/storage/transaction.h"
#include "keyward/encryption/v1/events.pb.h"
#include "services/encryption/account.h"
#include "services/encryption/account_directory.h"
#include "services/encryption/identity_tokens.h"
#include "services/encryption/key_cache.h"

namespace keyward::encryption {

// What a change came from, for the event that tells of it.
struct Origin {
  std::string correlation_id;
  // The event of another service, such as "key_vault/42"; may be empty.
  std::string caused_by;
};

// The types of events about accounts, as events.proto has them.
inline constexpr char kAccountCreated[] = "keyward.encryption.AccountCreated";
inline constexpr char kAccountUpdated[] = "keyward.encryption.AccountUpdated";
inline constexpr char kKeySourceChanged[] = "keyward.encryption.KeySourceChanged";
inline constexpr char kAccessLost[] = "keyward.encryption.AccessLost";
inline constexpr char kAccessRestored[] = "keyward.encryption.AccessRestored";
inline constexpr char kAccountPurged[] = "keyward.encryption.AccountPurged";
inline constexpr char kScopeDestroyed[] = "keyward.encryption.ScopeDestroyed";

// The one way to change an account: the row, the event that tells of it and, when the transaction
// commits, what memory holds: the directory first, then keys and token are dropped. Thread-safe.
class AccountWriter {
 public:
  // All must outlive this.
  AccountWriter(events::Outbox& outbox, AccountDirectory& directory, KeyCache& cache,
                IdentityTokens& tokens, const clock::Clock& clock)
      : outbox_(outbox), directory_(directory), cache_(cache), tokens_(tokens), clock_(clock) {}

  // An account that nobody sees yet.
  absl::Status Insert(storage::Transaction& tx, const Account& account);
  absl::Status Delete(storage::Transaction& tx, const AccountName& name);

  // Saves an account read in this transaction, counts its revision up, and tells of it by an event
  // of that type. `details` holds what else the event says.
  absl::Status Save(storage::Transaction& tx, Account& account, const char* type,
                    const Origin& origin, v1::AccountChanged details = {});

  // Publishes that the keys of a scope up to an epoch were destroyed just now; Save is called
  // beside it.
  absl::Status PublishScopeDestroyed(storage::Transaction& tx, const AccountName& account,
                                     const std::string& scope, int64_t up_to_epoch,
                                     const Origin& origin);

  // Saves how an unwrap ended, unless the account has changed since; tells nobody.
  absl::Status SaveCheck(storage::Transaction& tx, const Account& account);

 private:
  void ShowOnCommit(storage::Transaction& tx, const Account& account);

  events::Outbox& outbox_;
  AccountDirectory& directory_;
  KeyCache& cache_;
  IdentityTokens& tokens_;
  const clock::Clock& clock_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_WRITER_H_
