#ifndef KEYWARD_SERVICES_ENCRYPTION_REPLICA_H_
#define KEYWARD_SERVICES_ENCRYPTION_REPLICA_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/events/event_handler.h"
#include "common/storage/database.h"
#include "keyward/events/v1/events.pb.h"
#include "services/encryption/access_event.h"
#include "services/encryption/replica_store.h"

namespace keyward::encryption {

// What is known here of other services, in memory: for answers without I/O, and to wait for what
// their feeds are about to tell. Changes show at the moment their transaction commits. What a
// transaction decides, it reads through replica_store.h instead. Thread-safe.
class Replica {
 public:
  // Reads what the database holds.
  static absl::StatusOr<std::unique_ptr<Replica>> Load(storage::Database& database,
                                                       const clock::Clock& clock);

  // As "tenants/{tenant}"; none if the subscription is unknown.
  std::optional<std::string> TenantOf(const std::string& subscription) const;
  // Of a resource such as "accounts/contoso"; none if its identity was never enabled.
  std::optional<KnownIdentity> IdentityOf(const std::string& resource) const;
  // How far the feed of a service has been applied.
  int64_t Applied(const std::string& source) const;

  // The same three, waiting for as long as `timeout` until there is a tenant, the resource has this
  // principal, or the feed has come so far; the last two say whether that is so.
  std::optional<std::string> AwaitTenant(const std::string& subscription,
                                         absl::Duration timeout) const;
  bool AwaitPrincipal(const std::string& resource, const std::string& principal,
                      absl::Duration timeout) const;
  bool AwaitApplied(const std::string& source, int64_t sequence, absl::Duration timeout) const;

  // Takes over an event once its transaction has committed; `what` is what it says, if it bears on
  // access.
  void Learn(const events::v1::Event& event, const std::optional<AccessEvent>& what);

 private:
  explicit Replica(const clock::Clock& clock) : clock_(clock) {}

  bool Await(absl::Duration timeout, absl::FunctionRef<bool()> condition) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const clock::Clock& clock_;
  mutable absl::Mutex mutex_;
  std::map<std::string, std::string> tenants_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, KnownIdentity> identities_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int64_t> applied_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_REPLICA_H_
