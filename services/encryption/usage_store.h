#ifndef KEYWARD_SERVICES_ENCRYPTION_USAGE_STORE_H_
#define KEYWARD_SERVICES_ENCRYPTION_USAGE_STORE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/storage/transaction.h"
#include "services/encryption/names.h"

namespace keyward::encryption {

// What an account holds, as last reported by the service that holds it.
struct Usage {
  int64_t uploads = 0;
  int64_t upload_bytes = 0;
  int64_t deployed_models = 0;
  // The epoch if nothing was reported.
  absl::Time reported_time = absl::UnixEpoch();
};

// The SQL over usage. Errors are those of Transaction.
absl::Status StoreUsage(storage::Transaction& tx, const AccountName& account, const Usage& usage);
absl::Status ForgetUsage(storage::Transaction& tx, const AccountName& account);
absl::StatusOr<Usage> UsageOf(storage::Transaction& tx, const AccountName& account);

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_USAGE_STORE_H_
