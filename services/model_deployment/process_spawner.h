#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_PROCESS_SPAWNER_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_PROCESS_SPAWNER_H_

#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "services/model_deployment/file_descriptor.h"

namespace keyward::model_deployment {

// A program to run.
struct ProcessSpec {
  // The program by absolute path, and its arguments.
  std::vector<std::string> argv;
  int stdin_fd = -1;
  int stdout_fd = -1;
  // Become descriptors 3, 4, … of the program; it has no others but 0 to 2.
  std::vector<int> inherited;
};

// Starts programs that handle customers' text, each confined as far as that goes without privileges
// of our own: a process group of its own, killed when this process dies, no new privileges, no core
// dumps, no files written, bounded memory, no descriptors but those given, stderr and environment
// empty. All are started by one thread that lives as long as this, because the kernel ties the
// death signal to the parent's thread. Thread-safe.
class ProcessSpawner {
 public:
  struct Limits {
    uint64_t memory_bytes = uint64_t{2} << 30;
    uint64_t file_size_bytes = 0;
    uint64_t open_files = 64;
  };

  ProcessSpawner();
  // Kills nothing: who starts a process ends it.
  ~ProcessSpawner();

  // Starts all programs in one process group, whose id is the first one's pid; returns the pids. If
  // one cannot be started, those before it are killed and reaped. The caller must reap the others.
  absl::StatusOr<std::vector<pid_t>> Spawn(absl::Span<const ProcessSpec> programs,
                                           const Limits& limits);

 private:
  void Run();

  absl::Mutex mutex_;
  std::deque<std::function<void()>> tasks_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// Runs one program to its end, with `input` on its standard input, and returns its standard output.
// UNAVAILABLE if it cannot be started, INTERNAL if it fails, RESOURCE_EXHAUSTED beyond
// `output_limit` bytes, DEADLINE_EXCEEDED when nothing moves for `silence_limit`.
absl::StatusOr<std::string> RunProgram(ProcessSpawner& spawner, std::vector<std::string> argv,
                                       std::vector<int> inherited, absl::string_view input,
                                       const ProcessSpawner::Limits& limits, size_t output_limit,
                                       absl::Duration silence_limit);

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_PROCESS_SPAWNER_H_
