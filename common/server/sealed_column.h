#ifndef KEYWARD_COMMON_SERVER_SEALED_COLUMN_H_
#define KEYWARD_COMMON_SERVER_SEALED_COLUMN_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace keyward::server {

// A column in which a service keeps secrets that it sealed under its root key (crypto/root_key.h),
// as storage::Blob. Each service declares all of its own, beside the code that seals, so that a
// change of the root key reaches every secret. A value.
struct SealedColumn {
  // A column of the table's primary key.
  struct KeyColumn {
    std::string name;
    bool is_number = false;
  };

  std::string table;
  std::vector<KeyColumn> key;
  std::string column;
  // What a secret is sealed with beside the root key, given the row's primary key as text.
  std::function<absl::StatusOr<std::string>(const std::vector<std::string>& key)> context;
};

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_SEALED_COLUMN_H_
