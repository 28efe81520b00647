#include "services/encryption/background_audit.h"

#include "common/audit/audit_store.h"
#include "services/encryption/timestamps.h"

namespace keyward::encryption {

absl::Status AuditBackground(storage::Transaction& tx, absl::Time now, const char* operation,
                             const AccountName& account, const Origin& origin,
                             std::map<std::string, std::string> details) {
  audit::v1::AuditEntry entry;
  *entry.mutable_time() = ToProto(now);
  entry.set_operation(operation);
  entry.set_resource(account.ToString());
  entry.set_result("OK");
  entry.set_correlation_id(origin.correlation_id);
  if (!origin.caused_by.empty()) details["event"] = origin.caused_by;
  for (const auto& [key, value] : details) (*entry.mutable_details())[key] = value;
  return audit::AppendEntries(tx, {entry});
}

}  // namespace keyward::encryption
