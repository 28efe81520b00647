#include "services/encryption/replica.h"

#include <algorithm>
#include <variant>

#include "common/status/status_macros.h"

namespace keyward::encryption {

absl::StatusOr<std::unique_ptr<Replica>> Replica::Load(storage::Database& database,
                                                       const clock::Clock& clock) {
  std::unique_ptr<Replica> replica(new Replica(clock));
  absl::MutexLock lock(&replica->mutex_);
  Replica& loaded = *replica;
  KW_RETURN_IF_ERROR(database.Read([&](storage::Transaction& tx) -> absl::Status {
    loaded.mutex_.AssertHeld();
    KW_ASSIGN_OR_RETURN(loaded.tenants_, AllSubscriptions(tx));
    KW_ASSIGN_OR_RETURN(loaded.identities_, AllIdentities(tx));
    for (const char* source : {kKeyVault, kManagedIdentity}) {
      KW_ASSIGN_OR_RETURN(loaded.applied_[source], AppliedOf(tx, source));
    }
    return absl::OkStatus();
  }));
  return replica;
}

std::optional<std::string> Replica::TenantOf(const std::string& subscription) const {
  absl::MutexLock lock(&mutex_);
  const auto found = tenants_.find(subscription);
  if (found == tenants_.end()) return std::nullopt;
  return found->second;
}

std::optional<KnownIdentity> Replica::IdentityOf(const std::string& resource) const {
  absl::MutexLock lock(&mutex_);
  const auto found = identities_.find(resource);
  if (found == identities_.end()) return std::nullopt;
  return found->second;
}

int64_t Replica::Applied(const std::string& source) const {
  absl::MutexLock lock(&mutex_);
  const auto found = applied_.find(source);
  return found == applied_.end() ? 0 : found->second;
}

bool Replica::Await(absl::Duration timeout, absl::FunctionRef<bool()> condition) const {
  const auto holds = [](absl::FunctionRef<bool()>* condition) { return (*condition)(); };
  return clock_.AwaitFor(mutex_, absl::Condition(+holds, &condition), timeout);
}

std::optional<std::string> Replica::AwaitTenant(const std::string& subscription,
                                                absl::Duration timeout) const {
  absl::MutexLock lock(&mutex_);
  const bool known = Await(timeout, [&] {
    mutex_.AssertReaderHeld();
    return tenants_.count(subscription) == 1;
  });
  if (!known) return std::nullopt;
  return tenants_.at(subscription);
}

bool Replica::AwaitPrincipal(const std::string& resource, const std::string& principal,
                             absl::Duration timeout) const {
  absl::MutexLock lock(&mutex_);
  return Await(timeout, [&] {
    mutex_.AssertReaderHeld();
    const auto found = identities_.find(resource);
    return found != identities_.end() && found->second.principal == principal;
  });
}

bool Replica::AwaitApplied(const std::string& source, int64_t sequence,
                           absl::Duration timeout) const {
  absl::MutexLock lock(&mutex_);
  return Await(timeout, [&] {
    mutex_.AssertReaderHeld();
    const auto found = applied_.find(source);
    return found != applied_.end() && found->second >= sequence;
  });
}

void Replica::Learn(const events::v1::Event& event, const std::optional<AccessEvent>& what) {
  absl::MutexLock lock(&mutex_);
  int64_t& applied = applied_[event.source()];
  if (event.sequence() <= applied) return;
  applied = event.sequence();
  if (!what.has_value()) return;
  if (const auto* subscription = std::get_if<SubscriptionEvent>(&what->what)) {
    tenants_[subscription->subscription] = subscription->tenant;
  }
  if (const auto* principal = std::get_if<PrincipalEvent>(&what->what)) {
    identities_[principal->resource] = {
        principal->identity, principal->active ? principal->principal : "", principal->tenant};
  }
}

}  // namespace keyward::encryption
