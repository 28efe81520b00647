// Purges, usages and recovery as callers meet them: over mutual TLS, through the stubs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/clock/clock.h"
#include "common/events/event_handler.h"
#include "common/events/events_schema.h"
#include "common/events/follower.h"
#include "common/status/error.h"
#include "common/storage/database.h"
#include "common/storage/testing/temporary_database.h"
#include "keyward/audit/v1/audit.grpc.pb.h"
#include "keyward/keyvault/v1/cryptography.grpc.pb.h"
#include "keyward/keyvault/v1/key_usage.grpc.pb.h"
#include "keyward/keyvault/v1/keys.grpc.pb.h"
#include "keyward/keyvault/v1/vaults.grpc.pb.h"
#include "services/key_vault/testing/vault_server.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IdentityFeed;
using testing::VaultServer;

using Vaults = v1::VaultService::Stub;
using Keys = v1::KeyService::Stub;
using Usages = v1::KeyUsageService::Stub;
using Cryptography = v1::CryptographyService::Stub;
using Audit = audit::v1::AuditService::Stub;

constexpr char kAlice[] = "spiffe://keyward.local/operator/alice";
constexpr char kPrincipal[] = "0b6a2c5e-7a55-4c6e-9b1c-5a8e3f1d2c4b";
constexpr char kVault[] = "vaults/contoso";
constexpr char kKey[] = "vaults/contoso/keys/wrapping";

// One caller's stubs.
struct Stubs {
  explicit Stubs(std::shared_ptr<grpc::Channel> channel)
      : vaults(channel), keys(channel), usages(channel), cryptography(channel), audit(channel) {}
  Vaults vaults;
  Keys keys;
  Usages usages;
  Cryptography cryptography;
  Audit audit;
};

// A consumer that remembers the types of the events that it is told.
class Listener : private events::EventHandler {
 public:
  explicit Listener(std::shared_ptr<grpc::Channel> channel)
      : temporary_(storage::testing::TemporaryDatabase::Sqlite()),
        database_(*storage::Database::Open(temporary_->url(), {events::EventsSchema()})) {
    events::Follower::Options options;
    options.source = "key_vault";
    options.consumer = "encryption";
    options.channel = std::move(channel);
    follower_ =
        *events::Follower::Create(std::move(options), *database_, clock::RealClock(), *this);
    follower_->Start();
    while (!follower_->lease().fresh()) std::this_thread::yield();
  }
  ~Listener() override { follower_->Stop(); }

  std::vector<std::string> types() {
    absl::MutexLock lock(&mutex_);
    return types_;
  }

 private:
  absl::Status Apply(storage::Transaction&, const events::v1::Event& event) override {
    absl::MutexLock lock(&mutex_);
    types_.push_back(event.type());
    return absl::OkStatus();
  }

  std::unique_ptr<storage::testing::TemporaryDatabase> temporary_;
  std::unique_ptr<storage::Database> database_;
  absl::Mutex mutex_;
  std::vector<std::string> types_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<events::Follower> follower_;
};

class LifecycleServiceTest : public ::testing::Test {
 protected:
  LifecycleServiceTest() {
    IdentityFeed& identities = server_.identities();
    identities.SetSubscription("subscriptions/main", "tenants/test");
    identities.SetPrincipal(kPrincipal, "tenants/test", true);
    identities.Grant("spiffe://keyward.local/operator/ruth", identity::v1::ROLE_READER, "/");
    identities.Grant("spiffe://keyward.local/operator/peter", identity::v1::ROLE_PURGE_OPERATOR,
                     "/");
    identities.Await(identities.Grant(kAlice, identity::v1::ROLE_ADMINISTRATOR, "/"));
    alice_ = std::make_unique<Stubs>(server_.AsOperator("alice"));
    ruth_ = std::make_unique<Stubs>(server_.AsOperator("ruth"));
    peter_ = std::make_unique<Stubs>(server_.AsOperator("peter"));
    encryption_ = std::make_unique<Stubs>(server_.AsService("encryption"));
    v1::CreateVaultRequest vault;
    vault.set_vault_id("contoso");
    vault.mutable_vault()->set_subscription("subscriptions/main");
    vault.mutable_vault()->set_region("westeurope");
    AddEntry(*vault.mutable_vault()->add_access_policy(), kAlice, "all");
    AddEntry(*vault.mutable_vault()->add_access_policy(), kPrincipal, "wrapKey");
    AddEntry(*vault.mutable_vault()->add_access_policy(), "spiffe://keyward.local/operator/peter",
             "get");
    EXPECT_TRUE(VaultServer::Call(alice_->vaults, &Vaults::CreateVault, vault).ok());
    v1::CreateKeyRequest key;
    key.set_parent(kVault);
    key.set_key_id("wrapping");
    key.mutable_key()->set_key_type(v1::KEY_TYPE_RSA_2048);
    const auto created = VaultServer::Call(alice_->keys, &Keys::CreateKey, key);
    EXPECT_TRUE(created.ok()) << created.status();
    version_ = created->newest_version().name();
  }

  static void AddEntry(v1::AccessPolicyEntry& entry, const std::string& principal,
                       const std::string& permission) {
    entry.set_principal(principal);
    entry.add_key_permissions(permission);
  }

  template <typename Request>
  static Request Named(const std::string& name) {
    Request request;
    request.set_name(name);
    return request;
  }

  absl::StatusOr<v1::KeyUsage> Register(Stubs& caller) {
    auto request = Named<v1::RegisterKeyUsageRequest>(version_);
    request.set_user("accounts/contoso");
    return VaultServer::Call(caller.usages, &Usages::RegisterKeyUsage, request);
  }
  absl::StatusOr<v1::ReleaseKeyUsageResponse> Release(Stubs& caller) {
    auto request = Named<v1::ReleaseKeyUsageRequest>(version_);
    request.set_user("accounts/contoso");
    return VaultServer::Call(caller.usages, &Usages::ReleaseKeyUsage, request);
  }
  absl::StatusOr<v1::ListKeyUsagesResponse> ListUsages(Stubs& caller,
                                                       const std::string& parent = kKey) {
    v1::ListKeyUsagesRequest request;
    request.set_parent(parent);
    return VaultServer::Call(caller.usages, &Usages::ListKeyUsages, request);
  }
  absl::Status DeleteVault(Stubs& caller) {
    return VaultServer::Call(caller.vaults, &Vaults::DeleteVault,
                             Named<v1::DeleteVaultRequest>(kVault))
        .status();
  }
  absl::Status PurgeVault(Stubs& caller) {
    return VaultServer::Call(caller.vaults, &Vaults::PurgeVault,
                             Named<v1::PurgeVaultRequest>(kVault))
        .status();
  }

  VaultServer server_;
  std::unique_ptr<Stubs> alice_;
  std::unique_ptr<Stubs> ruth_;
  std::unique_ptr<Stubs> peter_;
  std::unique_ptr<Stubs> encryption_;
  std::string version_;
};

TEST_F(LifecycleServiceTest, APurgeOperatorPurgesAndDoesNothingElse) {
  EXPECT_EQ(DeleteVault(*peter_).code(), absl::StatusCode::kPermissionDenied);
  ASSERT_TRUE(DeleteVault(*alice_).ok());
  EXPECT_EQ(VaultServer::Call(peter_->vaults, &Vaults::RecoverVault,
                              Named<v1::RecoverVaultRequest>(kVault))
                .status()
                .code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(PurgeVault(*ruth_).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_TRUE(PurgeVault(*peter_).ok());
  EXPECT_EQ(ErrorReason(PurgeVault(*peter_)), "VAULT_NOT_FOUND");
}

TEST_F(LifecycleServiceTest, AKeyIsPurgedByWhoeverThePolicyLets) {
  const auto purge = Named<v1::PurgeKeyRequest>(kKey);
  ASSERT_TRUE(
      VaultServer::Call(alice_->keys, &Keys::DeleteKey, Named<v1::DeleteKeyRequest>(kKey)).ok());
  EXPECT_EQ(VaultServer::Call(peter_->keys, &Keys::PurgeKey, purge).status().code(),
            absl::StatusCode::kPermissionDenied);
  const auto purged = VaultServer::Call(alice_->keys, &Keys::PurgeKey, purge);
  ASSERT_TRUE(purged.ok()) << purged.status();
  EXPECT_EQ(purged->key().name(), kKey);
  EXPECT_EQ(ErrorReason(VaultServer::Call(alice_->keys, &Keys::PurgeKey, purge).status()),
            "KEY_NOT_FOUND");
}

TEST_F(LifecycleServiceTest, ServicesRegisterAndHoldersOfGetRead) {
  EXPECT_EQ(Register(*alice_).status().code(), absl::StatusCode::kPermissionDenied);
  const auto registered = Register(*encryption_);
  ASSERT_TRUE(registered.ok()) << registered.status();
  EXPECT_EQ(registered->service(), "encryption");
  EXPECT_EQ(Release(*alice_).status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ListUsages(*ruth_).status().code(), absl::StatusCode::kPermissionDenied);
  const auto listed = ListUsages(*peter_);
  ASSERT_TRUE(listed.ok()) << listed.status();
  EXPECT_EQ(listed->usages(0).user(), "accounts/contoso");
  EXPECT_THAT(std::string(ListUsages(*peter_, "vaults/--").status().message()),
              HasSubstr("'parent'"));
  EXPECT_EQ(Release(*encryption_)->remaining_count(), 0);
  EXPECT_EQ(ListUsages(*peter_)->total_count(), 0);
}

TEST_F(LifecycleServiceTest, TheRefusalNamesTheUsersAndAnAcknowledgementLiftsIt) {
  ASSERT_TRUE(Register(*encryption_).ok());
  const absl::Status refused = DeleteVault(*alice_);
  EXPECT_EQ(ErrorReason(refused), "KEY_IN_USE");
  EXPECT_THAT(std::string(refused.message()), HasSubstr("accounts/contoso"));
  auto request = Named<v1::DeleteVaultRequest>(kVault);
  request.set_acknowledge_in_use(true);
  const auto deleted = VaultServer::Call(alice_->vaults, &Vaults::DeleteVault, request);
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_EQ(deleted->usages(0).user(), "accounts/contoso");
  // The audit log tells both: newest first.
  audit::v1::ListAuditEntriesRequest list;
  list.set_resource(kVault);
  const auto listed = VaultServer::Call(alice_->audit, &Audit::ListAuditEntries, list);
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_GE(listed->entries_size(), 2);
  EXPECT_EQ(listed->entries(0).details().at("acknowledge_in_use"), "true");
  EXPECT_EQ(listed->entries(1).reason(), "KEY_IN_USE");
}

// Azure loses both.
TEST_F(LifecycleServiceTest, RecoveryBringsGrantsAndSubscribersBack) {
  Listener listener(server_.AsService("encryption"));
  v1::WrapKeyRequest wrap;
  wrap.set_name(kKey);
  wrap.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
  wrap.set_plaintext("account key");
  const std::string token =
      server_.identities().Sign(IdentityFeed::Claims(kPrincipal, "tenants/test"));
  const auto wrapped = [&] {
    return VaultServer::Call(encryption_->cryptography, &Cryptography::WrapKey, wrap, token)
        .status();
  };
  EXPECT_TRUE(wrapped().ok());
  ASSERT_TRUE(DeleteVault(*alice_).ok());
  EXPECT_EQ(ErrorReason(wrapped()), "VAULT_DELETED");
  ASSERT_TRUE(VaultServer::Call(alice_->vaults, &Vaults::RecoverVault,
                                Named<v1::RecoverVaultRequest>(kVault))
                  .ok());
  EXPECT_TRUE(wrapped().ok());
  // Those who follow the feed hear of it, and of what comes after, without doing anything.
  const auto disabled =
      VaultServer::Call(alice_->keys, &Keys::DisableKey, Named<v1::DisableKeyRequest>(kKey));
  ASSERT_TRUE(disabled.ok()) << disabled.status();
  EXPECT_THAT(disabled->delivery().applied(), Contains("encryption/0"));
  const std::vector<std::string> types = listener.types();
  EXPECT_THAT(std::vector<std::string>(types.end() - 3, types.end()),
              ElementsAre("keyward.keyvault.VaultDeleted", "keyward.keyvault.VaultRecovered",
                          "keyward.keyvault.KeyDisabled"));
}

}  // namespace
}  // namespace keyward::key_vault
