#include "services/encryption/key_registration_store.h"

#include "common/status/status_macros.h"
#include "common/storage/value.h"

namespace keyward::encryption {

using storage::Row;
using storage::Transaction;

absl::Status NoteRegistration(Transaction& tx, const AccountName& account,
                              const KeyRegistration& registration) {
  return tx
      .Execute(
          "INSERT INTO key_registrations (account, version, planned_until) "
          "VALUES (:account, :version, :planned_until) "
          "ON CONFLICT (account, version) DO UPDATE SET planned_until = :planned_until",
          {{"account", account.id()},
           {"version", registration.version},
           {"planned_until", registration.planned_until}})
      .status();
}

absl::Status EndPlans(Transaction& tx, const AccountName& account) {
  return tx
      .Execute("UPDATE key_registrations SET planned_until = :never WHERE account = :account",
               {{"never", absl::UnixEpoch()}, {"account", account.id()}})
      .status();
}

absl::Status ForgetRegistration(Transaction& tx, const AccountName& account,
                                const std::string& version) {
  return tx
      .Execute("DELETE FROM key_registrations WHERE account = :account AND version = :version",
               {{"account", account.id()}, {"version", version}})
      .status();
}

absl::StatusOr<std::vector<KeyRegistration>> RegistrationsOf(Transaction& tx,
                                                             const AccountName& account) {
  KW_ASSIGN_OR_RETURN(const std::vector<Row> rows,
                      tx.Query("SELECT version, planned_until FROM key_registrations "
                               "WHERE account = :account ORDER BY version",
                               {{"account", account.id()}}));
  std::vector<KeyRegistration> registrations;
  registrations.reserve(rows.size());
  for (const Row& row : rows) registrations.push_back({row.GetString(0), row.GetTime(1)});
  return registrations;
}

}  // namespace keyward::encryption
