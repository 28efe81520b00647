#ifndef KEYWARD_SERVICES_ENCRYPTION_DATA_HANDLER_H_
#define KEYWARD_SERVICES_ENCRYPTION_DATA_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "keyward/encryption/v1/data.pb.h"
#include "services/encryption/access_transitions.h"
#include "services/encryption/key_gate.h"
#include "services/encryption/object_keys.h"
#include "services/encryption/value_cipher.h"

namespace keyward::encryption {

// The methods of DataService on one object or none. Thread-safe.
class DataHandler {
 public:
  // All must outlive this.
  DataHandler(storage::Database& database, KeyGate& gate, ObjectKeys& object_keys,
              ValueCipher& values, AccessTransitions& transitions, const clock::Clock& clock)
      : database_(database),
        gate_(gate),
        object_keys_(object_keys),
        values_(values),
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
  storage::Database& database_;
  KeyGate& gate_;
  ObjectKeys& object_keys_;
  ValueCipher& values_;
  AccessTransitions& transitions_;
  const clock::Clock& clock_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_DATA_HANDLER_H_
