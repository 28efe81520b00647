#include "services/key_vault/testing/identity_feed.h"

#include <cstdlib>
#include <iostream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/auth/jwk.h"
#include "common/clock/clock.h"
#include "common/crypto/jws.h"
#include "google/protobuf/util/time_util.h"
#include "keyward/identity/v1/events.pb.h"

namespace keyward::key_vault::testing {
namespace {

constexpr char kIssuer[] = "spiffe://keyward.local/service/managed_identity";
constexpr char kKeyId[] = "test-key";

template <typename T>
T Value(absl::StatusOr<T> result) {
  if (!result.ok()) {
    std::cerr << result.status() << "\n";
    std::abort();
  }
  return *std::move(result);
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time));
}

// Offers the feed and nothing else.
class FeedOnly final : public server::Application {
 public:
  std::vector<grpc::Service*> services() override { return {}; }
};

}  // namespace

IdentityFeed::IdentityFeed(server::testing::TestAuthority& authority)
    : key_(crypto::EcPrivateKey::Generate(crypto::EcCurve::kP256)) {
  server::ServerOptions options;
  options.tls = authority.IssueService("managed_identity");
  options.database = absl::StrCat("sqlite:", folder_.path(), "/identity.db");
  running_ = Value(server::RunningService::Start(
      "managed_identity", options, {},
      [this](
          server::Foundation& foundation) -> absl::StatusOr<std::unique_ptr<server::Application>> {
        foundation.SetIdentityFreshness([] { return absl::OkStatus(); });
        foundation.MakeDispatcher(hierarchy_);
        return std::make_unique<FeedOnly>();
      },
      clock::RealClock()));
  identity::v1::SigningKeysChanged keys;
  keys.set_issuer(kIssuer);
  keys.add_keys()->set_key_id(kKeyId);
  keys.mutable_keys(0)->set_jwk(Value(auth::ToJwk(key_.public_key(), kKeyId)));
  Publish("SigningKeysChanged", keys);
}

std::string IdentityFeed::target() const {
  return absl::StrCat("127.0.0.1:", running_->server().port());
}

int64_t IdentityFeed::SetSubscription(const std::string& subscription, const std::string& tenant) {
  identity::v1::SubscriptionChanged change;
  change.set_subscription(subscription);
  change.set_tenant(tenant);
  return Publish("SubscriptionCreated", change);
}

int64_t IdentityFeed::SetPrincipal(const std::string& principal, const std::string& tenant,
                                   bool active) {
  identity::v1::PrincipalChanged change;
  change.set_identity("identities/test");
  change.set_resource("accounts/test");
  change.set_tenant(tenant);
  change.set_principal_id(principal);
  change.set_active(active);
  *change.mutable_not_before() = ToTimestamp(absl::Now());
  return Publish(active ? "IdentityEnabled" : "IdentityDisabled", change);
}

int64_t IdentityFeed::Grant(const std::string& principal, identity::v1::Role role,
                            const std::string& scope) {
  identity::v1::RoleAssignmentChanged change;
  identity::v1::RoleAssignment& assignment = *change.mutable_role_assignment();
  assignment.set_name(absl::StrCat("roleAssignments/", ++roles_));
  assignment.set_principal(principal);
  assignment.set_role(role);
  assignment.set_scope(scope);
  return Publish("RoleAssignmentCreated", change);
}

void IdentityFeed::Await(int64_t sequence) {
  Value(running_->foundation().feed().WaitForDelivery(sequence, absl::Now() + absl::Seconds(20)));
}

auth::TokenClaims IdentityFeed::Claims(const std::string& principal, const std::string& tenant) {
  const absl::Time now = absl::Now();
  return {.issuer = kIssuer,
          .subject = principal,
          .audience = "key_vault",
          .tenant = tenant,
          .app_id = "identities/test",
          .resource = "accounts/test",
          .id = "token-1",
          .issued_at = now,
          .not_before = now,
          .expires = now + absl::Minutes(5)};
}

std::string IdentityFeed::Sign(const auth::TokenClaims& claims) const {
  return Value(crypto::SignJws(key_, kKeyId, crypto::kTokenType, auth::ClaimsToJson(claims)));
}

int64_t IdentityFeed::Publish(const std::string& type, const google::protobuf::Message& data) {
  int64_t sequence = 0;
  const absl::Status status =
      running_->foundation().database().Write([&](storage::Transaction& tx) -> absl::Status {
        const auto appended = running_->foundation().outbox().Append(
            tx, {.type = absl::StrCat("keyward.identity.", type), .subject = "test", .data = data});
        if (appended.ok()) sequence = *appended;
        return appended.status();
      });
  Value(absl::StatusOr<int64_t>(status.ok() ? absl::StatusOr<int64_t>(sequence) : status));
  return sequence;
}

}  // namespace keyward::key_vault::testing
