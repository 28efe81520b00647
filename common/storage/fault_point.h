#ifndef KEYWARD_COMMON_STORAGE_FAULT_POINT_H_
#define KEYWARD_COMMON_STORAGE_FAULT_POINT_H_

#include <string_view>

namespace keyward::storage {

// The environment variable that arms one fault point: "name", or "name:3" for its third passage.
inline constexpr char kFaultPointVariable[] = "KEYWARD_FAULT_POINT";

// Ends the process at once with exit code 137, as kill -9 would, if kFaultPointVariable named this
// point when the process started; otherwise costs one comparison. Thread-safe.
void FaultPoint(std::string_view name);

}  // namespace keyward::storage

// Marks an instruction at which crash tests kill the process.
#define KW_FAULT_POINT(name) ::keyward::storage::FaultPoint(name)

#endif  // KEYWARD_COMMON_STORAGE_FAULT_POINT_H_
