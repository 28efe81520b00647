#ifndef KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_STORE_H_
#define KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/storage/page_token.h"
#include "common/storage/transaction.h"
#include "services/encryption/account.h"
#include "services/encryption/names.h"

namespace keyward::encryption {

// The SQL over accounts. Errors are those of Transaction.

// ALREADY_EXISTS if the name is taken.
absl::Status InsertAccount(storage::Transaction& tx, const Account& account);

// Writes an account that was read in the same transaction, and counts its revision up in place. A
// column that changes is overwritten; so is, with it, an earlier wrapping of the account key.
absl::Status UpdateAccount(storage::Transaction& tx, Account& account);

// Writes `check` alone, if the account is still at `account.revision`.
absl::Status UpdateAccessCheck(storage::Transaction& tx, const Account& account);

absl::Status DeleteAccount(storage::Transaction& tx, const AccountName& name);

absl::StatusOr<std::optional<Account>> FindAccount(storage::Transaction& tx,
                                                   const AccountName& name);

// By name; of those being created too.
absl::StatusOr<std::vector<Account>> AllAccounts(storage::Transaction& tx);

// Those being created.
absl::StatusOr<std::vector<Account>> UnfinishedAccounts(storage::Transaction& tx);

// By name, without those being created: at most page.limit() of them, that are not deleted, or that
// are and not yet purged.
absl::StatusOr<std::vector<Account>> ListAccounts(storage::Transaction& tx,
                                                  const storage::Page& page);
absl::StatusOr<std::vector<Account>> ListDeletedAccounts(storage::Transaction& tx,
                                                         const storage::Page& page);

// Deleted ones whose retention is over, the oldest first.
absl::StatusOr<std::vector<Account>> AccountsToPurge(storage::Transaction& tx, absl::Time now,
                                                     int limit);

// Customer-managed accounts with a key in this vault; with this principal or, by what an
// event names, of this resource or using its key as this identity; those of a subscription,
// whatever their key source.
absl::StatusOr<std::vector<Account>> AccountsOfVault(storage::Transaction& tx,
                                                     const std::string& vault);
absl::StatusOr<std::vector<Account>> AccountsOfPrincipal(storage::Transaction& tx,
                                                         const std::string& principal,
                                                         const std::string& resource,
                                                         const std::string& identity);
absl::StatusOr<std::vector<Account>> AccountsOfSubscription(storage::Transaction& tx,
                                                            const std::string& subscription);

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_STORE_H_
