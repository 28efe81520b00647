#ifndef KEYWARD_COMMON_EVENTS_APPLIER_H_
#define KEYWARD_COMMON_EVENTS_APPLIER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/events/event_handler.h"
#include "common/storage/database.h"

namespace keyward::events {

// What an applier has done: everything up to `applied` of the peer's feed has taken effect, and
// what followed from it is in the own feed up to `own_sequence`.
struct Progress {
  int64_t applied = 0;
  int64_t own_sequence = 0;
};

// Applies the events of one source in order, each exactly once, in a thread of its own: several in
// a transaction when several wait, with the cursor. What fails is tried again for as long as it
// takes. Thread-safe.
class Applier {
 public:
  struct Options {
    std::string source;
    int batch_size = 100;
    absl::Duration minimum_back_off;
    absl::Duration maximum_back_off;
  };

  // `on_progress` is called from the applier's thread after each commit.
  static absl::StatusOr<std::unique_ptr<Applier>> Create(Options options,
                                                         storage::Database& database,
                                                         clock::Clock& clock, EventHandler& handler,
                                                         std::function<void(Progress)> on_progress);
  ~Applier();

  void Start();
  // When it returns, the handler does not run any more.
  void Stop();

  // Takes an event; waits while too many wait already. False if it was stopped, or if the event is
  // not the next one after received().
  bool Push(v1::Event event);

  // The newest event taken; a new stream goes on after it.
  int64_t received() const;
  Progress progress() const;
  // Whether the newest attempt failed.
  bool failing() const;

 private:
  Applier(Options options, storage::Database& database, clock::Clock& clock, EventHandler& handler,
          std::function<void(Progress)> on_progress);

  absl::Status Load();
  void Run();
  std::vector<v1::Event> AwaitBatch(size_t limit);
  absl::StatusOr<Progress> Apply(const std::vector<v1::Event>& batch);
  absl::StatusOr<int64_t> ApplyIn(storage::Transaction& tx, const std::vector<v1::Event>& batch);
  bool BackOff(const absl::Status& status, const v1::Event& event, int attempt);

  const Options options_;
  storage::Database& database_;
  clock::Clock& clock_;
  EventHandler& handler_;
  const std::function<void(Progress)> on_progress_;

  mutable absl::Mutex mutex_;
  std::deque<v1::Event> queue_ ABSL_GUARDED_BY(mutex_);
  int64_t received_ ABSL_GUARDED_BY(mutex_) = 0;
  Progress progress_ ABSL_GUARDED_BY(mutex_);
  bool failing_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace keyward::events

#endif  // KEYWARD_COMMON_EVENTS_APPLIER_H_
