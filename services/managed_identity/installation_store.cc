#include "services/managed_identity/installation_store.h"

#include "common/status/status_macros.h"

namespace keyward::managed_identity {

absl::StatusOr<std::optional<std::string>> FindInstallationSetting(storage::Transaction& tx,
                                                                   const std::string& setting) {
  KW_ASSIGN_OR_RETURN(const std::optional<storage::Row> row,
                      tx.QueryOne("SELECT value FROM installation WHERE setting = :setting",
                                  {{"setting", setting}}));
  if (!row.has_value()) return std::nullopt;
  return row->GetString(0);
}

absl::Status InsertInstallationSetting(storage::Transaction& tx, const std::string& setting,
                                       const std::string& value, absl::Time now) {
  return tx
      .Execute(
          "INSERT INTO installation (setting, value, create_time) "
          "VALUES (:setting, :value, :now)",
          {{"setting", setting}, {"value", value}, {"now", now}})
      .status();
}

}  // namespace keyward::managed_identity
