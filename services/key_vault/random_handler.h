#ifndef KEYWARD_SERVICES_KEY_VAULT_RANDOM_HANDLER_H_
#define KEYWARD_SERVICES_KEY_VAULT_RANDOM_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "keyward/keyvault/v1/cryptography.pb.h"

namespace keyward::key_vault {

// The method of CryptographyService that needs no key, for callers that are authorised.
// Thread-safe.
class RandomHandler {
 public:
  explicit RandomHandler(storage::Database& database) : database_(database) {}

  absl::StatusOr<keyvault::v1::GenerateRandomBytesResponse> Generate(
      const server::CallContext& call, const keyvault::v1::GenerateRandomBytesRequest& request);

 private:
  storage::Database& database_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_RANDOM_HANDLER_H_
