// Tells ThreadSanitizer of Abseil's mutexes. Debian's Abseil is a shared library that is not
// instrumented, so every absl::Mutex would look like no synchronisation at all. The functions below
// take the library's place in the program, tell the sanitizer, and call the library's own.

#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#include <cstdlib>
#include <string>
#include <type_traits>

#include "absl/base/config.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"

#define KW_STRING_OF(x) #x
#define KW_STRING(x) KW_STRING_OF(x)
#define KW_CONDITION "RKNS0_9ConditionE"

namespace {

constexpr unsigned kRead = __tsan_mutex_read_lock;

// The library's function, as a free function whose first parameter is `this`. The name is mangled,
// less what leads to Abseil's inline namespace.
template <typename Function>
Function* Find(const char* start, const char* rest) {
  const std::string space = KW_STRING(ABSL_OPTION_INLINE_NAMESPACE_NAME);
  const std::string symbol =
      start + std::string("4absl") + std::to_string(space.size()) + space + rest;
  void* found = dlsym(RTLD_NEXT, symbol.c_str());
  if (found == nullptr) std::abort();
  return reinterpret_cast<Function*>(found);
}

// Looked up once for each place of use.
#define KW_REAL_FROM(start, type, rest)                    \
  ([]() -> type* {                                         \
    static type* const function = Find<type>(start, rest); \
    return function;                                       \
  }())
#define KW_REAL(type, rest) KW_REAL_FROM("_ZN", type, rest)
#define KW_REAL_CONST(type, rest) KW_REAL_FROM("_ZNK", type, rest)

using OnMutex = void(absl::Mutex*);
using TryOnMutex = bool(absl::Mutex*);
using WhenOnMutex = void(absl::Mutex*, const absl::Condition&);
using TimedOnMutex = bool(absl::Mutex*, const absl::Condition&, absl::Duration);
using UntilOnMutex = bool(absl::Mutex*, const absl::Condition&, absl::Time);

// The mutex that this thread locks or waits on. The library's functions call one another through
// those below, and only the outermost counts.
thread_local const absl::Mutex* busy_with = nullptr;

class Outermost {
 public:
  explicit Outermost(const absl::Mutex* mutex) { busy_with = mutex; }
  ~Outermost() { busy_with = outer_; }

 private:
  const absl::Mutex* const outer_ = busy_with;
};

template <typename Call>
auto Locking(absl::Mutex* mutex, unsigned flags, Call call) {
  if (busy_with == mutex) return call();
  const Outermost outermost(mutex);
  __tsan_mutex_pre_lock(mutex, flags);
  if constexpr (std::is_void_v<decltype(call())>) {
    call();
    __tsan_mutex_post_lock(mutex, flags, 0);
  } else {
    auto result = call();
    __tsan_mutex_post_lock(mutex, flags, 0);
    return result;
  }
}

void Unlocking(absl::Mutex* mutex, unsigned flags, OnMutex* unlock) {
  __tsan_mutex_pre_unlock(mutex, flags);
  unlock(mutex);
  __tsan_mutex_post_unlock(mutex, flags);
}

bool Trying(absl::Mutex* mutex, unsigned flags, TryOnMutex* try_lock) {
  flags |= __tsan_mutex_try_lock;
  __tsan_mutex_pre_lock(mutex, flags);
  const bool locked = try_lock(mutex);
  __tsan_mutex_post_lock(mutex, locked ? flags : flags | __tsan_mutex_try_lock_failed, 0);
  return locked;
}

// A wait gives the mutex up and takes it again. It is held for writing, or the sanitizer would
// mind.
template <typename Call>
auto Waiting(absl::Mutex* mutex, Call call) {
  if (busy_with == mutex) return call();
  __tsan_mutex_pre_unlock(mutex, 0);
  __tsan_mutex_post_unlock(mutex, 0);
  return Locking(mutex, 0, call);
}

}  // namespace

namespace absl {
ABSL_NAMESPACE_BEGIN

void Mutex::Lock() {
  Locking(this, 0, [&] { KW_REAL(OnMutex, "5Mutex4LockEv")(this); });
}

void Mutex::Unlock() { Unlocking(this, 0, KW_REAL(OnMutex, "5Mutex6UnlockEv")); }

bool Mutex::TryLock() { return Trying(this, 0, KW_REAL(TryOnMutex, "5Mutex7TryLockEv")); }

void Mutex::ReaderLock() {
  Locking(this, kRead, [&] { KW_REAL(OnMutex, "5Mutex10ReaderLockEv")(this); });
}

void Mutex::ReaderUnlock() { Unlocking(this, kRead, KW_REAL(OnMutex, "5Mutex12ReaderUnlockEv")); }

bool Mutex::ReaderTryLock() {
  return Trying(this, kRead, KW_REAL(TryOnMutex, "5Mutex13ReaderTryLockEv"));
}

void Mutex::LockWhen(const Condition& condition) {
  Locking(this, 0, [&] { KW_REAL(WhenOnMutex, "5Mutex8LockWhenE" KW_CONDITION)(this, condition); });
}

bool Mutex::LockWhenWithTimeout(const Condition& condition, Duration timeout) {
  return Locking(this, 0, [&] {
    return KW_REAL(TimedOnMutex, "5Mutex19LockWhenWithTimeoutE" KW_CONDITION "NS0_8DurationE")(
        this, condition, timeout);
  });
}

bool Mutex::LockWhenWithDeadline(const Condition& condition, Time deadline) {
  return Locking(this, 0, [&] {
    return KW_REAL(UntilOnMutex, "5Mutex20LockWhenWithDeadlineE" KW_CONDITION "NS0_4TimeE")(
        this, condition, deadline);
  });
}

void Mutex::Await(const Condition& condition) {
  Waiting(this, [&] { KW_REAL(WhenOnMutex, "5Mutex5AwaitE" KW_CONDITION)(this, condition); });
}

bool Mutex::AwaitWithTimeout(const Condition& condition, Duration timeout) {
  return Waiting(this, [&] {
    return KW_REAL(TimedOnMutex, "5Mutex16AwaitWithTimeoutE" KW_CONDITION "NS0_8DurationE")(
        this, condition, timeout);
  });
}

bool Mutex::AwaitWithDeadline(const Condition& condition, Time deadline) {
  return Waiting(this, [&] {
    return KW_REAL(UntilOnMutex, "5Mutex17AwaitWithDeadlineE" KW_CONDITION "NS0_4TimeE")(
        this, condition, deadline);
  });
}

void CondVar::Wait(Mutex* mutex) {
  using Function = void(CondVar*, Mutex*);
  Waiting(mutex, [&] { KW_REAL(Function, "7CondVar4WaitEPNS0_5MutexE")(this, mutex); });
}

bool CondVar::WaitWithTimeout(Mutex* mutex, Duration timeout) {
  using Function = bool(CondVar*, Mutex*, Duration);
  return Waiting(mutex, [&] {
    return KW_REAL(Function, "7CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE")(this, mutex,
                                                                                     timeout);
  });
}

bool CondVar::WaitWithDeadline(Mutex* mutex, Time deadline) {
  using Function = bool(CondVar*, Mutex*, Time);
  return Waiting(mutex, [&] {
    return KW_REAL(Function, "7CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE")(this, mutex,
                                                                                  deadline);
  });
}

void Notification::Notify() {
  using Function = void(Notification*);
  __tsan_release(this);
  KW_REAL(Function, "12Notification6NotifyEv")(this);
}

void Notification::WaitForNotification() const {
  using Function = void(const Notification*);
  KW_REAL_CONST(Function, "12Notification19WaitForNotificationEv")(this);
  __tsan_acquire(const_cast<Notification*>(this));
}

ABSL_NAMESPACE_END
}  // namespace absl
