#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_APERTIUM_ENGINE_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_APERTIUM_ENGINE_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/model_deployment/apertium_pair.h"
#include "services/model_deployment/apertium_worker.h"
#include "services/model_deployment/process_spawner.h"
#include "services/model_deployment/sentence.h"

namespace keyward::model_deployment {

// One worker that translates, and its replacement when it crashes or hangs: a request that this
// hits is tried once more with a fresh worker. Verbatim phrases come out as they went in. Calls of
// Translate take turns; thread-safe.
class ApertiumEngine {
 public:
  // A worker that says nothing for `silence_limit` while it is asked hangs.
  ApertiumEngine(ProcessSpawner& spawner, const ApertiumPair& pair,
                 absl::Duration silence_limit = absl::Seconds(10));
  // Unloads.
  ~ApertiumEngine();

  // Starts the worker and returns once it answers.
  absl::Status Start();

  // One translation a sentence. INVALID_ARGUMENT: NUL, or no UTF-8. UNAVAILABLE: the worker failed
  // twice, or Kill came.
  absl::StatusOr<std::vector<std::string>> Translate(absl::Span<const Sentence> sentences);

  // Ends the worker for good, at once and without waiting for its processes; Translate fails.
  void Kill();
  // The same, and returns when they are gone.
  void Unload();

  // The worker's; 0 if there is none at the moment.
  pid_t worker_pid() const;

 private:
  absl::StatusOr<std::shared_ptr<ApertiumWorker>> Worker();
  void Discard(const std::shared_ptr<ApertiumWorker>& worker);
  // Translates the sentences of these numbers into `out`; returns those whose phrases were lost.
  absl::StatusOr<std::vector<size_t>> Pass(absl::Span<const Sentence> sentences,
                                           const std::vector<size_t>& numbers, bool as_nouns,
                                           std::vector<std::string>& out)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(asking_);
  absl::StatusOr<std::string> PieceByPiece(const Sentence& sentence)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(asking_);

  ProcessSpawner& spawner_;
  const ApertiumPair& pair_;
  const absl::Duration silence_limit_;
  absl::Mutex asking_;
  int64_t next_number_ ABSL_GUARDED_BY(asking_) = 0;
  mutable absl::Mutex mutex_;
  bool unloaded_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<ApertiumWorker> worker_ ABSL_GUARDED_BY(mutex_);
};

// The engine leaves two spaces, or one before a full stop, where it drops or moves words; puts that
// right where the source has no such thing, and gives back the source's outer spaces.
std::string TidySpaces(absl::string_view source, absl::string_view target);

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_APERTIUM_ENGINE_H_
