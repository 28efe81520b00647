#ifndef KEYWARD_SERVICES_KEY_VAULT_USABLE_KEYS_H_
#define KEYWARD_SERVICES_KEY_VAULT_USABLE_KEYS_H_

#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "services/key_vault/algorithms.h"
#include "services/key_vault/errors.h"
#include "services/key_vault/key_material.h"
#include "services/key_vault/key_operations.h"
#include "services/key_vault/key_ring.h"
#include "services/key_vault/names.h"
#include "services/key_vault/rate_limiter.h"

namespace keyward::key_vault {

// A key that may be used for an operation now.
struct UsableKey {
  KeyVersionName version;
  std::shared_ptr<const KeyMaterial> key;
};

// Finds the key that a request names, for an operation on it.
using KeyFinder =
    absl::FunctionRef<absl::StatusOr<UsableKey>(const std::string& name, KeyOperation operation)>;

// Finds keys for callers that are authorised. Whether a key may be used is read from the database
// each time, so that what was taken away before a call began is refused, also if another replica
// took it away. Thread-safe.
class UsableKeys {
 public:
  UsableKeys(storage::Database& database, const clock::Clock& clock, KeyRing& key_ring,
             RateLimiter& limiter)
      : database_(database), clock_(clock), key_ring_(key_ring), limiter_(limiter) {}

  // `name` is that of a key, for its newest version, or of a version. The version found is noted
  // under `note` for the audit log, also if it is refused. Errors are for the caller:
  // INVALID_REQUEST for "name", what does not exist, LIMIT_EXCEEDED, and everything that
  // key_rules.h has against the operation.
  absl::StatusOr<UsableKey> Find(const server::CallContext& call, const std::string& name,
                                 KeyOperation operation, const std::string& note = "key_version");

  // Counts one more operation with a key that was found: LIMIT_EXCEEDED.
  absl::Status Charge(const server::CallContext& call, const UsableKey& usable);

 private:
  absl::StatusOr<std::shared_ptr<const KeyMaterial>> MaterialOf(const KeyVersionName& version,
                                                                keyvault::v1::KeyType type);

  storage::Database& database_;
  const clock::Clock& clock_;
  KeyRing& key_ring_;
  RateLimiter& limiter_;
};

// ALGORITHM_UNSUITABLE unless keys of this type can be used with the algorithm, which is set.
template <typename Algorithm>
absl::Status CheckSuitable(const UsableKey& usable, Algorithm algorithm) {
  const keyvault::v1::KeyType type = usable.key->type();
  if (Suits(type, *MeaningOf(algorithm))) return absl::OkStatus();
  const auto* const named =
      google::protobuf::GetEnumDescriptor<Algorithm>()->FindValueByNumber(algorithm);
  return AlgorithmUnsuitable(usable.version, type, named->name(), SuitableNames<Algorithm>(type));
}

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_USABLE_KEYS_H_
