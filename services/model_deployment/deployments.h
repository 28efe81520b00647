#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_DEPLOYMENTS_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_DEPLOYMENTS_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "services/model_deployment/model_runtime.h"

namespace keyward::model_deployment {

// The models whose workers run in this process, by name. Who adds one confirms its AccessPass
// afterwards, so that either this account's KillAccount finds the model or the pass finds the gate
// closed. Thread-safe.
class Deployments {
 public:
  void Add(absl::string_view account, absl::string_view name, std::shared_ptr<ServedModel> model);

  // Null if no worker serves it.
  std::shared_ptr<ServedModel> Find(absl::string_view name) const;
  // 0 if no worker serves it.
  int64_t WorkerPid(absl::string_view name) const;

  // Takes a model out and unloads it; returns when its worker is gone.
  void Unload(absl::string_view name);
  // The same for all models of an account: all are killed before the first is waited for.
  void KillAccount(absl::string_view account);
  void KillAll();

 private:
  using Models = absl::flat_hash_map<std::string, std::shared_ptr<ServedModel>>;

  static void Kill(const Models& models);

  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Models> accounts_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, std::string> account_of_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_DEPLOYMENTS_H_
