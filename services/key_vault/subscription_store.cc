#include "services/key_vault/subscription_store.h"

#include "common/status/status_macros.h"
#include "common/storage/value.h"

namespace keyward::key_vault {

absl::Status SubscriptionStore::Set(const std::string& subscription, const std::string& tenant) {
  return tx_
      .Execute(
          "INSERT INTO subscriptions (subscription, tenant) VALUES (:subscription, :tenant) ON "
          "CONFLICT (subscription) DO UPDATE SET tenant = excluded.tenant",
          {{"subscription", subscription}, {"tenant", tenant}})
      .status();
}

absl::StatusOr<std::optional<std::string>> SubscriptionStore::FindTenant(
    const std::string& subscription) {
  KW_ASSIGN_OR_RETURN(
      const std::optional<storage::Row> row,
      tx_.QueryOne("SELECT tenant FROM subscriptions WHERE subscription = :subscription",
                   {{"subscription", subscription}}));
  if (!row.has_value()) return std::nullopt;
  return row->GetString(0);
}

}  // namespace keyward::key_vault
