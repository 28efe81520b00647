// Rotation policies, backups and limits through the real server: who may, what is audited, what the
// caller reads.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/status/error.h"
#include "keyward/audit/v1/audit.grpc.pb.h"
#include "keyward/identity/v1/roles.pb.h"
#include "keyward/keyvault/v1/backup.grpc.pb.h"
#include "keyward/keyvault/v1/cryptography.grpc.pb.h"
#include "keyward/keyvault/v1/keys.grpc.pb.h"
#include "keyward/keyvault/v1/rotation.grpc.pb.h"
#include "keyward/keyvault/v1/vaults.grpc.pb.h"
#include "services/key_vault/testing/vault_server.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using testing::IdentityFeed;
using testing::VaultServer;
using Backups = v1::BackupService::Stub;
using Cryptography = v1::CryptographyService::Stub;
using Keys = v1::KeyService::Stub;
using Rotation = v1::RotationService::Stub;
using Vaults = v1::VaultService::Stub;

constexpr char kAlice[] = "spiffe://keyward.local/operator/alice";
constexpr char kBob[] = "spiffe://keyward.local/operator/bob";
constexpr char kKey[] = "vaults/contoso/keys/a";
constexpr char kPolicy[] = "vaults/contoso/keys/a/rotationPolicy";

struct Stubs {
  explicit Stubs(const std::shared_ptr<grpc::Channel>& channel)
      : backups(channel),
        cryptography(channel),
        keys(channel),
        rotation(channel),
        vaults(channel),
        audit(channel) {}

  Backups backups;
  Cryptography cryptography;
  Keys keys;
  Rotation rotation;
  Vaults vaults;
  audit::v1::AuditService::Stub audit;
};

class KeyCareTest : public ::testing::Test {
 protected:
  KeyCareTest() {
    IdentityFeed& identities = server_.identities();
    identities.SetSubscription("subscriptions/main", "tenants/test");
    identities.Await(identities.Grant(kAlice, identity::v1::ROLE_ADMINISTRATOR, "/"));
    Connect();
    for (const char* id : {"contoso", "fabrikam"}) {
      v1::CreateVaultRequest vault;
      vault.set_vault_id(id);
      vault.mutable_vault()->set_subscription("subscriptions/main");
      vault.mutable_vault()->set_region("westeurope");
      v1::AccessPolicyEntry* alice = vault.mutable_vault()->add_access_policy();
      alice->set_principal(kAlice);
      alice->add_key_permissions("all");
      // Everything but what this is about.
      v1::AccessPolicyEntry* bob = vault.mutable_vault()->add_access_policy();
      bob->set_principal(kBob);
      for (const char* permission : {"get", "list", "create", "update", "delete", "rotate"}) {
        bob->add_key_permissions(permission);
      }
      EXPECT_TRUE(VaultServer::Call(alice_->vaults, &Vaults::CreateVault, vault).ok());
    }
    v1::CreateKeyRequest key;
    key.set_parent("vaults/contoso");
    key.set_key_id("a");
    key.mutable_key()->set_key_type(v1::KEY_TYPE_RSA_2048);
    EXPECT_TRUE(VaultServer::Call(alice_->keys, &Keys::CreateKey, key).ok());
  }

  void Connect() {
    alice_ = std::make_unique<Stubs>(server_.AsOperator("alice"));
    bob_ = std::make_unique<Stubs>(server_.AsOperator("bob"));
  }

  absl::StatusOr<v1::RotationPolicy> SetPolicy(Stubs& caller) {
    v1::UpdateKeyRotationPolicyRequest request;
    request.mutable_rotation_policy()->set_name(kPolicy);
    request.mutable_rotation_policy()->set_expiry_time("P2Y");
    request.mutable_update_mask()->add_paths("expiry_time");
    return VaultServer::Call(caller.rotation, &Rotation::UpdateKeyRotationPolicy, request);
  }

  absl::StatusOr<v1::RotationPolicy> GetPolicy(Stubs& caller) {
    v1::GetKeyRotationPolicyRequest request;
    request.set_name(kPolicy);
    return VaultServer::Call(caller.rotation, &Rotation::GetKeyRotationPolicy, request);
  }

  absl::StatusOr<v1::BackupKeyResponse> Backup(Stubs& caller) {
    v1::BackupKeyRequest request;
    request.set_name(kKey);
    return VaultServer::Call(caller.backups, &Backups::BackupKey, request);
  }

  absl::StatusOr<v1::Key> Restore(Stubs& caller, const std::string& backup) {
    v1::RestoreKeyRequest request;
    request.set_parent("vaults/fabrikam");
    request.set_backup(backup);
    return VaultServer::Call(caller.backups, &Backups::RestoreKey, request);
  }

  absl::Status Wrap(Stubs& caller) {
    v1::WrapKeyRequest request;
    request.set_name(kKey);
    request.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
    request.set_plaintext("secret");
    return VaultServer::Call(caller.cryptography, &Cryptography::WrapKey, request).status();
  }

  audit::v1::AuditEntry NewestAuditEntry(const std::string& resource) {
    audit::v1::ListAuditEntriesRequest request;
    request.set_resource(resource);
    const auto listed =
        VaultServer::Call(alice_->audit, &audit::v1::AuditService::Stub::ListAuditEntries, request);
    EXPECT_TRUE(listed.ok() && listed->entries_size() > 0) << listed.status();
    return listed.ok() && listed->entries_size() > 0 ? listed->entries(0) : audit::v1::AuditEntry();
  }

  VaultServer server_;
  std::unique_ptr<Stubs> alice_, bob_;
};

TEST_F(KeyCareTest, RotationPoliciesNeedTheirPermissions) {
  ASSERT_TRUE(SetPolicy(*alice_).ok());
  EXPECT_EQ(NewestAuditEntry(kPolicy).operation(),
            "keyward.keyvault.v1.RotationService/UpdateKeyRotationPolicy");
  EXPECT_EQ(GetPolicy(*alice_)->expiry_time(), "P2Y");
  EXPECT_EQ(ErrorReason(SetPolicy(*bob_).status()), "NOT_AUTHORIZED");
  EXPECT_EQ(NewestAuditEntry(kPolicy).result(), "PERMISSION_DENIED");
  EXPECT_EQ(ErrorReason(GetPolicy(*bob_).status()), "NOT_AUTHORIZED");
  server_.Restart();
  Connect();
  EXPECT_EQ(GetPolicy(*alice_)->expiry_time(), "P2Y");
}

TEST_F(KeyCareTest, BackupsNeedTheirPermissionsAndOutliveARestart) {
  const auto backup = Backup(*alice_);
  ASSERT_TRUE(backup.ok()) << backup.status();
  EXPECT_EQ(NewestAuditEntry(kKey).operation(), "keyward.keyvault.v1.BackupService/BackupKey");
  EXPECT_EQ(ErrorReason(Backup(*bob_).status()), "NOT_AUTHORIZED");
  EXPECT_EQ(ErrorReason(Restore(*bob_, backup->backup()).status()), "NOT_AUTHORIZED");
  v1::RevokeKeyBackupsRequest revoke;
  revoke.set_name(kKey);
  EXPECT_EQ(
      ErrorReason(VaultServer::Call(bob_->backups, &Backups::RevokeKeyBackups, revoke).status()),
      "NOT_AUTHORIZED");
  server_.Restart();
  Connect();
  const auto restored = Restore(*alice_, backup->backup());
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(restored->name(), "vaults/fabrikam/keys/a");
  EXPECT_EQ(NewestAuditEntry("vaults/fabrikam").details().at("backup_of"), kKey);
  ASSERT_TRUE(VaultServer::Call(alice_->backups, &Backups::RevokeKeyBackups, revoke).ok());
  EXPECT_EQ(ErrorReason(Restore(*alice_, Backup(*alice_)->backup()).status()), "KEY_EXISTS");
}

TEST_F(KeyCareTest, WhoAsksTooMuchIsToldWhenToComeBack) {
  // One operation, and then none for a quarter of an hour.
  server_.settings().limits = {.vault_operations = 0.001};
  server_.Restart();
  Connect();
  EXPECT_TRUE(Wrap(*alice_).ok());
  const absl::Status status = Wrap(*alice_);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ErrorReason(status), "LIMIT_EXCEEDED");
  EXPECT_EQ(ErrorMetadata(status, "resource"), "vaults/contoso");
  // Management counts in the same bucket, and is refused by the same error.
  EXPECT_EQ(ErrorReason(GetPolicy(*alice_).status()), "LIMIT_EXCEEDED");
  // Refusals for other reasons come first.
  EXPECT_EQ(ErrorReason(GetPolicy(*bob_).status()), "NOT_AUTHORIZED");
}

}  // namespace
}  // namespace keyward::key_vault
