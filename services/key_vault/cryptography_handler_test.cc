#include "services/key_vault/cryptography_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/crypto/rsa.h"
#include "common/status/error.h"
#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::VaultEnv;

constexpr char kKey[] = "vaults/contoso/keys/wrapping";

class CryptographyHandlerTest : public ::testing::Test {
 protected:
  CryptographyHandlerTest() {
    env_.CreateVault("contoso");
    created_ = env_.CreateKey("contoso", "wrapping", v1::KEY_TYPE_RSA_2048);
    version_ = created_.newest_version().name();
  }

  absl::StatusOr<v1::WrapKeyResponse> Wrap(const std::string& name,
                                           const std::string& plaintext = "secret") {
    v1::WrapKeyRequest request;
    request.set_name(name);
    request.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
    request.set_plaintext(plaintext);
    return env_.cryptography.Wrap(call_, request);
  }

  absl::StatusOr<v1::UnwrapKeyResponse> Unwrap(const std::string& name,
                                               const std::string& ciphertext) {
    v1::UnwrapKeyRequest request;
    request.set_name(name);
    request.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
    request.set_ciphertext(ciphertext);
    return env_.cryptography.Unwrap(call_, request);
  }

  void SetWindow(absl::Time not_before, absl::Time expire_time) {
    v1::UpdateKeyVersionRequest request;
    request.mutable_key_version()->set_name(version_);
    request.mutable_key_version()->mutable_not_before()->set_seconds(
        absl::ToUnixSeconds(not_before));
    request.mutable_key_version()->mutable_expire_time()->set_seconds(
        absl::ToUnixSeconds(expire_time));
    request.mutable_update_mask()->add_paths("not_before");
    request.mutable_update_mask()->add_paths("expire_time");
    ASSERT_TRUE(env_.versions.Update(call_, request).ok());
  }

  void Disable(const std::string& name) {
    v1::DisableKeyRequest request;
    request.set_name(name);
    ASSERT_TRUE(env_.versions.Disable(call_, request).ok());
  }

  VaultEnv env_;
  const server::CallContext call_ = VaultEnv::Call();
  v1::Key created_;
  std::string version_;
};

TEST_F(CryptographyHandlerTest, UnwrapsWhatItWrapped) {
  const auto wrapped = Wrap(kKey);
  ASSERT_TRUE(wrapped.ok()) << wrapped.status();
  EXPECT_EQ(wrapped->key_version(), version_);
  EXPECT_EQ(wrapped->ciphertext().size(), 256u);
  const auto unwrapped = Unwrap(wrapped->key_version(), wrapped->ciphertext());
  ASSERT_TRUE(unwrapped.ok()) << unwrapped.status();
  EXPECT_EQ(unwrapped->plaintext(), "secret");
  EXPECT_EQ(unwrapped->key_version(), version_);
  EXPECT_EQ(call_.Notes().at("key_version"), version_);
}

TEST_F(CryptographyHandlerTest, UnwrapsWhatThePublicKeyEncrypted) {
  const auto key = crypto::RsaPublicKey::FromSpkiPem(created_.newest_version().public_key_pem());
  EXPECT_EQ(Unwrap(version_, *key->Encrypt("from outside"))->plaintext(), "from outside");
}

TEST_F(CryptographyHandlerTest, WrapsUpTo190Bytes) {
  EXPECT_TRUE(Wrap(kKey, std::string(190, 'x')).ok());
  const absl::Status status = Wrap(kKey, std::string(191, 'x')).status();
  EXPECT_EQ(ErrorReason(status), "INVALID_REQUEST");
  EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr("'plaintext'"), HasSubstr("190")));
}

TEST_F(CryptographyHandlerTest, EveryWrongFieldIsNamedAtOnce) {
  v1::UnwrapKeyRequest request;
  request.set_name("wrapping");
  const absl::Status status = env_.cryptography.Unwrap(call_, request).status();
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("'name'"), HasSubstr("'algorithm'"), HasSubstr("'ciphertext'")));
}

TEST_F(CryptographyHandlerTest, EveryFailureToUnwrapLooksAlike) {
  const std::string good = Wrap(kKey)->ciphertext();
  std::string flipped = good;
  flipped[100] = static_cast<char>(flipped[100] ^ 1);
  const absl::Status expected = Unwrap(version_, flipped).status();
  EXPECT_EQ(expected.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorReason(expected), "CIPHERTEXT_INVALID");
  const v1::Key other = env_.CreateKey("contoso", "other", v1::KEY_TYPE_RSA_2048);
  for (const std::string& bad :
       {good.substr(1), absl::StrCat(good, "x"), std::string("x"), std::string(256, '\0'),
        std::string(256, '\xff'), Wrap(other.name())->ciphertext()}) {
    EXPECT_EQ(Unwrap(version_, bad).status(), expected);
  }
}

TEST_F(CryptographyHandlerTest, OlderVersionsStillUnwrapAfterRotation) {
  const auto wrapped = Wrap(kKey);
  v1::RotateKeyRequest request;
  request.set_name(kKey);
  const std::string newest = env_.keys.Rotate(call_, request)->newest_version().name();
  EXPECT_EQ(Wrap(kKey)->key_version(), newest);
  EXPECT_EQ(Unwrap(wrapped->key_version(), wrapped->ciphertext())->plaintext(), "secret");
  EXPECT_EQ(ErrorReason(Unwrap(kKey, wrapped->ciphertext()).status()), "CIPHERTEXT_INVALID");
}

TEST_F(CryptographyHandlerTest, ExpiredKeyUnwrapsButDoesNotWrap) {
  const auto wrapped = Wrap(kKey);
  SetWindow(env_.clock.Now() - absl::Hours(2), env_.clock.Now() - absl::Hours(1));
  const absl::Status status = Wrap(kKey).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ErrorReason(status), "KEY_EXPIRED");
  EXPECT_EQ(Unwrap(version_, wrapped->ciphertext())->plaintext(), "secret");
}

TEST_F(CryptographyHandlerTest, KeyBeforeItsTimeUnwrapsButDoesNotWrap) {
  const auto wrapped = Wrap(kKey);
  SetWindow(env_.clock.Now() + absl::Hours(1), env_.clock.Now() + absl::Hours(2));
  EXPECT_EQ(ErrorReason(Wrap(kKey).status()), "KEY_NOT_YET_VALID");
  EXPECT_EQ(Unwrap(version_, wrapped->ciphertext())->plaintext(), "secret");
  env_.clock.Advance(absl::Minutes(61));
  EXPECT_TRUE(Wrap(kKey).ok());
}

TEST_F(CryptographyHandlerTest, DisabledKeyDoesNothingAndSaysHowToEnableIt) {
  const auto wrapped = Wrap(kKey);
  EXPECT_EQ(env_.key_ring.size(), 1u);
  Disable(kKey);
  EXPECT_EQ(env_.key_ring.size(), 0u);
  for (const absl::Status& status :
       {Wrap(kKey).status(), Unwrap(version_, wrapped->ciphertext()).status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(ErrorReason(status), "KEY_DISABLED");
    EXPECT_THAT(std::string(status.message()), HasSubstr("EnableKey"));
  }
  v1::EnableKeyRequest request;
  request.set_name(kKey);
  ASSERT_TRUE(env_.versions.Enable(call_, request).ok());
  EXPECT_EQ(Unwrap(version_, wrapped->ciphertext())->plaintext(), "secret");
}

TEST_F(CryptographyHandlerTest, DeletedKeyAndDeletedVaultDoNothing) {
  const auto wrapped = Wrap(kKey);
  v1::DeleteKeyRequest delete_key;
  delete_key.set_name(kKey);
  ASSERT_TRUE(env_.keys.Delete(call_, delete_key).ok());
  EXPECT_EQ(env_.key_ring.size(), 0u);
  EXPECT_EQ(ErrorReason(Unwrap(version_, wrapped->ciphertext()).status()), "KEY_DELETED");
  v1::RecoverKeyRequest recover_key;
  recover_key.set_name(kKey);
  ASSERT_TRUE(env_.keys.Recover(call_, recover_key).ok());
  EXPECT_TRUE(Unwrap(version_, wrapped->ciphertext()).ok());

  v1::DeleteVaultRequest delete_vault;
  delete_vault.set_name("vaults/contoso");
  ASSERT_TRUE(env_.vaults.Delete(call_, delete_vault).ok());
  EXPECT_EQ(env_.key_ring.size(), 0u);
  EXPECT_EQ(ErrorReason(Unwrap(version_, wrapped->ciphertext()).status()), "VAULT_DELETED");
}

TEST_F(CryptographyHandlerTest, OperationOutsideKeyOpsIsRefused) {
  v1::UpdateKeyVersionRequest request;
  request.mutable_key_version()->set_name(version_);
  request.mutable_key_version()->add_key_ops("wrapKey");
  request.mutable_update_mask()->add_paths("key_ops");
  const auto wrapped = Wrap(kKey);
  ASSERT_TRUE(env_.versions.Update(call_, request).ok());
  EXPECT_TRUE(Wrap(kKey).ok());
  EXPECT_EQ(ErrorReason(Unwrap(version_, wrapped->ciphertext()).status()),
            "OPERATION_NOT_PERMITTED");
  const v1::Key ec = env_.CreateKey("contoso", "signer", v1::KEY_TYPE_EC_P256);
  EXPECT_EQ(ErrorReason(Wrap(ec.name()).status()), "OPERATION_NOT_PERMITTED");
}

TEST_F(CryptographyHandlerTest, WhatDoesNotExistIsNotFound) {
  EXPECT_EQ(ErrorReason(Wrap("vaults/nobody/keys/wrapping").status()), "VAULT_NOT_FOUND");
  EXPECT_EQ(ErrorReason(Wrap("vaults/contoso/keys/nobody").status()), "KEY_NOT_FOUND");
  EXPECT_EQ(ErrorReason(Wrap(absl::StrCat(kKey, "/versions/", std::string(32, '0'))).status()),
            "KEY_VERSION_NOT_FOUND");
}

TEST_F(CryptographyHandlerTest, ManyThreadsUnwrapAtOnce) {
  const std::string ciphertext = Wrap(kKey)->ciphertext();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n) {
        EXPECT_EQ(Unwrap(version_, ciphertext)->plaintext(), "secret");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace keyward::key_vault
