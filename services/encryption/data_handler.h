#ifndef KEYWARD_SERVICES_ENCRYPTION_DATA_HANDLER_H_
#define KEYWARD_SERVICES_ENCRYPTION_DATA_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/envelope/data_keys.h"
#include "common/envelope/object_header.h"
#include "common/envelope/object_id.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "keyward/encryption/v1/data.pb.h"
#include "services/encryption/access_transitions.h"
#include "services/encryption/key_gate.h"
#include "services/encryption/platform_keys.h"
#include "services/encryption/scope_keys.h"

namespace keyward::encryption {

// The methods of DataService. Thread-safe.
class DataHandler {
 public:
  // All must outlive this.
  DataHandler(storage::Database& database, KeyGate& gate, ScopeKeys& scope_keys,
              const PlatformKeys& platform_keys, AccessTransitions& transitions,
              const clock::Clock& clock)
      : database_(database),
        gate_(gate),
        scope_keys_(scope_keys),
        platform_keys_(platform_keys),
        transitions_(transitions),
        clock_(clock) {}

  absl::StatusOr<v1::EncryptResponse> Encrypt(const server::CallContext& call,
                                              const v1::EncryptRequest& request);
  absl::StatusOr<v1::DecryptResponse> Decrypt(const server::CallContext& call,
                                              const v1::DecryptRequest& request);
  absl::StatusOr<v1::GenerateDataKeyResponse> GenerateDataKey(
      const server::CallContext& call, const v1::GenerateDataKeyRequest& request);
  absl::StatusOr<v1::DecryptDataKeyResponse> DecryptDataKey(
      const server::CallContext& call, const v1::DecryptDataKeyRequest& request);
  absl::StatusOr<v1::DestroyScopeResponse> DestroyScope(const server::CallContext& call,
                                                        const v1::DestroyScopeRequest& request);
  absl::StatusOr<v1::ReportUsageResponse> ReportUsage(const server::CallContext& call,
                                                      const v1::ReportUsageRequest& request);

 private:
  // Wraps the data keys of a new object under the account's keys.
  absl::StatusOr<envelope::ObjectHeader> SealHeader(const OpenAccount& open,
                                                    const envelope::ObjectId& id,
                                                    const envelope::DataKeys& keys);
  // Opens the header of the object that the caller wants.
  absl::StatusOr<envelope::DataKeys> OpenHeader(const OpenAccount& open,
                                                const envelope::ObjectId& id,
                                                const envelope::ObjectHeader& header);

  storage::Database& database_;
  KeyGate& gate_;
  ScopeKeys& scope_keys_;
  const PlatformKeys& platform_keys_;
  AccessTransitions& transitions_;
  const clock::Clock& clock_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_DATA_HANDLER_H_
