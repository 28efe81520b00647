#include "common/crypto/secret_memory.h"

#include <openssl/mem.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "absl/base/config.h"
#include "absl/base/thread_annotations.h"
#include "absl/numeric/bits.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

#ifdef ABSL_HAVE_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(data, size) (static_cast<void>(data), static_cast<void>(size))
#define ASAN_UNPOISON_MEMORY_REGION(data, size) (static_cast<void>(data), static_cast<void>(size))
#endif

namespace keyward::crypto {
namespace {

using Report = std::function<void(const absl::Status&)>;

constexpr size_t kSmallestBlock = 32;
constexpr size_t kLargestBlock = 4096;
constexpr size_t kSlab = 64 * 1024;
constexpr size_t kBlockSizes = 8;  // 32, 64, … 4096
static_assert(kSmallestBlock << (kBlockSizes - 1) == kLargestBlock);

// The first failure to lock memory, told once to whoever asked. Callbacks run outside the mutex,
// since a log line may well need secret memory.
class LockFailure {
 public:
  void Happened(int error) {
    Report report;
    {
      absl::MutexLock lock(&mutex_);
      if (!failure_.ok()) return;
      failure_ = absl::ResourceExhaustedError(absl::StrCat(
          "memory of secrets could not be locked (", strerror(error),
          "): it may be swapped to disk; raise RLIMIT_MEMLOCK (ulimit -l), or turn swap off"));
      report = Take();
    }
    if (report) report(failure_);
  }

  void TellTo(Report listener) {
    Report report;
    {
      absl::MutexLock lock(&mutex_);
      listener_ = std::move(listener);
      report = Take();
    }
    if (report) report(failure_);
  }

 private:
  Report Take() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (failure_.ok() || told_ || !listener_) return nullptr;
    told_ = true;
    return std::move(listener_);
  }

  absl::Mutex mutex_;
  absl::Status failure_;  // changes once, before anyone is told of it
  bool told_ ABSL_GUARDED_BY(mutex_) = false;
  Report listener_ ABSL_GUARDED_BY(mutex_);
};

// Never destroyed, since secrets in static storage may outlive it otherwise.
LockFailure& TheLockFailure() {
  static LockFailure& failure = *new LockFailure;
  return failure;
}

size_t RoundToPages(size_t size) {
  static const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return (size + page - 1) / page * page;
}

uint8_t* MapLocked(size_t size) {
  void* pages = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) std::abort();
  madvise(pages, size, MADV_DONTDUMP);
  if (mlock(pages, size) != 0) TheLockFailure().Happened(errno);
  return static_cast<uint8_t*>(pages);
}

struct FreeBlock {
  FreeBlock* next;
};

// Free lists of blocks, one for each power of two. Slabs are never given back: the number of small
// secrets alive at once bounds them.
class Slabs {
 public:
  uint8_t* Allocate(size_t block_size) {
    absl::MutexLock lock(&mutex_);
    FreeBlock*& head = HeadFor(block_size);
    if (head == nullptr) AddSlab(block_size, head);
    FreeBlock* block = head;
    ASAN_UNPOISON_MEMORY_REGION(block, block_size);
    head = block->next;
    block->next = nullptr;
    return reinterpret_cast<uint8_t*>(block);
  }

  void Free(uint8_t* data, size_t block_size) {
    auto* block = reinterpret_cast<FreeBlock*>(data);
    absl::MutexLock lock(&mutex_);
    FreeBlock*& head = HeadFor(block_size);
    block->next = head;
    head = block;
    ASAN_POISON_MEMORY_REGION(block, block_size);
  }

 private:
  FreeBlock*& HeadFor(size_t block_size) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return heads_[absl::countr_zero(block_size / kSmallestBlock)];
  }

  static void AddSlab(size_t block_size, FreeBlock*& head) {
    uint8_t* slab = MapLocked(kSlab);
    for (size_t offset = kSlab; offset > 0; offset -= block_size) {
      auto* block = reinterpret_cast<FreeBlock*>(slab + offset - block_size);
      block->next = head;
      head = block;
    }
    ASAN_POISON_MEMORY_REGION(slab, kSlab);
  }

  absl::Mutex mutex_;
  std::array<FreeBlock*, kBlockSizes> heads_ ABSL_GUARDED_BY(mutex_) = {};
};

Slabs& TheSlabs() {
  static Slabs& slabs = *new Slabs;
  return slabs;
}

size_t BlockSize(size_t size) { return absl::bit_ceil(std::max(size, kSmallestBlock)); }

}  // namespace

uint8_t* AllocateSecret(size_t size) {
  if (size == 0) return nullptr;
  if (size > kLargestBlock) return MapLocked(RoundToPages(size));
  return TheSlabs().Allocate(BlockSize(size));
}

void FreeSecret(uint8_t* data, size_t size) {
  if (data == nullptr) return;
  WipeMemory(data, size);
  if (size > kLargestBlock) {
    munmap(data, RoundToPages(size));
  } else {
    TheSlabs().Free(data, BlockSize(size));
  }
}

void WipeMemory(void* data, size_t size) { OPENSSL_cleanse(data, size); }

void ReportUnlockedSecretMemory(Report report) { TheLockFailure().TellTo(std::move(report)); }

}  // namespace keyward::crypto
