#ifndef KEYWARD_COMMON_STORAGE_TESTING_SQLITE_WORK_H_
#define KEYWARD_COMMON_STORAGE_TESTING_SQLITE_WORK_H_

#include <cstdint>
#include <string>
#include <vector>

namespace keyward::storage::testing {

// What SQLite did, counted and not timed, so that a busy machine changes nothing. A plain value.
struct SqliteWork {
  // Instructions of its virtual machine.
  int64_t steps = 0;
  // The statements that went through a table or an index from end to end.
  std::vector<std::string> scans;

  // Counts in every connection that this process opens from now on.
  static void Watch();
  // What was done since the last call.
  static SqliteWork Take();
};

}  // namespace keyward::storage::testing

#endif  // KEYWARD_COMMON_STORAGE_TESTING_SQLITE_WORK_H_
