#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_SIGNING_KEY_STORE_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_SIGNING_KEY_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/storage/transaction.h"
#include "services/managed_identity/signing_key.h"

namespace keyward::managed_identity {

// The SQL over signing keys. Errors are those of Transaction; DATA_LOSS, too, where said.

absl::StatusOr<std::optional<SigningKey>> FindSigningKey(storage::Transaction& tx,
                                                         const std::string& key_id);
// The keys that are published, the oldest first.
absl::StatusOr<std::vector<SigningKey>> PublishedSigningKeys(storage::Transaction& tx);
// The key that is ACTIVE, or NEXT, of which there is one each; nothing before the first start.
absl::StatusOr<std::optional<SigningKey>> FindSigningKey(storage::Transaction& tx,
                                                         SigningKeyState state);
// At most `limit` of all keys, by key id, after `after`.
absl::StatusOr<std::vector<SigningKey>> ListSigningKeys(storage::Transaction& tx,
                                                        const std::string& after, int limit);
// Inserts it, or replaces what changes of it: state, its reason, times and event.
absl::Status SaveSigningKey(storage::Transaction& tx, const SigningKey& key);

// The private part, as PKCS #8, sealed under the root key. It goes when the key signs no more.
absl::Status InsertPrivateKey(storage::Transaction& tx, const SigningKey& key,
                              const std::string& sealed);
absl::Status DeletePrivateKey(storage::Transaction& tx, const std::string& key_id);
// DATA_LOSS if it is not there.
absl::StatusOr<std::string> FindPrivateKey(storage::Transaction& tx, const std::string& key_id);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_SIGNING_KEY_STORE_H_
