#ifndef KEYWARD_COMMON_HSM_MODULE_H_
#define KEYWARD_COMMON_HSM_MODULE_H_

#include <p11-kit/pkcs11.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace keyward::hsm {

// A PKCS #11 module: the shared library that speaks for tokens, loaded at run time, told to lock
// for itself. PKCS #11 makes a module's state one of the process, so a path is loaded once however
// often it is asked for. Thread-safe.
class Module {
 public:
  // FAILED_PRECONDITION, saying why, if there is no such library or it is no such module.
  static absl::StatusOr<std::shared_ptr<Module>> Load(const std::string& path);

  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  // The module's functions, to be called while `mutex` is held for reading.
  const CK_FUNCTION_LIST& functions() const ABSL_SHARED_LOCKS_REQUIRED(mutex) {
    return *functions_;
  }

  // Counts the module's lives: handles of an earlier one mean nothing any longer, or something
  // else.
  uint64_t life() const ABSL_SHARED_LOCKS_REQUIRED(mutex) { return life_; }

  // Ends the module's life and begins the next, unless `life` is over already: some modules see
  // only so which tokens there are now. FAILED_PRECONDITION if the module does not come back.
  absl::Status Restart(uint64_t life) ABSL_LOCKS_EXCLUDED(mutex);

  mutable absl::Mutex mutex;

 private:
  Module(void* library, CK_FUNCTION_LIST* functions, std::string path)
      : library_(library), functions_(functions), path_(std::move(path)) {}
  absl::Status Initialize();

  void* const library_;
  CK_FUNCTION_LIST* const functions_;
  const std::string path_;
  uint64_t life_ ABSL_GUARDED_BY(mutex) = 1;
};

}  // namespace keyward::hsm

#endif  // KEYWARD_COMMON_HSM_MODULE_H_
