#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_TESTING_FAKE_ENCRYPTION_CLIENT_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_TESTING_FAKE_ENCRYPTION_CLIENT_H_

#include <functional>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/model_deployment/encryption_client.h"

namespace keyward::model_deployment::testing {

// The encryption service as far as this service can tell: real keys, kept in memory, that scopes
// and epochs hold together. Thread-safe.
class FakeEncryptionClient final : public EncryptionClient {
 public:
  // What the service looks like from outside; shared with the test that keeps it.
  struct State {
    absl::Mutex mutex;
    std::map<std::string, Account> accounts ABSL_GUARDED_BY(mutex);
    std::map<std::string, Usage> usage ABSL_GUARDED_BY(mutex);
    // An error that every call gets, while it is set.
    absl::Status outage ABSL_GUARDED_BY(mutex);
    // Called before keys are made, outside the lock.
    std::function<void()> before_generate;
    struct Key {
      std::string account, scope, object;
      int64_t epoch = 0;
      envelope::DataKeys keys;
    };
    std::map<std::string, Key> keys ABSL_GUARDED_BY(mutex);
    int destroy_calls ABSL_GUARDED_BY(mutex) = 0;

    void AddAccount(const Account& account);
    void SetEpoch(const std::string& account, int64_t epoch);
    void SetOutage(absl::Status outage);
    // Keys of the scope up to an epoch go.
    void Destroy(const std::string& account, const std::string& scope, int64_t epoch);
    Usage UsageOf(const std::string& account);
    int DestroyCalls();
  };

  explicit FakeEncryptionClient(State& state) : state_(state) {}

  absl::StatusOr<Account> GetAccount(const CallOrigin& origin, absl::string_view account) override;
  absl::StatusOr<GeneratedKeys> GenerateDataKey(const CallOrigin& origin,
                                                const envelope::ObjectId& id) override;
  absl::StatusOr<envelope::DataKeys> DecryptDataKey(const CallOrigin& origin,
                                                    const envelope::ObjectId& id,
                                                    const envelope::ObjectHeader& header) override;
  absl::StatusOr<absl::Time> DestroyScope(const CallOrigin& origin, absl::string_view account,
                                          absl::string_view scope, int64_t access_epoch) override;
  absl::Status ReportUsage(const CallOrigin& origin, absl::string_view account,
                           const Usage& usage) override;

 private:
  State& state_;
};

}  // namespace keyward::model_deployment::testing

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_TESTING_FAKE_ENCRYPTION_CLIENT_H_
