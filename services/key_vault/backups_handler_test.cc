#include "services/key_vault/backups_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "services/key_vault/backup.h"
#include "services/key_vault/backup_seal.h"
#include "services/key_vault/backup_store.h"
#include "services/key_vault/key_store.h"
#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using ::testing::ElementsAre;
using testing::VaultEnv;

constexpr char kKey[] = "vaults/contoso/keys/a";
constexpr char kCopy[] = "vaults/fabrikam/keys/a";

class BackupsHandlerTest : public ::testing::Test {
 protected:
  BackupsHandlerTest() {
    env_.CreateVault("contoso");
    env_.CreateVault("fabrikam");
    env_.CreateKey("contoso", "a", v1::KEY_TYPE_RSA_2048);
  }

  absl::StatusOr<std::string> Backup(const std::string& name = kKey) {
    v1::BackupKeyRequest request;
    request.set_name(name);
    const auto answer = env_.backups.Backup(call_, request);
    if (!answer.ok()) return answer.status();
    return answer->backup();
  }

  absl::StatusOr<v1::Key> Restore(const std::string& backup, const std::string& vault = "fabrikam",
                                  VaultEnv* env = nullptr) {
    v1::RestoreKeyRequest request;
    request.set_parent(absl::StrCat("vaults/", vault));
    request.set_backup(backup);
    return (env == nullptr ? env_ : *env).backups.Restore(call_, request);
  }

  void Rotate() {
    v1::RotateKeyRequest request;
    request.set_name(kKey);
    ASSERT_TRUE(env_.keys.Rotate(call_, request).ok());
  }

  absl::Status Delete(const std::string& name) {
    v1::DeleteKeyRequest request;
    request.set_name(name);
    return env_.keys.Delete(call_, request).status();
  }

  void Purge(const std::string& name) {
    env_.Write([&](storage::Transaction& tx) { return KeyStore(tx).Purge(*KeyName::Parse(name)); });
  }

  absl::Status Revoke(const std::string& name) {
    v1::RevokeKeyBackupsRequest request;
    request.set_name(name);
    return env_.backups.Revoke(call_, request).status();
  }

  absl::Status Disable(const std::string& name) {
    v1::DisableKeyRequest request;
    request.set_name(name);
    return env_.versions.Disable(call_, request).status();
  }

  std::vector<v1::KeyVersion> Versions(const std::string& key) {
    v1::ListKeyVersionsRequest request;
    request.set_parent(key);
    const auto listed = env_.versions.List(call_, request);
    EXPECT_TRUE(listed.ok()) << listed.status();
    return {listed->versions().begin(), listed->versions().end()};
  }

  absl::StatusOr<std::string> Wrap(const std::string& key) {
    v1::WrapKeyRequest request;
    request.set_name(key);
    request.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
    request.set_plaintext("secret");
    const auto wrapped = env_.cryptography.Wrap(call_, request);
    if (!wrapped.ok()) return wrapped.status();
    return wrapped->ciphertext();
  }

  absl::StatusOr<std::string> Unwrap(const std::string& key, const std::string& ciphertext) {
    v1::UnwrapKeyRequest request;
    request.set_name(key);
    request.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
    request.set_ciphertext(ciphertext);
    const auto unwrapped = env_.cryptography.Unwrap(call_, request);
    if (!unwrapped.ok()) return unwrapped.status();
    return unwrapped->plaintext();
  }

  VaultEnv env_;
  const server::CallContext call_ = VaultEnv::Call();
};

// Two copies of one AES key count their messages apart, so only one of them may go on sealing.
TEST_F(BackupsHandlerTest, ARestoredAesKeyOpensWhatItSealedAndSealsNoMore) {
  env_.CreateKey("contoso", "aes", v1::KEY_TYPE_OCT_256);
  const auto encrypt = [&](const std::string& name) {
    v1::EncryptRequest request;
    request.set_name(name);
    request.set_algorithm(v1::ENCRYPTION_ALGORITHM_A256_GCM);
    request.set_plaintext("a sentence");
    return env_.encryption.Encrypt(call_, request);
  };
  const auto before = encrypt("vaults/contoso/keys/aes");
  ASSERT_TRUE(before.ok()) << before.status();
  const absl::StatusOr<std::string> backup = Backup("vaults/contoso/keys/aes");
  ASSERT_TRUE(backup.ok()) << backup.status();
  const absl::StatusOr<v1::Key> copy = Restore(*backup);
  ASSERT_TRUE(copy.ok()) << copy.status();
  v1::DecryptRequest decrypt;
  decrypt.set_name(copy->newest_version().name());
  decrypt.set_algorithm(v1::ENCRYPTION_ALGORITHM_A256_GCM);
  decrypt.set_ciphertext(before->ciphertext());
  const auto opened = env_.encryption.Decrypt(call_, decrypt);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->plaintext(), "a sentence");
  EXPECT_EQ(ErrorReason(encrypt("vaults/fabrikam/keys/aes").status()), "MESSAGE_LIMIT_REACHED");
  EXPECT_TRUE(encrypt("vaults/contoso/keys/aes").ok());
  v1::RotateKeyRequest rotate;
  rotate.set_name("vaults/fabrikam/keys/aes");
  ASSERT_TRUE(env_.keys.Rotate(call_, rotate).ok());
  EXPECT_TRUE(encrypt("vaults/fabrikam/keys/aes").ok());
}

TEST_F(BackupsHandlerTest, EverythingOfTheKeyComesBackInAnotherVault) {
  v1::UpdateKeyRotationPolicyRequest policy;
  policy.mutable_rotation_policy()->set_name(absl::StrCat(kKey, "/rotationPolicy"));
  policy.mutable_rotation_policy()->set_expiry_time("P2Y");
  policy.mutable_rotation_policy()->mutable_rotate()->set_time_after_create("P90D");
  policy.mutable_update_mask()->add_paths("expiry_time");
  policy.mutable_update_mask()->add_paths("rotate");
  ASSERT_TRUE(env_.rotation_policies.Update(call_, policy).ok());
  v1::UpdateKeyVersionRequest tags;
  tags.mutable_key_version()->set_name(Versions(kKey)[0].name());
  (*tags.mutable_key_version()->mutable_tags())["team"] = "blue";
  tags.mutable_update_mask()->add_paths("tags");
  ASSERT_TRUE(env_.versions.Update(call_, tags).ok());
  const std::string first = *Wrap(kKey);
  env_.clock.Advance(absl::Hours(1));
  Rotate();
  const std::string second = *Wrap(kKey);
  ASSERT_TRUE(Disable(Versions(kKey)[1].name()).ok());
  const auto backup = Backup();
  ASSERT_TRUE(backup.ok()) << backup.status();
  EXPECT_EQ(env_.EventNames().back(), absl::StrCat("keyward.keyvault.KeyBackedUp ", kKey));

  const auto restored = Restore(*backup);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(restored->name(), kCopy);
  EXPECT_EQ(env_.EventNames().back(), absl::StrCat("keyward.keyvault.KeyRestored ", kCopy));
  std::vector<v1::KeyVersion> before = Versions(kKey);
  const std::vector<v1::KeyVersion> after = Versions(kCopy);
  ASSERT_EQ(after.size(), 2u);
  for (size_t i = 0; i < before.size(); ++i) {
    // The ids are the same.
    before[i].set_name(absl::StrCat(kCopy, before[i].name().substr(sizeof(kKey) - 1)));
    EXPECT_EQ(before[i].SerializeAsString(), after[i].SerializeAsString());
  }
  EXPECT_FALSE(after[1].enabled());
  EXPECT_EQ(after[1].tags().at("team"), "blue");
  EXPECT_EQ(*Unwrap(after[0].name(), second), "secret");
  EXPECT_EQ(ErrorReason(Unwrap(after[1].name(), first).status()), "KEY_DISABLED");
  v1::GetKeyRotationPolicyRequest get;
  get.set_name(absl::StrCat(kCopy, "/rotationPolicy"));
  const auto copied = env_.rotation_policies.Get(call_, get);
  EXPECT_EQ(copied->expiry_time(), "P2Y");
  EXPECT_TRUE(copied->has_next_rotation_time());
}

TEST_F(BackupsHandlerTest, WhatWasTakenFromTheKeySinceIsTakenFromTheCopy) {
  const auto backup = Backup();
  ASSERT_TRUE(backup.ok()) << backup.status();
  const absl::Time expiry = env_.clock.Now() + absl::Hours(24);
  v1::UpdateKeyVersionRequest update;
  update.mutable_key_version()->set_name(Versions(kKey)[0].name());
  update.mutable_key_version()->add_key_ops("wrapKey");
  update.mutable_key_version()->mutable_expire_time()->set_seconds(absl::ToUnixSeconds(expiry));
  update.mutable_update_mask()->add_paths("key_ops");
  update.mutable_update_mask()->add_paths("expire_time");
  const auto updated = env_.versions.Update(call_, update);
  ASSERT_TRUE(updated.ok()) << updated.status();
  const auto restored = Restore(*backup);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_THAT(restored->newest_version().key_ops(), ElementsAre("wrapKey"));
  EXPECT_EQ(restored->newest_version().expire_time().seconds(), absl::ToUnixSeconds(expiry));
}

TEST_F(BackupsHandlerTest, TheNameMustBeFree) {
  const std::string backup = *Backup();
  EXPECT_EQ(ErrorReason(Restore(backup, "contoso").status()), "KEY_EXISTS");
  env_.CreateKey("fabrikam", "A");
  EXPECT_EQ(ErrorReason(Restore(backup).status()), "KEY_EXISTS");
  ASSERT_TRUE(Delete("vaults/fabrikam/keys/A").ok());
  EXPECT_EQ(ErrorReason(Restore(backup).status()), "KEY_DELETED_BUT_RECOVERABLE");
}

TEST_F(BackupsHandlerTest, ABackupIsBoundToTenantSubscriptionAndRegion) {
  env_.SetSubscription("subscriptions/other", testing::kTenant);
  env_.SetSubscription("subscriptions/foreign", "tenants/foreign");
  const auto create = [&](const char* id, const char* subscription, const char* region) {
    v1::CreateVaultRequest request;
    request.set_vault_id(id);
    request.mutable_vault()->set_subscription(subscription);
    request.mutable_vault()->set_region(region);
    ASSERT_TRUE(env_.vaults.Create(call_, request).ok());
  };
  create("othersub", "subscriptions/other", "westeurope");
  create("elsewhere", testing::kSubscription, "northeurope");
  create("foreign", "subscriptions/foreign", "northeurope");
  const std::string backup = *Backup();
  const absl::Status foreign = Restore(backup, "foreign").status();
  EXPECT_EQ(foreign.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ErrorReason(foreign), "BACKUP_OF_OTHER_TENANT");
  EXPECT_EQ(ErrorReason(Restore(backup, "othersub").status()), "BACKUP_OF_OTHER_SUBSCRIPTION");
  EXPECT_EQ(ErrorReason(Restore(backup, "elsewhere").status()), "BACKUP_OF_OTHER_REGION");
  EXPECT_EQ(ErrorReason(Restore(backup, "nowhere").status()), "VAULT_NOT_FOUND");
  EXPECT_TRUE(Restore(backup).ok());
}

TEST_F(BackupsHandlerTest, APurgedKeyDoesNotComeBackAndItsNameMeansNothing) {
  const std::string backup = *Backup();
  ASSERT_TRUE(Delete(kKey).ok());
  EXPECT_EQ(ErrorReason(Restore(backup).status()), "KEY_DELETED");
  Purge(kKey);
  EXPECT_EQ(ErrorReason(Restore(backup).status()), "BACKUP_REVOKED");
  EXPECT_EQ(ErrorReason(Restore(backup, "contoso").status()), "BACKUP_REVOKED");
  // Another key of the same name has backups of its own.
  env_.CreateKey("contoso", "a");
  EXPECT_EQ(ErrorReason(Restore(backup).status()), "BACKUP_REVOKED");
  EXPECT_TRUE(Restore(*Backup()).ok());
}

TEST_F(BackupsHandlerTest, RevokedBackupsAreRefusedAndLaterOnesAreNot) {
  const std::string before = *Backup();
  ASSERT_TRUE(Revoke(kKey).ok());
  EXPECT_EQ(env_.EventNames().back(), absl::StrCat("keyward.keyvault.KeyBackupsRevoked ", kKey));
  EXPECT_EQ(ErrorReason(Restore(before).status()), "BACKUP_REVOKED");
  const std::string after = *Backup();
  EXPECT_TRUE(Restore(after).ok());
  // A copy is a key of its own.
  const std::string of_copy = *Backup(kCopy);
  ASSERT_TRUE(Revoke(kKey).ok());
  ASSERT_TRUE(Delete(kCopy).ok());
  v1::RecoverKeyRequest recover;
  recover.set_name(kCopy);
  ASSERT_TRUE(env_.keys.Recover(call_, recover).ok());
  env_.CreateVault("third");
  EXPECT_TRUE(Restore(of_copy, "third").ok());
  EXPECT_EQ(ErrorReason(Revoke("vaults/contoso/keys/b")), "KEY_NOT_FOUND");
}

TEST_F(BackupsHandlerTest, WhatIsDisabledNowDoesNotComeBackEnabled) {
  const std::string backup = *Backup();
  ASSERT_TRUE(Disable(kKey).ok());
  ASSERT_TRUE(Restore(backup).ok());
  EXPECT_FALSE(Versions(kCopy)[0].enabled());
}

TEST_F(BackupsHandlerTest, ADatabaseThatKnowsNothingOfTheKeyTakesItBack) {
  const std::string backup = *Backup();
  Purge(kKey);
  env_.Write(
      [](storage::Transaction& tx) { return tx.Execute("DELETE FROM key_backups").status(); });
  EXPECT_TRUE(Restore(backup, "contoso").ok());
}

TEST_F(BackupsHandlerTest, EveryChangeOfABackupIsOneError) {
  const std::string backup = *Backup();
  std::vector<std::string> spoilt = {"", "KWKB", backup.substr(0, 7), backup + "x",
                                     std::string(100, '\0')};
  for (size_t i = 0; i < backup.size(); i += 1 + i / 16) {
    spoilt.push_back(backup);
    spoilt.back()[i] = static_cast<char>(spoilt.back()[i] ^ 1);
    spoilt.push_back(backup.substr(0, i));
  }
  const absl::Status first = Restore(spoilt[0]).status();
  EXPECT_EQ(ErrorReason(first), "BACKUP_INVALID");
  for (const std::string& each : spoilt) EXPECT_EQ(Restore(each).status(), first);
  VaultEnv other_installation;
  other_installation.CreateVault("fabrikam");
  EXPECT_EQ(Restore(backup, "fabrikam", &other_installation).status(), first);
  EXPECT_THAT(Versions(kKey), ::testing::SizeIs(1));
}

TEST_F(BackupsHandlerTest, FiveHundredVersionsAreTheMost) {
  env_.CreateKey("contoso", "many");
  const auto add = [&](int from, int to) {
    env_.Write([&](storage::Transaction& tx) -> absl::Status {
      KeyStore keys(tx);
      const KeyName name = *KeyName::Parse("vaults/contoso/keys/many");
      const auto first = keys.ListVersions(name, 0, 1000);
      if (!first.ok()) return first.status();
      const std::string sealed =
          BackupStore(tx).SealedPrivateKeys(name)->at(first->back().name.id());
      for (int number = from; number <= to; ++number) {
        KeyVersion version = first->back();
        version.number = number;
        version.name = KeyVersionName::New(name);
        const absl::Status status = keys.InsertVersion(version, sealed);
        if (!status.ok()) return status;
      }
      return absl::OkStatus();
    });
  };
  add(2, BackupsHandler::kMaxVersions);
  EXPECT_TRUE(Backup("vaults/contoso/keys/many").ok());
  add(BackupsHandler::kMaxVersions + 1, BackupsHandler::kMaxVersions + 1);
  EXPECT_EQ(ErrorReason(Backup("vaults/contoso/keys/many").status()), "KEY_TOO_LARGE");
}

TEST_F(BackupsHandlerTest, MoreThanAMessageIsNotSealed) {
  const auto seal = BackupSeal::Create(*env_.root_key);
  ASSERT_TRUE(seal.ok());
  const std::string large(kMaxBackupSize - 200, 'x');
  const auto sealed = seal->Seal(large);
  ASSERT_TRUE(sealed.ok()) << sealed.status();
  EXPECT_EQ(*OpenBackup(*env_.root_key, *sealed), large);
  EXPECT_TRUE(absl::IsOutOfRange(seal->Seal(std::string(kMaxBackupSize, 'x')).status()));
}

TEST_F(BackupsHandlerTest, AskingAgainWithTheSameIdRestoresOnce) {
  v1::RestoreKeyRequest request;
  request.set_parent("vaults/fabrikam");
  request.set_backup(*Backup());
  request.set_request_id("6f1f5e1c-4b8f-4b0e-9d3f-0c6b9a3c2d10");
  const auto first = env_.backups.Restore(call_, request);
  const auto again = env_.backups.Restore(call_, request);
  ASSERT_TRUE(first.ok() && again.ok()) << again.status();
  EXPECT_EQ(first->SerializeAsString(), again->SerializeAsString());
}

TEST_F(BackupsHandlerTest, AKeyThatIsGoneIsNotBackedUp) {
  EXPECT_EQ(ErrorReason(Backup("vaults/contoso/keys/b").status()), "KEY_NOT_FOUND");
  ASSERT_TRUE(Delete(kKey).ok());
  EXPECT_EQ(ErrorReason(Backup().status()), "KEY_DELETED");
}

}  // namespace
}  // namespace keyward::key_vault
