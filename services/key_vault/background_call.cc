#include "services/key_vault/background_call.h"

#include "common/audit/audit_store.h"
#include "common/server/client_context.h"
#include "keyward/audit/v1/audit.pb.h"
#include "services/key_vault/messages.h"

namespace keyward::key_vault {

server::CallContext BackgroundCall() {
  server::CallContext call;
  call.correlation_id = server::NewCorrelationId();
  return call;
}

absl::Status AuditBackground(storage::Transaction& tx, const server::CallContext& call,
                             absl::string_view operation, const std::string& resource,
                             absl::Time now, absl::string_view result) {
  audit::v1::AuditEntry entry;
  *entry.mutable_time() = ToTimestamp(now);
  entry.set_operation(std::string(operation));
  entry.set_resource(resource);
  entry.set_result(std::string(result));
  entry.set_correlation_id(call.correlation_id);
  for (const auto& [key, value] : call.Notes()) (*entry.mutable_details())[key] = value;
  return audit::AppendEntries(tx, {entry});
}

}  // namespace keyward::key_vault
