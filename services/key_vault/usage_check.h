#ifndef KEYWARD_SERVICES_KEY_VAULT_USAGE_CHECK_H_
#define KEYWARD_SERVICES_KEY_VAULT_USAGE_CHECK_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/status/status_macros.h"
#include "common/storage/transaction.h"
#include "services/key_vault/errors.h"
#include "services/key_vault/key_usage.h"
#include "services/key_vault/messages.h"

namespace keyward::key_vault {

// The first usages in a scope, as many as an answer tells, and their number.
absl::StatusOr<KeyUsages> FindUsages(storage::Transaction& tx, const UsageScope& scope);

// For a call that takes a key away, in the transaction that does it: tells in its answer who
// depends on what is taken (`taken`, the name of a resource). KEY_IN_USE if anybody does, unless
// the request acknowledges that, or only validates, or `changes` says that nothing is taken.
template <typename Request, typename Response>
absl::Status CheckUsages(storage::Transaction& tx, const UsageScope& scope,
                         const std::string& taken, const Request& request, bool changes,
                         Response& answer) {
  KW_ASSIGN_OR_RETURN(const KeyUsages usages, FindUsages(tx, scope));
  for (const KeyUsage& usage : usages.first) *answer.add_usages() = ToMessage(usage);
  answer.set_usage_count(usages.count);
  if (usages.count == 0 || !changes) return absl::OkStatus();
  if (request.validate_only() || request.acknowledge_in_use()) return absl::OkStatus();
  return KeyInUse(taken, usages);
}

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_USAGE_CHECK_H_
