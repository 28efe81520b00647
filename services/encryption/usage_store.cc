#include "services/encryption/usage_store.h"

#include <optional>

#include "common/status/status_macros.h"
#include "common/storage/value.h"

namespace keyward::encryption {

absl::Status StoreUsage(storage::Transaction& tx, const AccountName& account, const Usage& usage) {
  return tx
      .Execute(
          "INSERT INTO account_usage "
          "(account, uploads, upload_bytes, deployed_models, reported_time) "
          "VALUES (:account, :uploads, :upload_bytes, :deployed_models, :reported_time) "
          "ON CONFLICT (account) DO UPDATE SET uploads = :uploads, upload_bytes = :upload_bytes, "
          "deployed_models = :deployed_models, reported_time = :reported_time",
          {{"account", account.id()},
           {"uploads", usage.uploads},
           {"upload_bytes", usage.upload_bytes},
           {"deployed_models", usage.deployed_models},
           {"reported_time", usage.reported_time}})
      .status();
}

absl::Status ForgetUsage(storage::Transaction& tx, const AccountName& account) {
  return tx
      .Execute("DELETE FROM account_usage WHERE account = :account", {{"account", account.id()}})
      .status();
}

absl::StatusOr<Usage> UsageOf(storage::Transaction& tx, const AccountName& account) {
  KW_ASSIGN_OR_RETURN(const std::optional<storage::Row> row,
                      tx.QueryOne("SELECT uploads, upload_bytes, deployed_models, reported_time "
                                  "FROM account_usage WHERE account = :account",
                                  {{"account", account.id()}}));
  if (!row.has_value()) return Usage();
  return Usage{row->GetInt64(0), row->GetInt64(1), row->GetInt64(2), row->GetTime(3)};
}

}  // namespace keyward::encryption
