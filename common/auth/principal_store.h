#ifndef KEYWARD_COMMON_AUTH_PRINCIPAL_STORE_H_
#define KEYWARD_COMMON_AUTH_PRINCIPAL_STORE_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/auth/principal_records.h"
#include "common/storage/migration.h"
#include "common/storage/transaction.h"

namespace keyward::auth {

// The tables behind PrincipalDirectory. Every service opens its database with it.
storage::Schema AuthSchema();

// Saves a record, unless the one in the database is as new or newer. Errors are those of
// Transaction.
absl::Status SaveRecord(storage::Transaction& tx, const PrincipalRecord& record);

// All records. Errors are those of Transaction; DATA_LOSS if a key in the database does not parse.
absl::StatusOr<std::vector<PrincipalRecord>> LoadRecords(storage::Transaction& tx);

}  // namespace keyward::auth

#endif  // KEYWARD_COMMON_AUTH_PRINCIPAL_STORE_H_
