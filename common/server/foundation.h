#ifndef KEYWARD_COMMON_SERVER_FOUNDATION_H_
#define KEYWARD_COMMON_SERVER_FOUNDATION_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/audit/audit_log.h"
#include "common/auth/authenticator.h"
#include "common/auth/authorizer.h"
#include "common/auth/principal_directory.h"
#include "common/auth/resource_hierarchy.h"
#include "common/auth/token_verifier.h"
#include "common/clock/clock.h"
#include "common/crypto/root_key.h"
#include "common/crypto/root_key_set.h"
#include "common/events/feed.h"
#include "common/events/follower.h"
#include "common/events/outbox.h"
#include "common/server/dispatcher.h"
#include "common/server/flags.h"
#include "common/server/metrics.h"
#include "common/server/rewrapper.h"
#include "common/server/sealed_column.h"
#include "common/storage/database.h"

namespace keyward::server {

// What all four servers stand on, made once in the right order: database, feed, principals, audit
// log, metrics, dispatcher, and the followers of other services' feeds. A service makes its stores
// and handlers over it (application.h). Set up on one thread; what the accessors return is as
// thread-safe as it says itself.
class Foundation {
 public:
  // Opens the database with the tables of the common parts and those of `schemas`. `service` is the
  // last element of the SPIFFE ID, such as "key_vault": the source of its feed, the audience of
  // tokens for it.
  static absl::StatusOr<std::unique_ptr<Foundation>> Open(std::string service,
                                                          const ServerOptions& options,
                                                          absl::Span<const storage::Schema> schemas,
                                                          clock::Clock& clock);
  ~Foundation();

  const std::string& service() const { return service_; }
  const ServerOptions& options() const { return options_; }
  clock::Clock& clock() const { return clock_; }
  storage::Database& database() const { return *database_; }
  events::Outbox& outbox() const { return *outbox_; }
  events::Feed& feed() const { return *feed_; }
  auth::PrincipalDirectory& principals() { return principals_; }
  audit::AuditLog& audit() const { return *audit_; }
  Metrics& metrics() { return metrics_; }

  // Opens the root key that belongs to the database, made at the very first start
  // (root_key_store.h), and keeps it as long as this lives. `sealed` are all columns that hold what
  // the service seals under it. Once only.
  absl::StatusOr<const crypto::RootKey*> OpenRootKey(const std::vector<SealedColumn>& sealed);
  // Brings those columns under the root key when that has changed. Null before OpenRootKey.
  Rewrapper* rewrapper() const { return rewrapper_.get(); }

  // A channel to a peer that proves to be `service`.
  std::shared_ptr<grpc::Channel> ChannelTo(absl::string_view service,
                                           const std::string& target) const;

  // Follows the feed of `source` at the other end of `channel`, once StartFollowing was called.
  // `handler` must outlive this. The follower lives as long as this.
  absl::StatusOr<events::Follower*> Follow(absl::string_view source,
                                           std::shared_ptr<grpc::Channel> channel,
                                           events::EventHandler& handler);

  // Follows managed_identity, at options().managed_identity, with principals() as the handler (add
  // further ones there); roles and tokens are believed while that feed is fresh.
  absl::StatusOr<events::Follower*> FollowManagedIdentity();

  // Says instead when roles and tokens may be believed. For managed_identity, which knows at once.
  // Without this and FollowManagedIdentity they never are.
  void SetIdentityFreshness(auth::FreshnessCheck fresh) { identity_fresh_ = std::move(fresh); }

  // Makes the dispatcher. `key_permissions` is for key_vault, null elsewhere. Both must outlive
  // this.
  Dispatcher& MakeDispatcher(auth::ResourceHierarchy& hierarchy,
                             auth::KeyPermissionChecker* key_permissions = nullptr);
  Dispatcher& dispatcher() const { return *dispatcher_; }

  // Reads principals into memory and starts the followers.
  absl::Status StartFollowing();
  void StopFollowing();
  // Whether every follower has been fresh at this moment.
  bool AllFresh() const;

 private:
  Foundation(std::string service, const ServerOptions& options, clock::Clock& clock);

  const std::string service_;
  const ServerOptions options_;
  clock::Clock& clock_;
  Metrics metrics_;
  auth::FreshnessCheck identity_fresh_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<crypto::RootKeySet> root_keys_;
  std::unique_ptr<Rewrapper> rewrapper_;
  std::unique_ptr<events::Outbox> outbox_;
  std::unique_ptr<events::Feed> feed_;
  auth::PrincipalDirectory principals_;
  std::unique_ptr<audit::AuditLog> audit_;
  std::unique_ptr<auth::TokenVerifier> tokens_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  std::unique_ptr<auth::Authorizer> authorizer_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::vector<std::unique_ptr<events::Follower>> followers_;
};

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_FOUNDATION_H_
