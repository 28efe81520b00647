#ifndef KEYWARD_SERVICES_ENCRYPTION_TESTING_FAKE_MANAGED_IDENTITY_H_
#define KEYWARD_SERVICES_ENCRYPTION_TESTING_FAKE_MANAGED_IDENTITY_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/clock/clock.h"
#include "services/encryption/identity_client.h"
#include "services/encryption/testing/fake_feed.h"

namespace keyward::encryption::testing {

// managed_identity as this service sees it, in memory: follows the contract of its protos, and
// publishes the events that it would. Thread-safe.
class FakeManagedIdentity final : public IdentityClient {
 public:
  explicit FakeManagedIdentity(const clock::Clock& clock) : clock_(clock) {}

  absl::StatusOr<AccountIdentity> Create(const server::CallContext& call,
                                         const AccountName& account,
                                         const std::string& subscription) override;
  absl::StatusOr<AccountIdentity> Get(const server::CallContext& call,
                                      const AccountName& account) override;
  absl::StatusOr<AccountIdentity> Enable(const server::CallContext& call,
                                         const AccountName& account) override;
  absl::Status Delete(const server::CallContext& call, const AccountName& account) override;
  absl::StatusOr<AccountIdentity> Select(const server::CallContext& call,
                                         const AccountName& account,
                                         const std::string& identity) override;
  absl::StatusOr<IdentityToken> IssueToken(const server::CallContext& call,
                                           const KeyUser& user) override;

  // What its administrators do.
  void CreateSubscription(const std::string& subscription, const std::string& tenant);
  void MoveSubscription(const std::string& subscription, const std::string& tenant);
  std::string EnableIdentity(const AccountName& account);
  // Each returns the id of the event.
  std::string DisableIdentity(const AccountName& account);
  std::string DeleteIdentity(const AccountName& account);

  // A user-assigned identity, "identities/{id}"; returns its principal.
  std::string CreateUserAssigned(const std::string& id, const std::string& tenant);
  std::string DeleteUserAssigned(const std::string& id);
  std::string Attach(const std::string& id, const AccountName& account);
  std::string Detach(const std::string& id, const AccountName& account);

  // Whose token it is, if it was issued by this and the principal still exists.
  struct Bearer {
    std::string principal;
    std::string tenant;
  };
  std::optional<Bearer> Verify(const std::string& token) const;

  // Every call of the client fails like this until it is OK again.
  void SetOutage(absl::Status outage);
  int tokens_issued() const;
  bool HasIdentity(const AccountName& account) const;
  FakeFeed& feed() { return feed_; }

 private:
  std::string PublishAttachment(const std::string& id, const AccountName& account, bool attached);
  std::string Drop(const AccountName& account, const std::string& type);
  void Publish(const std::string& type, const AccountIdentity& identity,
               const std::string& principal, const std::string& tenant, bool active);
  absl::StatusOr<AccountIdentity> Find(const AccountName& account) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const clock::Clock& clock_;
  FakeFeed feed_{"managed_identity"};
  mutable absl::Mutex mutex_;
  absl::Status outage_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::string> tenants_ ABSL_GUARDED_BY(mutex_);
  std::map<AccountName, AccountIdentity> identities_ ABSL_GUARDED_BY(mutex_);
  // Identity and account.
  std::set<std::pair<std::string, AccountName>> attached_ ABSL_GUARDED_BY(mutex_);
  int principals_ ABSL_GUARDED_BY(mutex_) = 0;
  int tokens_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace keyward::encryption::testing

#endif  // KEYWARD_SERVICES_ENCRYPTION_TESTING_FAKE_MANAGED_IDENTITY_H_
