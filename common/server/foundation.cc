#include "common/server/foundation.h"

#include <algorithm>
#include <utility>

#include "absl/memory/memory.h"
#include "common/audit/audit_store.h"
#include "common/auth/errors.h"
#include "common/auth/principal_store.h"
#include "common/auth/spiffe_id.h"
#include "common/crypto/file_root_key.h"
#include "common/crypto/root_key_provider.h"
#include "common/events/events_schema.h"
#include "common/events/lease.h"
#include "common/server/channel.h"
#include "common/server/root_key_places.h"
#include "common/server/root_key_store.h"
#include "common/status/status_macros.h"

namespace keyward::server {
namespace {

constexpr char kManagedIdentity[] = "managed_identity";

}  // namespace

Foundation::Foundation(std::string service, const ServerOptions& options, clock::Clock& clock)
    : service_(std::move(service)),
      options_(options),
      clock_(clock),
      identity_fresh_([] { return auth::IdentityFeedStale(); }) {}

Foundation::~Foundation() { StopFollowing(); }

absl::StatusOr<std::unique_ptr<Foundation>> Foundation::Open(
    std::string service, const ServerOptions& options, absl::Span<const storage::Schema> schemas,
    clock::Clock& clock) {
  auto foundation = absl::WrapUnique(new Foundation(std::move(service), options, clock));
  Foundation& made = *foundation;
  std::vector<storage::Schema> all = {events::EventsSchema(), auth::AuthSchema(),
                                      audit::AuditSchema(), RootKeySchema()};
  all.insert(all.end(), schemas.begin(), schemas.end());
  KW_ASSIGN_OR_RETURN(made.database_, storage::Database::Open(options.database, all));
  made.outbox_ = std::make_unique<events::Outbox>(made.service_, clock);
  KW_ASSIGN_OR_RETURN(made.feed_, events::Feed::Create(*made.database_, clock, *made.outbox_));
  made.audit_ = std::make_unique<audit::AuditLog>(*made.database_);
  made.tokens_ = std::make_unique<auth::TokenVerifier>(made.service_, made.principals_, clock);
  made.authenticator_ = std::make_unique<auth::Authenticator>(
      options.trust_domain, *made.tokens_, [&made] { return made.identity_fresh_(); });
  return foundation;
}

absl::StatusOr<const crypto::RootKey*> Foundation::OpenRootKey(
    const std::vector<SealedColumn>& sealed) {
  if (options_.root_key.empty() == options_.root_key_file.empty()) {
    return absl::FailedPreconditionError("Set --root_key, or --root_key_file; not both.");
  }
  std::unique_ptr<crypto::RootKeyProvider> primary;
  if (options_.root_key.empty()) {
    primary = std::make_unique<crypto::FileRootKeyProvider>(options_.root_key_file);
  } else {
    KW_ASSIGN_OR_RETURN(primary, OpenRootKeyPlace("--root_key", options_.root_key));
  }
  std::vector<std::unique_ptr<crypto::RootKeyProvider>> previous;
  for (const std::string& place : options_.previous_root_keys) {
    KW_ASSIGN_OR_RETURN(previous.emplace_back(), OpenRootKeyPlace("--previous_root_keys", place));
  }
  KW_ASSIGN_OR_RETURN(root_keys_, OpenRootKeys(*primary, previous, *database_));
  KW_ASSIGN_OR_RETURN(rewrapper_,
                      Rewrapper::Create(*database_, clock_, metrics_, *root_keys_, sealed));
  return root_keys_.get();
}

std::shared_ptr<grpc::Channel> Foundation::ChannelTo(absl::string_view service,
                                                     const std::string& target) const {
  return MakeChannel(target, options_.tls, auth::ServiceSpiffeId(options_.trust_domain, service));
}

absl::StatusOr<events::Follower*> Foundation::Follow(absl::string_view source,
                                                     std::shared_ptr<grpc::Channel> channel,
                                                     events::EventHandler& handler) {
  events::Follower::Options options;
  options.source = std::string(source);
  options.consumer = service_;
  options.replica = options_.replica;
  options.channel = std::move(channel);
  options.own_feed = feed_.get();
  KW_ASSIGN_OR_RETURN(std::unique_ptr<events::Follower> follower,
                      events::Follower::Create(std::move(options), *database_, clock_, handler));
  followers_.push_back(std::move(follower));
  return followers_.back().get();
}

absl::StatusOr<events::Follower*> Foundation::FollowManagedIdentity() {
  if (options_.managed_identity.empty()) {
    return absl::FailedPreconditionError("Set --managed_identity to its host:port.");
  }
  KW_ASSIGN_OR_RETURN(events::Follower * follower,
                      Follow(kManagedIdentity,
                             ChannelTo(kManagedIdentity, options_.managed_identity), principals_));
  identity_fresh_ = [&lease = follower->lease()] {
    return events::RequireFresh(lease, kManagedIdentity);
  };
  return follower;
}

Dispatcher& Foundation::MakeDispatcher(auth::ResourceHierarchy& hierarchy,
                                       auth::KeyPermissionChecker* key_permissions) {
  authorizer_ = std::make_unique<auth::Authorizer>(principals_, hierarchy, key_permissions,
                                                   [this] { return identity_fresh_(); });
  dispatcher_ = std::make_unique<Dispatcher>(
      Dispatcher::Options{.workers = options_.workers, .queue = options_.queue}, *authenticator_,
      *authorizer_, *audit_, metrics_, clock_);
  return *dispatcher_;
}

absl::Status Foundation::StartFollowing() {
  KW_RETURN_IF_ERROR(principals_.Load(*database_));
  if (!followers_.empty()) {
    feed_->SetUpstream([this] {
      absl::Duration least = absl::InfiniteDuration();
      for (const auto& follower : followers_) {
        least = std::min(least, follower->lease().chain_remaining());
      }
      return least;
    });
  }
  for (const auto& follower : followers_) follower->Start();
  return absl::OkStatus();
}

void Foundation::StopFollowing() {
  for (const auto& follower : followers_) follower->Stop();
}

bool Foundation::AllFresh() const {
  return std::all_of(followers_.begin(), followers_.end(),
                     [](const auto& follower) { return follower->lease().fresh(); });
}

}  // namespace keyward::server
