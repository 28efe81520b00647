#include "common/auth/testing/test_identities.h"

#include <cstdlib>
#include <iostream>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/auth/jwk.h"
#include "common/crypto/hash.h"
#include "common/crypto/jws.h"
#include "google/protobuf/util/time_util.h"
#include "keyward/events/v1/events.pb.h"
#include "keyward/identity/v1/events.pb.h"

namespace keyward::auth::testing {
namespace {

constexpr char kIssuer[] = "spiffe://keyward.local/service/managed_identity";
constexpr char kKeyId[] = "test-key";

void Check(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << status << "\n";
  std::abort();
}

template <typename T>
T Value(absl::StatusOr<T> result) {
  Check(result.status());
  return *std::move(result);
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time));
}

}  // namespace

TestIdentities::TestIdentities(storage::Database& database, PrincipalDirectory& directory,
                               const clock::Clock& clock)
    : database_(database),
      directory_(directory),
      clock_(clock),
      key_(crypto::EcPrivateKey::Generate(crypto::EcCurve::kP256)) {
  identity::v1::SigningKeysChanged keys;
  keys.set_issuer(kIssuer);
  keys.add_keys()->set_key_id(kKeyId);
  keys.mutable_keys(0)->set_jwk(Value(ToJwk(key_.public_key(), kKeyId)));
  Publish(keys);
}

std::string TestIdentities::Grant(const std::string& principal, identity::v1::Role role,
                                  const std::string& scope) {
  identity::v1::RoleAssignmentChanged change;
  identity::v1::RoleAssignment& assignment = *change.mutable_role_assignment();
  assignment.set_name(absl::StrCat("roleAssignments/", sequence_));
  assignment.set_principal(principal);
  assignment.set_role(role);
  assignment.set_scope(scope);
  Publish(change);
  return assignment.name();
}

void TestIdentities::Revoke(const std::string& assignment) {
  // The directory is told all of it, as by managed_identity, which knows whose it was.
  identity::v1::RoleAssignmentChanged change;
  Check(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    const auto row = tx.QueryOne(
        "SELECT principal, role, scope FROM auth_role_grants "
        "WHERE name = :name",
        {{"name", assignment}});
    if (!row.ok() || !*row) return absl::NotFoundError(assignment);
    identity::v1::RoleAssignment& gone = *change.mutable_role_assignment();
    gone.set_name(assignment);
    gone.set_principal((*row)->GetString(0));
    gone.set_role(static_cast<identity::v1::Role>((*row)->GetInt64(1)));
    gone.set_scope((*row)->GetString(2));
    return absl::OkStatus();
  }));
  change.set_deleted(true);
  *change.mutable_not_before() = ToTimestamp(clock_.Now() + absl::Microseconds(1));
  Publish(change);
}

void TestIdentities::SetPrincipal(const std::string& principal, bool active,
                                  const std::string& tenant) {
  identity::v1::PrincipalChanged change;
  change.set_identity("identities/test");
  change.set_resource("accounts/test");
  change.set_tenant(tenant);
  change.set_principal_id(principal);
  change.set_active(active);
  *change.mutable_not_before() = ToTimestamp(clock_.Now() + absl::Microseconds(active ? 0 : 1));
  Publish(change);
}

void TestIdentities::SetSubscription(const std::string& subscription, const std::string& tenant) {
  identity::v1::SubscriptionChanged change;
  change.set_subscription(subscription);
  change.set_tenant(tenant);
  Publish(change);
}

TokenClaims TestIdentities::Claims(const std::string& principal,
                                   const std::string& audience) const {
  const absl::Time now = clock_.Now();
  return {.issuer = kIssuer,
          .subject = principal,
          .audience = audience,
          .tenant = "tenants/test",
          .app_id = "identities/test",
          .resource = "accounts/test",
          .id = "token-1",
          .issued_at = now,
          .not_before = now,
          .expires = now + absl::Minutes(5)};
}

std::string TestIdentities::Sign(const TokenClaims& claims, const crypto::EcPrivateKey& key) const {
  return Value(crypto::SignJws(key, kKeyId, crypto::kTokenType, ClaimsToJson(claims)));
}

std::string TestIdentities::SignRaw(const std::string& signing_input) const {
  return absl::StrCat(signing_input, ".",
                      absl::WebSafeBase64Escape(Value(key_.Sign(crypto::Sha256(signing_input)))));
}

absl::Status TestIdentities::TryPublishKeyTwice() {
  identity::v1::SigningKeysChanged keys;
  keys.set_issuer(kIssuer);
  for (int i = 0; i < 2; ++i) {
    identity::v1::SigningKey& key = *keys.add_keys();
    key.set_key_id(kKeyId);
    key.set_jwk(Value(ToJwk(key_.public_key(), kKeyId)));
  }
  return TryPublish(keys);
}

void TestIdentities::WithdrawKeys() {
  identity::v1::SigningKeysChanged keys;
  keys.set_issuer(kIssuer);
  Publish(keys);
}

void TestIdentities::Publish(const google::protobuf::Message& change) { Check(TryPublish(change)); }

absl::Status TestIdentities::TryPublish(const google::protobuf::Message& change) {
  events::v1::Event event;
  event.set_sequence(++sequence_);
  event.mutable_data()->PackFrom(change);
  return database_.Write([&](storage::Transaction& tx) { return directory_.Apply(tx, event); });
}

}  // namespace keyward::auth::testing
