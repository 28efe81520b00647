#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_APERTIUM_WORKER_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_APERTIUM_WORKER_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/model_deployment/pipe_exchange.h"
#include "services/model_deployment/process_spawner.h"

namespace keyward::model_deployment {

// One resident pipeline: programs in a process group of their own, connected by pipes, that answer
// each text ended by NUL with one ended by NUL. One thread at a time may Ask; Kill and Reap may
// come from any.
class ApertiumWorker {
 public:
  // A program of the pipeline and the descriptors that it inherits.
  struct Program {
    std::vector<std::string> argv;
    std::vector<int> inherited;
  };

  // Starts the programs; whether they work shows when they are asked. UNAVAILABLE if they cannot be
  // started.
  static absl::StatusOr<std::unique_ptr<ApertiumWorker>> Start(ProcessSpawner& spawner,
                                                               absl::Span<const Program> programs);
  // Kills and reaps.
  ~ApertiumWorker();

  // The answers to `texts`, in order, all without their NUL. After an error the worker is of no
  // more use: UNAVAILABLE if it ended, DEADLINE_EXCEEDED if it says nothing for `silence_limit`.
  absl::StatusOr<std::vector<std::string>> Ask(absl::Span<const std::string> texts,
                                               absl::Duration silence_limit);

  // Ends every process of the group at once; does not wait. Ask fails.
  void Kill();
  // Kills, and returns when no process of the group is left.
  void Reap();

  // The first process, whose pid is the group's id too.
  pid_t pid() const { return pids_.front(); }

 private:
  ApertiumWorker(std::vector<pid_t> pids, FileDescriptor to, FileDescriptor from)
      : pids_(std::move(pids)), exchange_(std::move(to), std::move(from)) {}

  const std::vector<pid_t> pids_;
  PipeExchange exchange_;
  absl::Mutex mutex_;
  bool reaped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_APERTIUM_WORKER_H_
