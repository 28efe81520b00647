#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_ACCESS_GATE_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_ACCESS_GATE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "services/model_deployment/account_store.h"

namespace keyward::model_deployment {

// Whether what was last heard of accounts with this source of keys may still be believed.
using AccessFreshness = std::function<bool(encryption::v1::KeySource)>;

// The gate of one account: everything that shows or uses its data asks here first, and once more
// before it lets anything out. Closing it is one assignment, however many models and documents lie
// behind it. Thread-safe.
class AccessGate {
 public:
  AccessGate(Account account, const AccessFreshness& fresh)
      : fresh_(fresh), account_(std::move(account)) {}

  // The epoch in which access is confirmed now. FAILED_PRECONDITION (ACCESS_DENIED) or UNAVAILABLE
  // (ACCESS_UNVERIFIED).
  absl::StatusOr<int64_t> Check() const;

  // The same, and that access was not lost since Check returned `epoch`.
  absl::Status Confirm(int64_t epoch) const;

  // Whether access is denied, fresh or not.
  bool denied() const;

  // Takes over what the database holds now.
  void Set(Account account);

 private:
  const AccessFreshness& fresh_;
  mutable absl::Mutex mutex_;
  Account account_ ABSL_GUARDED_BY(mutex_);
};

// A gate that was open when Enter was called.
class AccessPass {
 public:
  AccessPass(std::shared_ptr<const AccessGate> gate, int64_t epoch)
      : gate_(std::move(gate)), epoch_(epoch) {}

  // OK if it has been open ever since.
  absl::Status Confirm() const { return gate_->Confirm(epoch_); }
  int64_t epoch() const { return epoch_; }

 private:
  std::shared_ptr<const AccessGate> gate_;
  int64_t epoch_;
};

// The gates of all accounts. Thread-safe.
class AccessGates {
 public:
  explicit AccessGates(AccessFreshness fresh) : fresh_(std::move(fresh)) {}

  // Makes or changes the gate of an account; called in the order of the commits.
  void Set(const Account& account);

  // Errors of AccessGate::Check; FAILED_PRECONDITION (ACCOUNT_UNKNOWN) if nothing is known of it.
  absl::StatusOr<AccessPass> Enter(absl::string_view account) const;

  // Whether the account is known and access to it denied: its lists are empty then.
  bool Denied(absl::string_view account) const;

 private:
  std::shared_ptr<AccessGate> Find(absl::string_view account) const;

  const AccessFreshness fresh_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::shared_ptr<AccessGate>> gates_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_ACCESS_GATE_H_
