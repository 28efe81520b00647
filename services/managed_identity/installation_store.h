#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_INSTALLATION_STORE_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_INSTALLATION_STORE_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/storage/transaction.h"

namespace keyward::managed_identity {

// What was settled once in the life of an installation. Errors are those of Transaction.
absl::StatusOr<std::optional<std::string>> FindInstallationSetting(storage::Transaction& tx,
                                                                   const std::string& setting);
// ALREADY_EXISTS if it was settled before.
absl::Status InsertInstallationSetting(storage::Transaction& tx, const std::string& setting,
                                       const std::string& value, absl::Time now);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_INSTALLATION_STORE_H_
