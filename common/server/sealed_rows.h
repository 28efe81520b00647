#ifndef KEYWARD_COMMON_SERVER_SEALED_ROWS_H_
#define KEYWARD_COMMON_SERVER_SEALED_ROWS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/server/sealed_column.h"
#include "common/storage/transaction.h"

namespace keyward::server {

// One secret at rest. A value.
struct SealedRow {
  // The primary key, as text.
  std::vector<std::string> key;
  std::string sealed;
};

// The rows of a sealed column, told apart by the root key that sealed them. That stands in the
// first bytes of every sealed secret, and so in the first characters of what is stored. Errors are
// those of Transaction. Thread-safe.
class SealedRows {
 public:
  // `sealed_by_primary` is anything that the primary root key sealed.
  SealedRows(SealedColumn column, absl::string_view sealed_by_primary);

  // How many rows there are, and how many of them another key than the primary has sealed.
  absl::StatusOr<int64_t> Count(storage::Transaction& tx) const;
  absl::StatusOr<int64_t> CountOthers(storage::Transaction& tx) const;

  // The first rows after `after` (from the start, if empty) that another key has sealed, in the
  // order of their keys, at most `most`.
  absl::StatusOr<std::vector<SealedRow>> ListOthers(storage::Transaction& tx,
                                                    const std::vector<std::string>& after,
                                                    int most) const;

  // Puts `sealed` in the place of what the row holds, unless that has changed or gone since.
  absl::Status Replace(storage::Transaction& tx, const SealedRow& row,
                       absl::string_view sealed) const;

  // See SealedColumn.
  absl::StatusOr<std::string> Context(const SealedRow& row) const {
    return column_.context(row.key);
  }
  const std::string& table() const { return column_.table; }

 private:
  std::vector<storage::Parameter> KeyParameters(const std::vector<std::string>& key) const;

  const SealedColumn column_;
  const std::string primary_prefix_;
  // Put together once, since statements stay prepared by their text.
  const std::string count_, count_others_, first_, next_, replace_;
};

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_SEALED_ROWS_H_
