#include "services/encryption/account_directory.h"

#include <optional>
#include <utility>

#include "common/status/status_macros.h"
#include "services/encryption/account_store.h"
#include "services/encryption/errors.h"

namespace keyward::encryption {
namespace {

absl::StatusOr<std::vector<AccountPtr>> ReadAll(storage::Database& database) {
  std::vector<AccountPtr> accounts;
  KW_RETURN_IF_ERROR(database.Read([&](storage::Transaction& tx) -> absl::Status {
    accounts.clear();
    KW_ASSIGN_OR_RETURN(std::vector<Account> rows, AllAccounts(tx));
    for (Account& row : rows) accounts.push_back(std::make_shared<const Account>(std::move(row)));
    return absl::OkStatus();
  }));
  return accounts;
}

}  // namespace

absl::StatusOr<std::unique_ptr<AccountDirectory>> AccountDirectory::Load(
    storage::Database& database) {
  KW_ASSIGN_OR_RETURN(std::vector<AccountPtr> accounts, ReadAll(database));
  std::unique_ptr<AccountDirectory> directory(new AccountDirectory(database));
  for (AccountPtr& account : accounts) directory->Put(std::move(account));
  return directory;
}

absl::StatusOr<AccountPtr> AccountDirectory::Find(const AccountName& name) const {
  AccountPtr account;
  if (!database_.shared()) {
    account = Peek(name);
  } else {
    KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
      KW_ASSIGN_OR_RETURN(std::optional<Account> row, FindAccount(tx, name));
      account = row.has_value() ? std::make_shared<const Account>(*std::move(row)) : nullptr;
      return absl::OkStatus();
    }));
  }
  if (account == nullptr || account->provisioning || account->purged())
    return AccountNotFound(name);
  return account;
}

absl::StatusOr<AccountPtr> AccountDirectory::FindLive(const AccountName& name) const {
  KW_ASSIGN_OR_RETURN(AccountPtr account, Find(name));
  if (account->deleted()) return AccountDeleted(*account);
  return account;
}

AccountPtr AccountDirectory::Peek(const AccountName& name) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto found = accounts_.find(name);
  return found == accounts_.end() ? nullptr : found->second;
}

absl::StatusOr<std::vector<AccountPtr>> AccountDirectory::All() const {
  std::vector<AccountPtr> accounts;
  if (database_.shared()) {
    KW_ASSIGN_OR_RETURN(accounts, ReadAll(database_));
  } else {
    absl::ReaderMutexLock lock(&mutex_);
    for (const auto& [name, account] : accounts_) accounts.push_back(account);
  }
  std::erase_if(accounts, [](const AccountPtr& account) {
    return account->provisioning || account->purged();
  });
  return accounts;
}

void AccountDirectory::Put(AccountPtr account) {
  absl::MutexLock lock(&mutex_);
  const AccountName name = account->name;
  accounts_.insert_or_assign(name, std::move(account));
}

void AccountDirectory::Remove(const AccountName& name) {
  absl::MutexLock lock(&mutex_);
  accounts_.erase(name);
}

}  // namespace keyward::encryption
