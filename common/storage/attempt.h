#ifndef KEYWARD_COMMON_STORAGE_ATTEMPT_H_
#define KEYWARD_COMMON_STORAGE_ATTEMPT_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace keyward::storage {

// How one attempt at a transaction went, and whether another may go better.
struct Attempt {
  enum class Next {
    kDone,
    // The engine wants it repeated, for as long as it takes.
    kRepeat,
    // The connection is lost; a new one may do, once.
    kReconnect,
  };

  absl::Status status;
  Next next = Next::kDone;
};

// Makes attempts until one is done or there is no more hope; returns its status.
absl::Status Repeat(absl::FunctionRef<Attempt()> attempt);

}  // namespace keyward::storage

#endif  // KEYWARD_COMMON_STORAGE_ATTEMPT_H_
