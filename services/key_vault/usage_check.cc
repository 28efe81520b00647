#include "services/key_vault/usage_check.h"

#include "services/key_vault/key_usage_store.h"

namespace keyward::key_vault {
namespace {

constexpr int kUsagesTold = 100;

}  // namespace

absl::StatusOr<KeyUsages> FindUsages(storage::Transaction& tx, const UsageScope& scope) {
  KeyUsageStore store(tx);
  KeyUsages usages;
  KW_ASSIGN_OR_RETURN(usages.first, store.List(scope, "", kUsagesTold));
  usages.count = static_cast<int64_t>(usages.first.size());
  // Most keys have few users.
  if (usages.count == kUsagesTold) {
    KW_ASSIGN_OR_RETURN(usages.count, store.Count(scope));
  }
  return usages;
}

}  // namespace keyward::key_vault
