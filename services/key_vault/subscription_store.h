#ifndef KEYWARD_SERVICES_KEY_VAULT_SUBSCRIPTION_STORE_H_
#define KEYWARD_SERVICES_KEY_VAULT_SUBSCRIPTION_STORE_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/storage/transaction.h"

namespace keyward::key_vault {

// Which tenant each subscription is in, as managed_identity told. Lives within one transaction;
// errors are the transaction's.
class SubscriptionStore {
 public:
  explicit SubscriptionStore(storage::Transaction& tx) : tx_(tx) {}

  // Both are full names.
  absl::Status Set(const std::string& subscription, const std::string& tenant);

  // "tenants/{tenant}"; nothing if the subscription was never told of.
  absl::StatusOr<std::optional<std::string>> FindTenant(const std::string& subscription);

 private:
  storage::Transaction& tx_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_SUBSCRIPTION_STORE_H_
