#include "services/key_vault/hsm_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/ecdsa.h"
#include "common/hsm/objects.h"
#include "common/hsm/testing/soft_token.h"
#include "common/status/error.h"
#include "common/storage/fault_point.h"
#include "common/storage/testing/temporary_database.h"
#include "services/key_vault/purger.h"
#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using ::keyward::key_vault::testing::VaultEnv;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kUrlVariable[] = "KEYWARD_HSM_KEYS_TEST_URL";
constexpr char kFolderVariable[] = "KEYWARD_HSM_KEYS_TEST_FOLDER";
constexpr char kPlaintext[] = "0123456789abcdef0123456789abcdef";

v1::CreateKeyRequest CreateRequest(const std::string& vault, const std::string& key,
                                   v1::KeyType type) {
  v1::CreateKeyRequest request;
  request.set_parent("vaults/" + vault);
  request.set_key_id(key);
  request.mutable_key()->set_key_type(type);
  return request;
}

absl::StatusOr<v1::WrapKeyResponse> Wrap(VaultEnv& env, const std::string& name) {
  v1::WrapKeyRequest request;
  request.set_name(name);
  request.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
  request.set_plaintext(kPlaintext);
  return env.cryptography.Wrap(VaultEnv::Call(), request);
}

absl::StatusOr<std::string> Unwrap(VaultEnv& env, const v1::WrapKeyResponse& wrapped) {
  v1::UnwrapKeyRequest request;
  request.set_name(wrapped.key_version());
  request.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
  request.set_ciphertext(wrapped.ciphertext());
  auto answer = env.cryptography.Unwrap(VaultEnv::Call(), request);
  if (!answer.ok()) return answer.status();
  return answer->plaintext();
}

void DeleteKey(VaultEnv& env, const std::string& name) {
  v1::DeleteKeyRequest request;
  request.set_name(name);
  request.set_async(true);
  ASSERT_TRUE(env.keys.Delete(VaultEnv::Call(), request).ok());
}

class HsmKeysTest : public ::testing::Test {
 protected:
  HsmKeysTest() { env_.CreateVault("premium", v1::SKU_PREMIUM); }

  // The labels of the private keys in the token.
  std::vector<std::string> InToken() const {
    std::vector<std::string> labels;
    EXPECT_TRUE(token_
                    ->Run("listing",
                          [&](const hsm::Session& session) {
                            labels.clear();
                            std::vector<CK_OBJECT_HANDLE> found;
                            hsm::FindObjects(
                                session, hsm::Attributes().AddNumber(CKA_CLASS, CKO_PRIVATE_KEY),
                                found);
                            for (const CK_OBJECT_HANDLE object : found) {
                              hsm::ReadAttribute(session, object, CKA_LABEL, labels.emplace_back());
                            }
                            return CK_RV{CKR_OK};
                          })
                    .ok());
    return labels;
  }

  hsm::testing::SoftToken soft_;
  const std::shared_ptr<hsm::Token> token_ = soft_.Open();
  VaultEnv env_{{.url = "", .root_key_file = "", .token = token_}};
};

TEST_F(HsmKeysTest, KeyOfAPremiumVaultIsInTheToken) {
  const v1::Key key = env_.CreateKey("premium", "k", v1::KEY_TYPE_RSA_2048);
  EXPECT_EQ(key.newest_version().protection_level(), v1::PROTECTION_LEVEL_HSM);
  EXPECT_TRUE(absl::StartsWith(key.newest_version().public_key_pem(), "-----BEGIN PUBLIC KEY"));
  EXPECT_THAT(InToken(), ElementsAre(key.newest_version().name()));
  const auto wrapped = Wrap(env_, key.name());
  ASSERT_TRUE(wrapped.ok()) << wrapped.status();
  EXPECT_EQ(*Unwrap(env_, *wrapped), kPlaintext);
  env_.key_ring.ForgetAllOf("vaults/premium");
  EXPECT_EQ(*Unwrap(env_, *wrapped), kPlaintext) << "opened anew from what is stored";
}

TEST_F(HsmKeysTest, KeyOfAStandardVaultIsNot) {
  env_.CreateVault("standard");
  const v1::Key key = env_.CreateKey("standard", "k", v1::KEY_TYPE_RSA_2048);
  EXPECT_EQ(key.newest_version().protection_level(), v1::PROTECTION_LEVEL_SOFTWARE);
  EXPECT_THAT(InToken(), IsEmpty());
}

TEST_F(HsmKeysTest, RotationMakesTheNextVersionInTheTokenToo) {
  const v1::Key first = env_.CreateKey("premium", "k", v1::KEY_TYPE_RSA_2048);
  const auto wrapped = Wrap(env_, first.name());
  ASSERT_TRUE(wrapped.ok()) << wrapped.status();
  v1::RotateKeyRequest request;
  request.set_name(first.name());
  const auto second = env_.keys.Rotate(VaultEnv::Call(), request);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->newest_version().protection_level(), v1::PROTECTION_LEVEL_HSM);
  EXPECT_THAT(InToken(),
              UnorderedElementsAre(first.newest_version().name(), second->newest_version().name()));
  EXPECT_EQ(*Unwrap(env_, *wrapped), kPlaintext);
}

TEST_F(HsmKeysTest, KeysOfPremiumVaultsNeitherLeaveNorComeFromElsewhere) {
  ASSERT_TRUE(
      env_.keys.Create(VaultEnv::Call(), CreateRequest("premium", "k", v1::KEY_TYPE_EC_P256)).ok());
  v1::BackupKeyRequest backup;
  backup.set_name("vaults/premium/keys/k");
  EXPECT_EQ(ErrorReason(env_.backups.Backup(VaultEnv::Call(), backup).status()),
            "KEY_BOUND_TO_HSM");
  env_.CreateVault("standard");
  env_.CreateKey("standard", "soft", v1::KEY_TYPE_EC_P256);
  backup.set_name("vaults/standard/keys/soft");
  const auto made = env_.backups.Backup(VaultEnv::Call(), backup);
  ASSERT_TRUE(made.ok()) << made.status();
  v1::RestoreKeyRequest restore;
  restore.set_parent("vaults/premium");
  restore.set_backup(made->backup());
  EXPECT_EQ(ErrorReason(env_.backups.Restore(VaultEnv::Call(), restore).status()),
            "KEY_BOUND_TO_HSM");
  v1::ImportKeyRequest import;
  import.set_parent("vaults/premium");
  import.set_key_id("foreign");
  import.set_pkcs8(
      std::string(crypto::EcPrivateKey::Generate(crypto::EcCurve::kP256).ToPkcs8().ExposeSecret()));
  EXPECT_EQ(ErrorReason(env_.imports.Import(VaultEnv::Call(), import).status()),
            "KEY_BOUND_TO_HSM");
}

TEST_F(HsmKeysTest, WithoutATokenAPremiumVaultGetsNoKey) {
  VaultEnv env;
  env.CreateVault("premium", v1::SKU_PREMIUM);
  const absl::Status status =
      env.keys.Create(VaultEnv::Call(), CreateRequest("premium", "k", v1::KEY_TYPE_RSA_2048))
          .status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_EQ(ErrorReason(status), "HSM_NOT_CONFIGURED");
}

TEST_F(HsmKeysTest, AbsentTokenIsUnavailableAndNothingIsLost) {
  const v1::Key key = env_.CreateKey("premium", "k", v1::KEY_TYPE_RSA_2048);
  const auto wrapped = Wrap(env_, key.name());
  ASSERT_TRUE(wrapped.ok()) << wrapped.status();
  soft_.PullOut();
  const absl::Status unwrap = Unwrap(env_, *wrapped).status();
  EXPECT_TRUE(absl::IsUnavailable(unwrap)) << unwrap;
  EXPECT_EQ(ErrorReason(unwrap), "DEPENDENCY_UNAVAILABLE");
  EXPECT_TRUE(absl::IsUnavailable(
      env_.keys.Create(VaultEnv::Call(), CreateRequest("premium", "l", v1::KEY_TYPE_RSA_2048))
          .status()));
  soft_.PutBack();
  EXPECT_EQ(*Unwrap(env_, *wrapped), kPlaintext);
}

TEST_F(HsmKeysTest, PurgeDestroysItInTheToken) {
  const v1::Key key = env_.CreateKey("premium", "k", v1::KEY_TYPE_RSA_2048);
  DeleteKey(env_, key.name());
  EXPECT_EQ(*env_.hsm_keys->DestroyUnused(), 0);
  env_.clock.Advance(absl::Hours(24 * 91));
  Purger purger(*env_.database, env_.clock, env_.purges);
  ASSERT_TRUE(purger.PurgeDue().ok());
  soft_.PullOut();
  EXPECT_FALSE(env_.hsm_keys->DestroyUnused().ok());
  soft_.PutBack();
  EXPECT_EQ(*env_.hsm_keys->DestroyUnused(), 1);
  EXPECT_THAT(InToken(), IsEmpty());
  EXPECT_EQ(*env_.hsm_keys->DestroyUnused(), 0);
}

TEST_F(HsmKeysTest, KeyOfARefusedRequestIsDestroyed) {
  const v1::Key key = env_.CreateKey("premium", "k", v1::KEY_TYPE_EC_P256);
  v1::CreateKeyRequest taken = CreateRequest("premium", "k", v1::KEY_TYPE_EC_P256);
  taken.set_request_id("1c9e6a0e-0d6b-4a37-9d0e-5a0c5d7c2f11");
  EXPECT_TRUE(absl::IsAlreadyExists(env_.keys.Create(VaultEnv::Call(), taken).status()));
  EXPECT_EQ(InToken().size(), 2u);
  EXPECT_EQ(*env_.hsm_keys->DestroyUnused(), 0) << "its creation may still be under way";
  env_.clock.Advance(absl::Hours(2));
  EXPECT_EQ(*env_.hsm_keys->DestroyUnused(), 1);
  EXPECT_THAT(InToken(), ElementsAre(key.newest_version().name()));
}

// At work only in a process of its own, which a fault point kills.
TEST(HsmKeysVictim, MakesAndDestroys) {
  if (std::getenv(kFolderVariable) == nullptr) return;
  hsm::TokenUri uri{.token = "keyward",
                    .object = "",
                    .module_path = std::string(std::getenv(kFolderVariable)) + "/module",
                    .pin_file = std::string(std::getenv(kFolderVariable)) + "/pin"};
  VaultEnv env({.url = std::getenv(kUrlVariable),
                .root_key_file = std::string(std::getenv(kFolderVariable)) + "/root.key",
                .token = *hsm::Token::Open(uri)});
  env.CreateVault("premium", v1::SKU_PREMIUM);
  DeleteKey(env, env.CreateKey("premium", "k", v1::KEY_TYPE_EC_P256).name());
  env.clock.Advance(absl::Hours(24 * 91));
  Purger purger(*env.database, env.clock, env.purges);
  const bool purged = purger.PurgeDue().ok() && env.hsm_keys->DestroyUnused().ok();
  std::_Exit(purged ? 0 : 1);
}

TEST_F(HsmKeysTest, KilledAnywhereNothingStaysInTheToken) {
  ASSERT_EQ(symlink(soft_.uri().module_path.c_str(), soft_.File("module").c_str()), 0);
  for (const std::string point :
       {"hsm_keys/before_generate", "hsm_keys/after_generate", "hsm_keys/after_destroy"}) {
    const auto temporary = storage::testing::TemporaryDatabase::Sqlite();
    const pid_t child = fork();
    if (child == 0) {
      setenv(kUrlVariable, temporary->url().c_str(), 1);
      setenv(kFolderVariable, soft_.File("").c_str(), 1);
      setenv(storage::kFaultPointVariable, point.c_str(), 1);
      execl("/proc/self/exe", "hsm_keys_test", "--gtest_filter=HsmKeysVictim.*", nullptr);
      std::_Exit(127);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 137) << point;
    VaultEnv after(
        {.url = temporary->url(), .root_key_file = soft_.File("root.key"), .token = soft_.Open()});
    after.clock.Advance(absl::Hours(24 * 92));
    EXPECT_TRUE(after.hsm_keys->DestroyUnused().ok()) << point;
    EXPECT_EQ(*after.hsm_keys->DestroyUnused(), 0) << point;
    EXPECT_THAT(InToken(), IsEmpty()) << point;
  }
}

}  // namespace
}  // namespace keyward::key_vault
