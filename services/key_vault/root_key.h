#ifndef KEYWARD_SERVICES_KEY_VAULT_ROOT_KEY_H_
#define KEYWARD_SERVICES_KEY_VAULT_ROOT_KEY_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/crypto/root_key.h"
#include "common/storage/database.h"

namespace keyward::key_vault {

// The root key in the file, made at the first start. FAILED_PRECONDITION, saying what to do, if the
// file is missing while private keys are stored, which only the lost root key opens; if it is not
// the key that sealed them; or if others may read it.
absl::StatusOr<std::unique_ptr<crypto::RootKey>> OpenRootKey(const std::string& path,
                                                             storage::Database& database);

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_ROOT_KEY_H_
