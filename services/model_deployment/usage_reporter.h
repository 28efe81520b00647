#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_USAGE_REPORTER_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_USAGE_REPORTER_H_

#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/clock/background_worker.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "services/model_deployment/encryption_client.h"

namespace keyward::model_deployment {

// Tells the encryption service what accounts hold, so that a preview of a revocation is right: soon
// after each change, again until it was heard, and for all accounts at start. Thread-safe.
class UsageReporter {
 public:
  UsageReporter(storage::Database& database, EncryptionClient& encryption,
                const clock::Clock& clock);

  void Start();
  void Stop() { worker_.Stop(); }

  // What the account holds has changed; it is told in a moment.
  void Changed(absl::string_view account);
  // The same, and waits for it a little while, so that a preview right after sees it.
  void ChangedNow(const CallOrigin& origin, absl::string_view account);

 private:
  absl::Duration Step();
  absl::Status Report(const CallOrigin& origin, const std::string& account);

  storage::Database& database_;
  EncryptionClient& encryption_;
  const clock::Clock& clock_;
  // Held from the count to the answer, so that an older count never overtakes a newer one.
  absl::Mutex reporting_;
  absl::Mutex mutex_;
  std::set<std::string> changed_ ABSL_GUARDED_BY(mutex_);
  clock::BackgroundWorker worker_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_USAGE_REPORTER_H_
