#ifndef KEYWARD_SERVICES_KEY_VAULT_HSM_KEY_STORE_H_
#define KEYWARD_SERVICES_KEY_VAULT_HSM_KEY_STORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/storage/transaction.h"
#include "services/key_vault/names.h"

namespace keyward::key_vault {

// A key in the token that no version uses. A value.
struct UnusedHsmKey {
  std::string id;
  // The name of the version that it was for.
  std::string version;
};

// The keys in the token, with the version that each is for: written before a key is made, and
// deleted after it was destroyed, so none is forgotten. Lives as long as its transaction, whose
// errors it returns.
class HsmKeyStore {
 public:
  explicit HsmKeyStore(storage::Transaction& tx) : tx_(tx) {}

  // `now` is when its making begins. `id` is the key's in the token.
  absl::Status Insert(const std::string& id, const KeyVersionName& version, absl::Time now);
  // Remembers that the version has been created.
  absl::Status MarkUsed(const KeyVersionName& version);
  absl::Status Delete(const std::string& id);

  // Keys whose version is not there: because it is gone, or because it has not been created
  // although the making began before `begun_before`. At most `limit`.
  absl::StatusOr<std::vector<UnusedHsmKey>> ListUnused(absl::Time begun_before, int limit);

 private:
  storage::Transaction& tx_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_HSM_KEY_STORE_H_
