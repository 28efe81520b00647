#ifndef KEYWARD_SERVICES_ENCRYPTION_BATCH_HANDLER_H_
#define KEYWARD_SERVICES_ENCRYPTION_BATCH_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/server/call_context.h"
#include "keyward/encryption/v1/data.pb.h"
#include "services/encryption/key_gate.h"
#include "services/encryption/value_cipher.h"

namespace keyward::encryption {

// BatchEncrypt and BatchDecrypt: the gate is passed once for a call, in and out, so that all items
// are answered or none. Thread-safe.
class BatchHandler {
 public:
  // Both must outlive this.
  BatchHandler(KeyGate& gate, ValueCipher& values) : gate_(gate), values_(values) {}

  // An item that fails has its error for an outcome. Fails as a whole where every item would, and
  // if an item fails for no reason that a caller may see.
  absl::StatusOr<v1::BatchEncryptResponse> Encrypt(const server::CallContext& call,
                                                   const v1::BatchEncryptRequest& request);
  absl::StatusOr<v1::BatchDecryptResponse> Decrypt(const server::CallContext& call,
                                                   const v1::BatchDecryptRequest& request);

 private:
  KeyGate& gate_;
  ValueCipher& values_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_BATCH_HANDLER_H_
