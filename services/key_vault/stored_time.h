#ifndef KEYWARD_SERVICES_KEY_VAULT_STORED_TIME_H_
#define KEYWARD_SERVICES_KEY_VAULT_STORED_TIME_H_

#include <optional>

#include "absl/time/time.h"
#include "common/storage/value.h"

namespace keyward::key_vault {

// A moment in a column that may be null.
inline std::optional<absl::Time> StoredTime(const storage::Row& row, int column) {
  if (row.IsNull(column)) return std::nullopt;
  return row.GetTime(column);
}

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_STORED_TIME_H_
