#ifndef KEYWARD_COMMON_SERVER_REWRAPPER_H_
#define KEYWARD_COMMON_SERVER_REWRAPPER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/crypto/root_key_set.h"
#include "common/server/metrics.h"
#include "common/server/root_key_store.h"
#include "common/server/sealed_column.h"
#include "common/server/sealed_rows.h"
#include "common/storage/database.h"

namespace keyward::server {

// Brings every secret of a service under its primary root key, while the service runs: unseals what
// another key of the set has sealed, and seals it anew. What is left to do is read from the
// database, so that neither a restart nor a second replica matters; a secret that somebody changes
// meanwhile is left to them. At the end the primary becomes the key that belongs to the database,
// with an audit entry in the same transaction. Thread-safe.
class Rewrapper {
 public:
  struct Progress {
    RootKeyIds ids;
    // Secrets in the database, and those that are not under the primary.
    int64_t secrets = 0;
    int64_t left = 0;
    // Why the last attempt ended early; empty if it did not.
    std::string problem;
  };

  // Everything must outlive this. Errors of the root key.
  static absl::StatusOr<std::unique_ptr<Rewrapper>> Create(
      storage::Database& database, const clock::Clock& clock, Metrics& metrics,
      const crypto::RootKeySet& keys, const std::vector<SealedColumn>& columns);
  // Stops.
  ~Rewrapper() { Stop(); }

  // If there is a key to change from, runs RewrapAll in a thread of its own, again every `retry`
  // until it succeeds. Once only.
  void Start(absl::Duration retry = absl::Seconds(10));
  // Returns when the thread has ended. Harmless if it never began.
  void Stop();

  // Brings everything under the primary; returns once it is, or Stop is called (CANCELLED). Errors
  // of the database and of the root keys; INTERNAL, naming the row, if a secret does not unseal.
  absl::Status RewrapAll();

  absl::StatusOr<Progress> GetProgress();

 private:
  Rewrapper(storage::Database& database, const clock::Clock& clock, Metrics& metrics,
            const crypto::RootKeySet& keys, std::vector<std::unique_ptr<SealedRows>> tables);

  void Run(absl::Duration retry);
  absl::Status RewrapTable(const SealedRows& table);
  absl::Status RewrapRows(const SealedRows& table, const std::vector<SealedRow>& rows);
  absl::StatusOr<std::string> Rewrap(const SealedRows& table, const SealedRow& row) const;
  absl::Status Settle();
  bool stopping();

  storage::Database& database_;
  const clock::Clock& clock_;
  const crypto::RootKeySet& keys_;
  const std::vector<std::unique_ptr<SealedRows>> tables_;
  prometheus::Gauge& secrets_gauge_;
  prometheus::Gauge& left_gauge_;
  prometheus::Counter& rewrapped_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::string problem_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_REWRAPPER_H_
