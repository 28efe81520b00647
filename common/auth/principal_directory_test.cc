#include "common/auth/principal_directory.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/auth/jwk.h"
#include "common/storage/testing/temporary_database.h"
#include "google/protobuf/util/time_util.h"
#include "keyward/identity/v1/events.pb.h"

namespace keyward::auth {
namespace {

using google::protobuf::util::TimeUtil;
using storage::testing::TemporaryDatabase;

events::v1::Event MakeEvent(int64_t sequence, const google::protobuf::Message& data) {
  events::v1::Event event;
  event.set_sequence(sequence);
  event.mutable_data()->PackFrom(data);
  return event;
}

identity::v1::PrincipalChanged PrincipalChange(bool active, int64_t not_before) {
  identity::v1::PrincipalChanged change;
  change.set_identity("identities/i");
  change.set_resource("accounts/a");
  change.set_principal_id("p");
  change.set_tenant("tenants/t");
  change.set_active(active);
  *change.mutable_not_before() = TimeUtil::MicrosecondsToTimestamp(not_before);
  return change;
}

identity::v1::RoleAssignmentChanged RoleChange(const std::string& scope, bool deleted) {
  identity::v1::RoleAssignmentChanged change;
  change.mutable_role_assignment()->set_name("roleAssignments/r");
  change.mutable_role_assignment()->set_principal("p");
  change.mutable_role_assignment()->set_role(identity::v1::ROLE_READER);
  change.mutable_role_assignment()->set_scope(scope);
  change.set_deleted(deleted);
  if (deleted) *change.mutable_not_before() = TimeUtil::MicrosecondsToTimestamp(500);
  return change;
}

identity::v1::SigningKeysChanged KeysChange(const std::string& key_id) {
  identity::v1::SigningKeysChanged change;
  change.set_issuer("issuer");
  const auto key = crypto::EcPrivateKey::Generate(crypto::EcCurve::kP256).public_key();
  change.add_keys()->set_key_id(key_id);
  change.mutable_keys(0)->set_jwk(*ToJwk(key, key_id));
  return change;
}

// Counts what it is handed on.
class CountingHandler final : public events::EventHandler {
 public:
  absl::Status Apply(storage::Transaction&, const events::v1::Event&) override {
    ++applied;
    return fail_with;
  }
  void Observe(const events::v1::Event&) override { ++observed; }

  int applied = 0;
  int observed = 0;
  absl::Status fail_with;
};

// On SQLite, and on PostgreSQL where there is one.
class PrincipalDirectoryTest : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (GetParam()) {
      auto postgresql = TemporaryDatabase::Postgresql();
      if (!postgresql.ok()) GTEST_SKIP() << postgresql.status().message();
      home_ = *std::move(postgresql);
    } else {
      home_ = TemporaryDatabase::Sqlite();
    }
    auto database = storage::Database::Open(home_->url(), {AuthSchema()});
    ASSERT_TRUE(database.ok()) << database.status();
    database_ = *std::move(database);
  }

  absl::Status Apply(int64_t sequence, const google::protobuf::Message& data) {
    const events::v1::Event event = MakeEvent(sequence, data);
    return database_->Write([&](storage::Transaction& tx) { return directory_.Apply(tx, event); });
  }

  bool Holds(const PrincipalDirectory& directory, const std::string& scope) {
    return directory.HoldsPermission("p", "keyvault.vaults.get", {scope});
  }

  std::unique_ptr<TemporaryDatabase> home_;
  std::unique_ptr<storage::Database> database_;
  PrincipalDirectory directory_;
};

TEST_P(PrincipalDirectoryTest, TakesOverKeysPrincipalsAndRolesAndKeepsThem) {
  ASSERT_TRUE(Apply(1, KeysChange("k1")).ok());
  ASSERT_TRUE(Apply(2, PrincipalChange(true, 100)).ok());
  ASSERT_TRUE(Apply(3, RoleChange("vaults/v", false)).ok());
  PrincipalDirectory reloaded;
  ASSERT_TRUE(reloaded.Load(*database_).ok());
  for (const PrincipalDirectory* directory : {&directory_, &reloaded}) {
    EXPECT_TRUE(directory->FindSigningKey("issuer", "k1").has_value());
    EXPECT_FALSE(directory->FindSigningKey("other", "k1").has_value());
    EXPECT_FALSE(directory->FindSigningKey("issuer", "k2").has_value());
    const std::optional<Principal> principal = directory->FindPrincipal("p");
    ASSERT_TRUE(principal.has_value());
    EXPECT_TRUE(principal->active);
    EXPECT_EQ(principal->tenant, "tenants/t");
    EXPECT_EQ(principal->not_before, absl::FromUnixMicros(100));
    EXPECT_TRUE(Holds(*directory, "vaults/v"));
    EXPECT_FALSE(Holds(*directory, "/"));
    EXPECT_FALSE(directory->HoldsPermission("p", "keyvault.vaults.delete", {"vaults/v"}));
    EXPECT_FALSE(directory->HoldsPermission("q", "keyvault.vaults.get", {"vaults/v"}));
  }
}

TEST_P(PrincipalDirectoryTest, KeySetsReplaceEachOther) {
  ASSERT_TRUE(Apply(1, KeysChange("k1")).ok());
  ASSERT_TRUE(Apply(2, KeysChange("k2")).ok());
  EXPECT_FALSE(directory_.FindSigningKey("issuer", "k1").has_value());
  EXPECT_TRUE(directory_.FindSigningKey("issuer", "k2").has_value());
}

TEST_P(PrincipalDirectoryTest, ReplaysAndOlderEventsChangeNothing) {
  ASSERT_TRUE(Apply(1, KeysChange("k1")).ok());
  ASSERT_TRUE(Apply(2, PrincipalChange(true, 100)).ok());
  ASSERT_TRUE(Apply(3, RoleChange("vaults/v", false)).ok());
  ASSERT_TRUE(Apply(4, PrincipalChange(false, 400)).ok());
  ASSERT_TRUE(Apply(5, RoleChange("vaults/v", true)).ok());
  ASSERT_TRUE(Apply(6, KeysChange("k2")).ok());
  ASSERT_TRUE(Apply(1, KeysChange("k1")).ok());
  ASSERT_TRUE(Apply(2, PrincipalChange(true, 100)).ok());
  ASSERT_TRUE(Apply(3, RoleChange("vaults/v", false)).ok());
  PrincipalDirectory reloaded;
  ASSERT_TRUE(reloaded.Load(*database_).ok());
  for (const PrincipalDirectory* directory : {&directory_, &reloaded}) {
    EXPECT_TRUE(directory->FindSigningKey("issuer", "k2").has_value());
    EXPECT_FALSE(directory->FindSigningKey("issuer", "k1").has_value());
    EXPECT_FALSE(directory->FindPrincipal("p")->active);
    EXPECT_EQ(directory->FindPrincipal("p")->not_before, absl::FromUnixMicros(500));
    EXPECT_FALSE(Holds(*directory, "vaults/v"));
  }
}

TEST_P(PrincipalDirectoryTest, NothingShowsUnlessItIsCommitted) {
  const events::v1::Event event = MakeEvent(1, PrincipalChange(true, 100));
  const absl::Status status = database_->Write([&](storage::Transaction& tx) -> absl::Status {
    EXPECT_TRUE(directory_.Apply(tx, event).ok());
    EXPECT_FALSE(directory_.FindPrincipal("p").has_value());
    return absl::AbortedError("changed my mind");
  });
  EXPECT_FALSE(status.ok());
  EXPECT_FALSE(directory_.FindPrincipal("p").has_value());
}

TEST_P(PrincipalDirectoryTest, HandlersGetEveryEventInTheSameTransaction) {
  CountingHandler handler;
  directory_.AddHandler(handler);
  ASSERT_TRUE(Apply(1, PrincipalChange(true, 100)).ok());
  ASSERT_TRUE(Apply(2, identity::v1::SubscriptionChanged()).ok());
  EXPECT_EQ(handler.applied, 2);
  handler.fail_with = absl::InternalError("not now");
  EXPECT_EQ(Apply(3, PrincipalChange(false, 300)), handler.fail_with);
  EXPECT_TRUE(directory_.FindPrincipal("p")->active);
}

TEST_P(PrincipalDirectoryTest, ObservedEventsReachMemoryOnly) {
  CountingHandler handler;
  directory_.AddHandler(handler);
  directory_.Observe(MakeEvent(1, PrincipalChange(true, 100)));
  EXPECT_EQ(handler.observed, 1);
  EXPECT_TRUE(directory_.FindPrincipal("p").has_value());
  PrincipalDirectory reloaded;
  ASSERT_TRUE(reloaded.Load(*database_).ok());
  EXPECT_FALSE(reloaded.FindPrincipal("p").has_value());
}

TEST_P(PrincipalDirectoryTest, MalformedEventsStopTheFeed) {
  identity::v1::SigningKeysChanged keys = KeysChange("k1");
  keys.mutable_keys(0)->set_jwk("{}");
  EXPECT_EQ(Apply(1, keys).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Apply(1, identity::v1::PrincipalChanged()).code(), absl::StatusCode::kInvalidArgument);
}

TEST_P(PrincipalDirectoryTest, OwnChangesOfManagedIdentityCountToo) {
  ASSERT_TRUE(database_
                  ->Write([&](storage::Transaction& tx) {
                    return directory_.ApplyChange(tx, 1, PrincipalChange(true, 100));
                  })
                  .ok());
  EXPECT_TRUE(directory_.FindPrincipal("p")->active);
}

INSTANTIATE_TEST_SUITE_P(Engines, PrincipalDirectoryTest, ::testing::Values(false, true),
                         [](const auto& info) { return info.param ? "Postgresql" : "Sqlite"; });

}  // namespace
}  // namespace keyward::auth
