#ifndef KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_DIRECTORY_H_
#define KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_DIRECTORY_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/storage/database.h"
#include "services/encryption/account.h"

namespace keyward::encryption {

using AccountPtr = std::shared_ptr<const Account>;

// The accounts as they are now. Where this process alone writes to the database, they are kept in
// memory, changed in the order of the commits, so that an operation looks at its account without
// I/O; where replicas share the database, it is asked each time. Thread-safe.
class AccountDirectory {
 public:
  // Reads what the database holds, which must outlive this.
  static absl::StatusOr<std::unique_ptr<AccountDirectory>> Load(storage::Database& database);

  // ACCOUNT_NOT_FOUND also while it is being created, and once it is purged.
  absl::StatusOr<AccountPtr> Find(const AccountName& name) const;
  // ACCOUNT_DELETED too.
  absl::StatusOr<AccountPtr> FindLive(const AccountName& name) const;

  // What memory holds, without asking the database; null if nothing. For whoever may be late
  // anyway.
  AccountPtr Peek(const AccountName& name) const;

  // By name, without those being created and those purged.
  absl::StatusOr<std::vector<AccountPtr>> All() const;

  // Takes over a change that has been committed: for Transaction::OnCommit.
  void Put(AccountPtr account);
  void Remove(const AccountName& name);

 private:
  explicit AccountDirectory(storage::Database& database) : database_(database) {}

  storage::Database& database_;
  mutable absl::Mutex mutex_;
  std::map<AccountName, AccountPtr> accounts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_DIRECTORY_H_
