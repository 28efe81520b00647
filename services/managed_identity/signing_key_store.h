#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_SIGNING_KEY_STORE_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_SIGNING_KEY_STORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/storage/transaction.h"

namespace keyward::managed_identity {

// A key that signs tokens, as the database has it. A value.
struct StoredSigningKey {
  std::string key_id;
  // The `iss` of the tokens that it signs.
  std::string issuer;
  // The public part.
  std::string jwk;
  // PKCS #8, sealed under the root key.
  std::string sealed_private_key;
  absl::Time create_time;
};

// All signing keys, the newest first. Errors are those of Transaction, as below.
absl::StatusOr<std::vector<StoredSigningKey>> ListSigningKeys(storage::Transaction& tx);
absl::Status InsertSigningKey(storage::Transaction& tx, const StoredSigningKey& key);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_SIGNING_KEY_STORE_H_
