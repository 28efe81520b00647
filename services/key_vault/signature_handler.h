#ifndef KEYWARD_SERVICES_KEY_VAULT_SIGNATURE_HANDLER_H_
#define KEYWARD_SERVICES_KEY_VAULT_SIGNATURE_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/server/call_context.h"
#include "keyward/keyvault/v1/cryptography.pb.h"
#include "services/key_vault/usable_keys.h"

namespace keyward::key_vault {

// The methods of CryptographyService about signatures, for callers that are authorised.
// Thread-safe; no lock is held during cryptography.
class SignatureHandler {
 public:
  explicit SignatureHandler(UsableKeys& keys) : keys_(keys) {}

  absl::StatusOr<keyvault::v1::SignResponse> Sign(const server::CallContext& call,
                                                  const keyvault::v1::SignRequest& request);
  // A signature that does not hold is an answer, not an error.
  absl::StatusOr<keyvault::v1::VerifyResponse> Verify(const server::CallContext& call,
                                                      const keyvault::v1::VerifyRequest& request);

 private:
  UsableKeys& keys_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_SIGNATURE_HANDLER_H_
