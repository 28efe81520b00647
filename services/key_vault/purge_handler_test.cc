#include "services/key_vault/purge_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "services/key_vault/key_ring_follower.h"
#include "services/key_vault/purger.h"
#include "services/key_vault/testing/vault_env.h"
#include "services/key_vault/vault_store.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using ::testing::HasSubstr;
using testing::VaultEnv;

constexpr char kVault[] = "vaults/contoso";
constexpr char kKey[] = "vaults/contoso/keys/k";
constexpr char kRequestId[] = "6b1f2d3c-0f6e-4d53-8a1e-2f0c7b9d4e5a";

class PurgeHandlerTest : public ::testing::Test {
 protected:
  PurgeHandlerTest() {
    env_.CreateVault("contoso");
    version_ = env_.CreateKey("contoso", "k", v1::KEY_TYPE_RSA_2048).newest_version().name();
  }

  void DeleteKey() {
    v1::DeleteKeyRequest request;
    request.set_name(kKey);
    request.set_acknowledge_in_use(true);
    ASSERT_TRUE(env_.keys.Delete(call_, request).ok());
  }

  void DeleteVault() {
    v1::DeleteVaultRequest request;
    request.set_name(kVault);
    request.set_acknowledge_in_use(true);
    ASSERT_TRUE(env_.vaults.Delete(call_, request).ok());
  }

  void Protect() {
    v1::UpdateVaultRequest request;
    request.mutable_vault()->set_name(kVault);
    request.mutable_vault()->set_purge_protection(true);
    request.mutable_update_mask()->add_paths("purge_protection");
    ASSERT_TRUE(env_.vaults.Update(call_, request).ok());
  }

  absl::StatusOr<v1::PurgeKeyResponse> PurgeKey(bool validate_only = false,
                                                bool acknowledge = false) {
    v1::PurgeKeyRequest request;
    request.set_name(kKey);
    request.set_validate_only(validate_only);
    request.set_acknowledge_in_use(acknowledge);
    return env_.purge.PurgeKey(call_, request);
  }

  absl::StatusOr<v1::PurgeVaultResponse> PurgeVault(bool validate_only = false,
                                                    bool acknowledge = false,
                                                    const std::string& request_id = "") {
    v1::PurgeVaultRequest request;
    request.set_name(kVault);
    request.set_validate_only(validate_only);
    request.set_acknowledge_in_use(acknowledge);
    request.set_request_id(request_id);
    return env_.purge.PurgeVault(call_, request);
  }

  // What a replica that has the private key in memory did last.
  void Wrap(KeyRing& key_ring) {
    UsableKeys keys(*env_.database, env_.clock, key_ring, env_.limiter);
    CryptographyHandler cryptography(keys, env_.ciphers, env_.gate);
    v1::WrapKeyRequest request;
    request.set_name(kKey);
    request.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
    request.set_plaintext("secret");
    const auto wrapped = cryptography.Wrap(call_, request);
    ASSERT_TRUE(wrapped.ok()) << wrapped.status();
  }

  VaultEnv env_;
  std::string version_;
  const server::CallContext call_ = VaultEnv::Call();
};

TEST_F(PurgeHandlerTest, APurgedKeyIsGoneAndItsNameIsFreeAtOnce) {
  Wrap(env_.key_ring);
  DeleteKey();
  const absl::StatusOr<v1::PurgeKeyResponse> purged = PurgeKey();
  ASSERT_TRUE(purged.ok()) << purged.status();
  EXPECT_EQ(purged->key().name(), kKey);
  EXPECT_GT(purged->delivery().sequence(), 0);
  EXPECT_EQ(env_.EventNames().back(), absl::StrCat("keyward.keyvault.KeyPurged ", kKey));
  EXPECT_EQ(env_.key_ring.size(), 0u);
  EXPECT_EQ(ErrorReason(PurgeKey().status()), "KEY_NOT_FOUND");
  EXPECT_NE(env_.CreateKey("contoso", "K").newest_version().name(), version_);
}

TEST_F(PurgeHandlerTest, OnlyWhatIsDeletedIsPurged) {
  EXPECT_EQ(ErrorReason(PurgeKey().status()), "KEY_NOT_DELETED");
  EXPECT_EQ(ErrorReason(PurgeVault().status()), "VAULT_NOT_DELETED");
  EXPECT_EQ(ErrorReason(PurgeVault(/*validate_only=*/true).status()), "VAULT_NOT_DELETED");
}

TEST_F(PurgeHandlerTest, PurgeProtectionSaysUntilWhen) {
  Protect();
  DeleteKey();
  for (bool validate_only : {true, false}) {
    const absl::Status key = PurgeKey(validate_only).status();
    EXPECT_EQ(key.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(ErrorReason(key), "PURGE_PROTECTED");
    const std::string until = absl::FormatTime(
        absl::RFC3339_sec, env_.clock.Now() + absl::Hours(24 * 90), absl::UTCTimeZone());
    EXPECT_EQ(ErrorMetadata(key, "scheduled_purge_time"), until);
    EXPECT_THAT(std::string(key.message()), HasSubstr(until));
  }
  DeleteVault();
  EXPECT_EQ(ErrorReason(PurgeVault().status()), "PURGE_PROTECTED");
  // At the end of the retention nothing is protected, though Purger may not have come to it yet.
  env_.clock.Advance(absl::Hours(24 * 90));
  EXPECT_TRUE(PurgeVault().ok());
}

TEST_F(PurgeHandlerTest, ValidateOnlyTellsTheUsersAndChangesNothing) {
  env_.Use(version_, "accounts/x");
  DeleteKey();
  const size_t events = env_.EventNames().size();
  const absl::StatusOr<v1::PurgeKeyResponse> key = PurgeKey(/*validate_only=*/true);
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->usage_count(), 1);
  EXPECT_EQ(key->usages(0).user(), "accounts/x");
  EXPECT_FALSE(key->has_delivery());
  DeleteVault();
  const absl::StatusOr<v1::PurgeVaultResponse> vault = PurgeVault(/*validate_only=*/true);
  ASSERT_TRUE(vault.ok()) << vault.status();
  EXPECT_EQ(vault->usage_count(), 1);
  EXPECT_EQ(vault->vault().name(), kVault);
  EXPECT_EQ(env_.EventNames().size(), events + 1);
}

TEST_F(PurgeHandlerTest, AUsedKeyIsPurgedOnlyIfItsUsersAreAcknowledged) {
  env_.Use(version_, "accounts/x");
  DeleteKey();
  EXPECT_EQ(ErrorReason(PurgeKey().status()), "KEY_IN_USE");
  const absl::StatusOr<v1::PurgeKeyResponse> purged = PurgeKey(false, /*acknowledge=*/true);
  ASSERT_TRUE(purged.ok()) << purged.status();
  EXPECT_EQ(purged->usages(0).user(), "accounts/x");
}

TEST_F(PurgeHandlerTest, APurgedVaultIsGoneWithAllThatIsInIt) {
  env_.Use(version_, "accounts/x");
  Wrap(env_.key_ring);
  DeleteVault();
  EXPECT_EQ(ErrorReason(PurgeVault().status()), "KEY_IN_USE");
  const absl::StatusOr<v1::PurgeVaultResponse> purged = PurgeVault(false, /*acknowledge=*/true);
  ASSERT_TRUE(purged.ok()) << purged.status();
  EXPECT_EQ(purged->usage_count(), 1);
  EXPECT_GT(purged->delivery().sequence(), 0);
  EXPECT_EQ(env_.EventNames().back(), absl::StrCat("keyward.keyvault.VaultPurged ", kVault));
  EXPECT_EQ(env_.key_ring.size(), 0u);
  EXPECT_EQ(ErrorReason(PurgeVault().status()), "VAULT_NOT_FOUND");
  // The name is free, and nothing of the old vault is in the new one.
  env_.CreateVault("Contoso");
  v1::ListKeysRequest request;
  request.set_parent("vaults/Contoso");
  request.set_show_deleted(true);
  EXPECT_EQ(env_.keys.List(call_, request)->keys_size(), 0);
}

TEST_F(PurgeHandlerTest, TheSameRequestNeverPurgesALaterVaultOfTheName) {
  DeleteVault();
  const absl::StatusOr<v1::PurgeVaultResponse> first = PurgeVault(false, false, kRequestId);
  ASSERT_TRUE(first.ok()) << first.status();
  env_.CreateVault("contoso");
  DeleteVault();
  const absl::StatusOr<v1::PurgeVaultResponse> second = PurgeVault(false, false, kRequestId);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->vault().etag(), first->vault().etag());
  v1::GetVaultRequest get;
  get.set_name(kVault);
  EXPECT_TRUE(env_.vaults.Get(call_, get)->has_delete_time());
}

TEST_F(PurgeHandlerTest, ACallThatEndsEarlyLeavesThePurgeToTheBackground) {
  DeleteVault();
  server::CallContext call = VaultEnv::Call();
  call.deadline = env_.clock.Now();
  v1::PurgeVaultRequest request;
  request.set_name(kVault);
  EXPECT_EQ(ErrorReason(env_.purge.PurgeVault(call, request).status()), "PURGE_PENDING");
  // There is no way back, and no way in.
  v1::RecoverVaultRequest recover;
  recover.set_name(kVault);
  EXPECT_EQ(ErrorReason(env_.vaults.Recover(call_, recover).status()), "VAULT_BEING_PURGED");
  v1::RecoverKeyRequest recover_key;
  recover_key.set_name(kKey);
  EXPECT_EQ(ErrorReason(env_.keys.Recover(call_, recover_key).status()), "VAULT_BEING_PURGED");
  v1::CreateVaultRequest create;
  create.set_vault_id("contoso");
  create.mutable_vault()->set_subscription(testing::kSubscription);
  create.mutable_vault()->set_region("westeurope");
  const absl::Status taken = env_.vaults.Create(call_, create).status();
  EXPECT_EQ(taken.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ErrorReason(taken), "VAULT_BEING_PURGED");

  Purger purger(*env_.database, env_.clock, env_.purges);
  EXPECT_EQ(*purger.PurgeDue(), 1);
  EXPECT_EQ(env_.EventNames().back(), absl::StrCat("keyward.keyvault.VaultPurged ", kVault));
  EXPECT_TRUE(env_.vaults.Create(call_, create).ok());
}

TEST_F(PurgeHandlerTest, AnotherReplicaForgetsThePrivateKeyToo) {
  KeyRing other(*env_.root_key, 10);
  KeyRingFollower follower(*env_.database, env_.clock, other);
  ASSERT_TRUE(follower.CatchUp().ok());
  Wrap(other);
  ASSERT_EQ(other.size(), 1u);
  ASSERT_TRUE(follower.CatchUp().ok());
  EXPECT_EQ(other.size(), 1u);
  // Deleted and purged before the follower looks.
  DeleteKey();
  ASSERT_TRUE(PurgeKey().ok());
  ASSERT_TRUE(follower.CatchUp().ok());
  EXPECT_EQ(other.size(), 0u);
}

TEST_F(PurgeHandlerTest, AReplicaForgetsAKeyThatAnOperationPutBackMeanwhile) {
  KeyRing other(*env_.root_key, 10);
  KeyRingFollower follower(*env_.database, env_.clock, other);
  ASSERT_TRUE(follower.CatchUp().ok());
  v1::DisableKeyRequest disable;
  disable.set_name(kKey);
  ASSERT_TRUE(env_.versions.Disable(call_, disable).ok());
  ASSERT_TRUE(follower.CatchUp().ok());
  v1::EnableKeyRequest enable;
  enable.set_name(kKey);
  ASSERT_TRUE(env_.versions.Enable(call_, enable).ok());
  // Stands for an operation that had read the key before it was disabled.
  Wrap(other);
  ASSERT_TRUE(follower.CatchUp().ok());
  EXPECT_EQ(other.size(), 0u);
}

TEST_F(PurgeHandlerTest, AVaultOfManyKeysGoesInShortTransactions) {
  constexpr int kKeys = 2500;
  env_.Write([&](storage::Transaction& tx) -> absl::Status {
    for (int i = 0; i < kKeys; ++i) {
      const absl::Status status =
          tx.Execute(
                "INSERT INTO keys (vault_id, key_id, folded_id, key_type, newest_version, "
                "create_time, update_time) VALUES ('contoso', :id, :id, 1, '', 0, 0)",
                {{"id", absl::StrCat("key-", i)}})
              .status();
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  });
  DeleteVault();
  int removed_in = 0;
  env_.Write([&](storage::Transaction& tx) -> absl::Status {
    const absl::Status begun = tx.Execute("UPDATE vaults SET purging = 1").status();
    if (!begun.ok()) return begun;
    const auto empty = Purges::EmptyVault(tx, *VaultName::FromId("contoso"));
    if (!empty.ok()) return empty.status();
    ++removed_in;
    return *empty ? absl::InternalError("all at once") : absl::OkStatus();
  });
  EXPECT_EQ(removed_in, 1);
  EXPECT_TRUE(PurgeVault().ok());
}

TEST_F(PurgeHandlerTest, WhoeverIsLateTouchesNothingOfTheNextVaultOfThatName) {
  env_.Write([&](storage::Transaction& tx) -> absl::Status {
    const auto empty = Purges::EmptyVault(tx, *VaultName::FromId("contoso"));
    if (!empty.ok()) return empty.status();
    return *empty ? absl::OkStatus() : absl::InternalError("it removed something");
  });
  v1::ListKeysRequest list;
  list.set_parent("vaults/contoso");
  EXPECT_GT(env_.keys.List(VaultEnv::Call(), list)->keys_size(), 0);
}

}  // namespace
}  // namespace keyward::key_vault
