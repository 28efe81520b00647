// The whole service as callers meet it: over mutual TLS, through the stubs, with tokens.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
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
using ::testing::IsEmpty;
using testing::VaultServer;

using Vaults = v1::VaultService::Stub;
using Keys = v1::KeyService::Stub;
using Cryptography = v1::CryptographyService::Stub;
using Audit = audit::v1::AuditService::Stub;

constexpr char kAlice[] = "spiffe://keyward.local/operator/alice";
constexpr char kPrincipal[] = "0b6a2c5e-7a55-4c6e-9b1c-5a8e3f1d2c4b";
constexpr char kForeigner[] = "11111111-1111-4111-8111-111111111111";
constexpr char kKey[] = "vaults/contoso/keys/wrapping";

// One caller's stubs.
struct Stubs {
  explicit Stubs(std::shared_ptr<grpc::Channel> channel)
      : vaults(channel), keys(channel), cryptography(channel), audit(channel) {}
  Vaults vaults;
  Keys keys;
  Cryptography cryptography;
  Audit audit;
};

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() {
    IdentityFeed& identities = server_.identities();
    identities.SetSubscription("subscriptions/main", "tenants/test");
    identities.SetPrincipal(kPrincipal, "tenants/test", true);
    identities.SetPrincipal(kForeigner, "tenants/other", true);
    identities.Grant("spiffe://keyward.local/operator/ruth", identity::v1::ROLE_READER, "/");
    identities.Grant("spiffe://keyward.local/operator/victor",
                     identity::v1::ROLE_KEY_VAULT_ADMINISTRATOR, "tenants/test");
    identities.Await(identities.Grant(kAlice, identity::v1::ROLE_ADMINISTRATOR, "/"));
    Connect();
    v1::CreateVaultRequest vault;
    vault.set_vault_id("contoso");
    vault.mutable_vault()->set_subscription("subscriptions/main");
    vault.mutable_vault()->set_region("westeurope");
    AddEntry(*vault.mutable_vault()->add_access_policy(), kAlice, {"all"});
    AddEntry(*vault.mutable_vault()->add_access_policy(), kPrincipal,
             {"get", "wrapKey", "unwrapKey"});
    Must(VaultServer::Call(alice_->vaults, &Vaults::CreateVault, vault));
    v1::CreateKeyRequest key;
    key.set_parent("vaults/contoso");
    key.set_key_id("wrapping");
    key.mutable_key()->set_key_type(v1::KEY_TYPE_RSA_2048);
    version_ = Must(VaultServer::Call(alice_->keys, &Keys::CreateKey, key)).newest_version().name();
  }

  void Connect() {
    alice_ = std::make_unique<Stubs>(server_.AsOperator("alice"));
    mallory_ = std::make_unique<Stubs>(server_.AsOperator("mallory"));
    encryption_ = std::make_unique<Stubs>(server_.AsService("encryption"));
  }

  template <typename T>
  static T Must(absl::StatusOr<T> result) {
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *std::move(result) : T();
  }

  static void AddEntry(v1::AccessPolicyEntry& entry, const std::string& principal,
                       const std::vector<std::string>& permissions) {
    entry.set_principal(principal);
    for (const std::string& name : permissions) entry.add_key_permissions(name);
  }

  std::string Token(const std::string& principal = kPrincipal,
                    const std::string& tenant = "tenants/test") {
    return server_.identities().Sign(IdentityFeed::Claims(principal, tenant));
  }

  // By the encryption service for an identity, unless told otherwise.
  absl::StatusOr<v1::WrapKeyResponse> Wrap(const std::string& token, const std::string& name = kKey,
                                           Stubs* caller = nullptr) {
    v1::WrapKeyRequest request;
    request.set_name(name);
    request.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
    request.set_plaintext("account key");
    return VaultServer::Call((caller == nullptr ? *encryption_ : *caller).cryptography,
                             &Cryptography::WrapKey, request, token);
  }

  absl::StatusOr<v1::UnwrapKeyResponse> Unwrap(const std::string& token,
                                               const std::string& ciphertext) {
    v1::UnwrapKeyRequest request;
    request.set_name(version_);
    request.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
    request.set_ciphertext(ciphertext);
    return VaultServer::Call(encryption_->cryptography, &Cryptography::UnwrapKey, request, token);
  }

  absl::StatusOr<v1::DisableKeyResponse> Disable() {
    v1::DisableKeyRequest request;
    request.set_name(kKey);
    return VaultServer::Call(alice_->keys, &Keys::DisableKey, request);
  }

  absl::StatusOr<v1::UpdateAccessPolicyResponse> RemoveFromPolicy(const std::string& principal,
                                                                  const std::string& permission) {
    v1::UpdateAccessPolicyRequest request;
    request.set_vault("vaults/contoso");
    request.set_kind(v1::UpdateAccessPolicyRequest::KIND_REMOVE);
    AddEntry(*request.add_entries(), principal, {permission});
    return VaultServer::Call(alice_->vaults, &Vaults::UpdateAccessPolicy, request);
  }

  absl::StatusOr<v1::Vault> GetVault(Stubs& caller, const std::string& name) {
    v1::GetVaultRequest request;
    request.set_name(name);
    return VaultServer::Call(caller.vaults, &Vaults::GetVault, request);
  }

  // The newest audit entries about a resource, newest first.
  std::vector<audit::v1::AuditEntry> AuditEntries(const std::string& resource) {
    audit::v1::ListAuditEntriesRequest request;
    request.set_resource(resource);
    const auto listed = Must(VaultServer::Call(alice_->audit, &Audit::ListAuditEntries, request));
    return {listed.entries().begin(), listed.entries().end()};
  }

  VaultServer server_;
  std::unique_ptr<Stubs> alice_, mallory_, encryption_;
  std::string version_;
};

TEST_F(ServiceTest, IdentityWrapsAndUnwrapsWithItsToken) {
  const v1::WrapKeyResponse wrapped = Must(Wrap(Token()));
  EXPECT_EQ(wrapped.key_version(), version_);
  EXPECT_EQ(Must(Unwrap(Token(), wrapped.ciphertext())).plaintext(), "account key");

  const std::vector<audit::v1::AuditEntry> entries = AuditEntries(version_);
  ASSERT_FALSE(entries.empty());
  EXPECT_EQ(entries[0].operation(), "keyward.keyvault.v1.CryptographyService/UnwrapKey");
  EXPECT_EQ(entries[0].result(), "OK");
  EXPECT_EQ(entries[0].principal(), kPrincipal);
  EXPECT_EQ(entries[0].via(), "spiffe://keyward.local/service/encryption");
  EXPECT_EQ(entries[0].details().at("key_version"), version_);
  for (const audit::v1::AuditEntry& entry : AuditEntries("vaults/contoso")) {
    EXPECT_THAT(entry.DebugString(), ::testing::Not(HasSubstr("account key")));
  }
}

TEST_F(ServiceTest, NoOtherTokenOpensAnything) {
  auth::TokenClaims expired = IdentityFeed::Claims(kPrincipal, "tenants/test");
  expired.issued_at = expired.not_before = absl::Now() - absl::Minutes(9);
  expired.expires = absl::Now() - absl::Minutes(4);
  auth::TokenClaims for_another = IdentityFeed::Claims(kPrincipal, "tenants/test");
  for_another.audience = "encryption";
  auth::TokenClaims lying = IdentityFeed::Claims(kPrincipal, "tenants/other");
  for (const std::string& token :
       {server_.identities().Sign(expired), server_.identities().Sign(for_another),
        server_.identities().Sign(lying), absl::StrCat(Token(), "x"), std::string("nonsense")}) {
    const absl::Status status = Wrap(token).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
    EXPECT_EQ(ErrorReason(status), "TOKEN_INVALID");
  }
  // No token at all: the service's own certificate opens no key.
  EXPECT_EQ(ErrorReason(Wrap("").status()), "NOT_AUTHORIZED");
}

TEST_F(ServiceTest, DeniedCallsTellNothingAndAreAudited) {
  const std::string foreign = Token(kForeigner, "tenants/other");
  for (const std::string& name : {std::string(kKey), std::string("vaults/nobody/keys/k")}) {
    const absl::Status by_token = Wrap(foreign, name).status();
    const absl::Status by_operator = Wrap("", name, mallory_.get()).status();
    EXPECT_EQ(by_token.code(), absl::StatusCode::kPermissionDenied);
    EXPECT_EQ(ErrorReason(by_token), "NOT_AUTHORIZED");
    EXPECT_EQ(by_operator.message(), by_token.message());
  }
  EXPECT_EQ(GetVault(*mallory_, "vaults/contoso").status(),
            GetVault(*mallory_, "vaults/nobody").status());
  const std::vector<audit::v1::AuditEntry> entries = AuditEntries(kKey);
  EXPECT_EQ(entries[0].principal(), "spiffe://keyward.local/operator/mallory");
  EXPECT_EQ(entries[0].result(), "PERMISSION_DENIED");
  EXPECT_EQ(entries[0].reason(), "NOT_AUTHORIZED");
  EXPECT_EQ(entries[1].principal(), kForeigner);
}

TEST_F(ServiceTest, RolesManageVaultsButOpenNoKey) {
  Stubs victor(server_.AsOperator("victor"));
  EXPECT_EQ(Must(GetVault(victor, "vaults/contoso")).name(), "vaults/contoso");
  EXPECT_EQ(ErrorReason(GetVault(victor, "vaults/nobody").status()), "NOT_AUTHORIZED");
  EXPECT_EQ(ErrorReason(GetVault(*alice_, "vaults/nobody").status()), "VAULT_NOT_FOUND");
  EXPECT_EQ(ErrorReason(Wrap("", kKey, &victor).status()), "NOT_AUTHORIZED");
  Stubs ruth(server_.AsOperator("ruth"));
  EXPECT_TRUE(GetVault(ruth, "vaults/contoso").ok());
  v1::DeleteVaultRequest request;
  request.set_name("vaults/contoso");
  EXPECT_EQ(ErrorReason(VaultServer::Call(ruth.vaults, &Vaults::DeleteVault, request).status()),
            "NOT_AUTHORIZED");
}

TEST_F(ServiceTest, RemovedPermissionIsRefusedAuthoritatively) {
  const std::string ciphertext = Must(Wrap(Token())).ciphertext();
  Must(RemoveFromPolicy(kPrincipal, "unwrapKey"));
  const absl::Status status = Unwrap(Token(), ciphertext).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ErrorReason(status), "FORBIDDEN_BY_POLICY");
  EXPECT_TRUE(Wrap(Token()).ok());
  Must(RemoveFromPolicy(kPrincipal, "all"));
  EXPECT_EQ(ErrorReason(Wrap(Token()).status()), "FORBIDDEN_BY_POLICY");
  EXPECT_THAT(AuditEntries("vaults/contoso")[1].details().at("policy"), HasSubstr(kPrincipal));
}

TEST_F(ServiceTest, TokensOfADisabledIdentityDieAtOnce) {
  const std::string token = Token();
  EXPECT_TRUE(Wrap(token).ok());
  server_.identities().Await(server_.identities().SetPrincipal(kPrincipal, "tenants/test", false));
  EXPECT_EQ(ErrorReason(Wrap(token).status()), "TOKEN_INVALID");
  EXPECT_EQ(ErrorReason(Wrap(Token()).status()), "TOKEN_INVALID");
}

TEST_F(ServiceTest, OnlyTheEncryptionServiceInspects) {
  v1::InspectKeyRequest request;
  request.set_name(kKey);
  request.set_tenant("tenants/test");
  request.set_principal(kPrincipal);
  const v1::InspectKeyResponse told =
      Must(VaultServer::Call(encryption_->keys, &Keys::InspectKey, request));
  EXPECT_TRUE(told.key_found());
  EXPECT_THAT(told.key_permissions(), ElementsAre("get", "unwrapKey", "wrapKey"));
  EXPECT_EQ(ErrorReason(VaultServer::Call(alice_->keys, &Keys::InspectKey, request).status()),
            "NOT_AUTHORIZED");
}

TEST_F(ServiceTest, KeysOutliveARestart) {
  const std::string ciphertext = Must(Wrap(Token())).ciphertext();
  server_.Restart();
  Connect();
  EXPECT_EQ(Must(Unwrap(Token(), ciphertext)).plaintext(), "account key");
}

TEST_F(ServiceTest, MalformedNamesAreCalledSoAndChangeNothing) {
  EXPECT_EQ(ErrorReason(Wrap(Token(), "vaults/contoso/keys/no_such").status()), "INVALID_REQUEST");
  EXPECT_EQ(ErrorReason(GetVault(*alice_, "vaults/--").status()), "INVALID_REQUEST");
}

// A consumer of the vault's feed that holds what it is told until it is let go.
class Consumer : private events::EventHandler {
 public:
  explicit Consumer(std::shared_ptr<grpc::Channel> channel)
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
  ~Consumer() override { follower_->Stop(); }

  void Hold() {
    absl::MutexLock lock(&mutex_);
    held_ = true;
  }
  void LetGo() {
    absl::MutexLock lock(&mutex_);
    held_ = false;
  }
  // Returns once it was told of an event of this type; it may still hold it.
  void AwaitEvent(const std::string& type) {
    absl::MutexLock lock(&mutex_);
    const auto told = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return std::find(types_.begin(), types_.end(), type) != types_.end();
    };
    mutex_.Await(absl::Condition(&told));
  }

 private:
  absl::Status Apply(storage::Transaction&, const events::v1::Event& event) override {
    absl::MutexLock lock(&mutex_);
    types_.push_back(event.type());
    const auto free = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !held_; };
    mutex_.Await(absl::Condition(&free));
    return absl::OkStatus();
  }

  std::unique_ptr<storage::testing::TemporaryDatabase> temporary_;
  std::unique_ptr<storage::Database> database_;
  absl::Mutex mutex_;
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::string> types_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<events::Follower> follower_;
};

TEST_F(ServiceTest, DisablingReturnsOnceALiveConsumerHasAppliedIt) {
  Consumer consumer(server_.AsService("encryption"));
  consumer.Hold();
  std::atomic<bool> returned = false;
  v1::DisableKeyResponse disabled;
  std::thread call([&] {
    disabled = Must(Disable());
    returned = true;
  });
  consumer.AwaitEvent("keyward.keyvault.KeyDisabled");
  // In force here already, while the call waits for the consumer.
  EXPECT_EQ(ErrorReason(Wrap(Token()).status()), "KEY_DISABLED");
  EXPECT_FALSE(returned);
  consumer.LetGo();
  call.join();
  EXPECT_THAT(disabled.delivery().applied(), Contains("encryption/0"));
  EXPECT_THAT(disabled.delivery().waited_out(), IsEmpty());
}

}  // namespace
}  // namespace keyward::key_vault
