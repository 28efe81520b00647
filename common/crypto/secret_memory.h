#ifndef KEYWARD_COMMON_CRYPTO_SECRET_MEMORY_H_
#define KEYWARD_COMMON_CRYPTO_SECRET_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <utility>

#include "absl/status/status.h"

namespace keyward::crypto {

// Memory for secrets: its pages are locked (mlock, so that they are not swapped out) and left out
// of core dumps (MADV_DONTDUMP). Up to 4 KiB come from shared slabs, so that a small secret costs
// no system call; larger ones get pages of their own. Thread-safe. Locking is best effort, because
// RLIMIT_MEMLOCK may be small: see ReportUnlockedSecretMemory(). Running out of memory ends the
// process.

// Returns zeroed memory of `size` bytes, aligned for any type; nullptr for 0.
uint8_t* AllocateSecret(size_t size);

// Wipes and frees what AllocateSecret(size) returned.
void FreeSecret(uint8_t* data, size_t size);

// Overwrites memory with zeros in a way that the compiler keeps.
void WipeMemory(void* data, size_t size);

// Calls `report` once in the life of the process, when memory for a secret could first not be
// locked: immediately if that has happened already. The status says why and what to do. The last
// callback given counts.
void ReportUnlockedSecretMemory(std::function<void(const absl::Status&)> report);

template <typename T>
struct SecretDeleter {
  void operator()(T* object) const {
    object->~T();
    FreeSecret(reinterpret_cast<uint8_t*>(object), sizeof(T));
  }
};

// An object, such as an expanded key, that lives in secret memory and is wiped after destruction.
template <typename T>
using SecretPtr = std::unique_ptr<T, SecretDeleter<T>>;

template <typename T, typename... Args>
SecretPtr<T> MakeSecret(Args&&... args) {
  return SecretPtr<T>(new (AllocateSecret(sizeof(T))) T(std::forward<Args>(args)...));
}

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_SECRET_MEMORY_H_
