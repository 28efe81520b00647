// Every operation in every state of the key, through the handlers.

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "common/crypto/hash.h"
#include "common/status/error.h"
#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using testing::VaultEnv;

constexpr char kKey[] = "vaults/contoso/keys/rsa";

// What an operation gives; empty if it succeeds.
using Attempt = std::function<std::string()>;

class OperationsTest : public ::testing::Test {
 protected:
  OperationsTest() {
    env_.CreateVault("contoso");
    version_ = env_.CreateKey("contoso", "rsa", v1::KEY_TYPE_RSA_2048).newest_version().name();
    other_ = env_.CreateKey("contoso", "other", v1::KEY_TYPE_RSA_2048).newest_version().name();
    encrypted_ = Encrypt(version_)->ciphertext();
    wrapped_ = Wrap(version_)->ciphertext();
    wrapped_by_other_ = Wrap(other_)->ciphertext();
    signature_ = Sign()->signature();
  }

  absl::StatusOr<v1::EncryptResponse> Encrypt(const std::string& name) {
    v1::EncryptRequest request;
    request.set_name(name);
    request.set_algorithm(v1::ENCRYPTION_ALGORITHM_RSA_OAEP_256);
    request.set_plaintext("secret");
    return env_.encryption.Encrypt(call_, request);
  }

  absl::StatusOr<v1::DecryptResponse> Decrypt() {
    v1::DecryptRequest request;
    request.set_name(version_);
    request.set_algorithm(v1::ENCRYPTION_ALGORITHM_RSA_OAEP_256);
    request.set_ciphertext(encrypted_);
    return env_.encryption.Decrypt(call_, request);
  }

  absl::StatusOr<v1::WrapKeyResponse> Wrap(const std::string& name) {
    v1::WrapKeyRequest request;
    request.set_name(name);
    request.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
    request.set_plaintext("secret");
    return env_.cryptography.Wrap(call_, request);
  }

  absl::StatusOr<v1::UnwrapKeyResponse> Unwrap() {
    v1::UnwrapKeyRequest request;
    request.set_name(version_);
    request.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
    request.set_ciphertext(wrapped_);
    return env_.cryptography.Unwrap(call_, request);
  }

  absl::StatusOr<v1::RewrapKeyResponse> Rewrap(const std::string& source,
                                               const std::string& ciphertext,
                                               const std::string& target) {
    v1::RewrapKeyRequest request;
    request.set_name(source);
    request.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
    request.set_ciphertext(ciphertext);
    request.set_target(target);
    return env_.cryptography.Rewrap(call_, request);
  }

  absl::StatusOr<v1::SignResponse> Sign() {
    v1::SignRequest request;
    request.set_name(version_);
    request.set_algorithm(v1::SIGNATURE_ALGORITHM_PS256);
    request.set_digest(crypto::Sha256("message"));
    return env_.signatures.Sign(call_, request);
  }

  absl::StatusOr<v1::VerifyResponse> Verify() {
    v1::VerifyRequest request;
    request.set_name(version_);
    request.set_algorithm(v1::SIGNATURE_ALGORITHM_PS256);
    request.set_digest(crypto::Sha256("message"));
    request.set_signature(signature_);
    return env_.signatures.Verify(call_, request);
  }

  // Each operation on version_, in the order of the table's columns; the last two are RewrapKey
  // from it and to it.
  std::vector<Attempt> Attempts() {
    const auto reason = [](const absl::Status& status) { return ErrorReason(status); };
    return {[=, this] { return reason(Encrypt(version_).status()); },
            [=, this] { return reason(Decrypt().status()); },
            [=, this] { return reason(Sign().status()); },
            [=, this] { return reason(Verify().status()); },
            [=, this] { return reason(Wrap(version_).status()); },
            [=, this] { return reason(Unwrap().status()); },
            [=, this] { return reason(Rewrap(version_, wrapped_, other_).status()); },
            [=, this] { return reason(Rewrap(other_, wrapped_by_other_, version_).status()); }};
  }

  // `row` has a letter for each attempt: y for success, n for refusal with `reason`.
  void Expect(const std::string& row, const std::string& reason) {
    const std::vector<Attempt> attempts = Attempts();
    ASSERT_EQ(row.size(), attempts.size());
    for (size_t i = 0; i < attempts.size(); ++i) {
      EXPECT_EQ(attempts[i](), row[i] == 'y' ? "" : reason) << reason << ", attempt " << i;
    }
  }

  void SetWindow(absl::Time not_before, absl::Time expire_time) {
    v1::UpdateKeyVersionRequest request;
    v1::KeyVersion& version = *request.mutable_key_version();
    version.set_name(version_);
    version.mutable_not_before()->set_seconds(absl::ToUnixSeconds(not_before));
    version.mutable_expire_time()->set_seconds(absl::ToUnixSeconds(expire_time));
    request.mutable_update_mask()->add_paths("not_before");
    request.mutable_update_mask()->add_paths("expire_time");
    ASSERT_TRUE(env_.versions.Update(call_, request).ok());
  }

  void SetKeyOps(const std::vector<std::string>& key_ops) {
    v1::UpdateKeyVersionRequest request;
    request.mutable_key_version()->set_name(version_);
    for (const std::string& name : key_ops) request.mutable_key_version()->add_key_ops(name);
    request.mutable_update_mask()->add_paths("key_ops");
    ASSERT_TRUE(env_.versions.Update(call_, request).ok());
  }

  VaultEnv env_;
  const server::CallContext call_ = VaultEnv::Call();
  std::string version_, other_;
  std::string encrypted_, wrapped_, wrapped_by_other_, signature_;
};

TEST_F(OperationsTest, EnabledKeyDoesEverythingWithinItsWindow) {
  Expect("yyyyyyyy", "");
  SetWindow(env_.clock.Now() - absl::Hours(1), env_.clock.Now() + absl::Hours(1));
  Expect("yyyyyyyy", "");
}

TEST_F(OperationsTest, BeforeItsTimeAKeyOpensAndChecksOnly) {
  SetWindow(env_.clock.Now() + absl::Hours(1), env_.clock.Now() + absl::Hours(2));
  Expect("nynynyyn", "KEY_NOT_YET_VALID");
}

TEST_F(OperationsTest, AfterItsTimeAKeyOpensAndChecksOnly) {
  SetWindow(env_.clock.Now() - absl::Hours(2), env_.clock.Now() - absl::Hours(1));
  Expect("nynynyyn", "KEY_EXPIRED");
}

TEST_F(OperationsTest, DisabledKeyDoesNothing) {
  v1::DisableKeyRequest request;
  request.set_name(version_);
  ASSERT_TRUE(env_.versions.Disable(call_, request).ok());
  Expect("nnnnnnnn", "KEY_DISABLED");
}

TEST_F(OperationsTest, DisabledKeyDoesNothingOutsideItsWindowEither) {
  SetWindow(env_.clock.Now() - absl::Hours(2), env_.clock.Now() - absl::Hours(1));
  v1::DisableKeyRequest request;
  request.set_name(kKey);
  ASSERT_TRUE(env_.versions.Disable(call_, request).ok());
  Expect("nnnnnnnn", "KEY_DISABLED");
}

TEST_F(OperationsTest, DeletedKeyDoesNothing) {
  v1::DeleteKeyRequest request;
  request.set_name(kKey);
  ASSERT_TRUE(env_.keys.Delete(call_, request).ok());
  Expect("nnnnnnnn", "KEY_DELETED");
}

TEST_F(OperationsTest, KeyInADeletedVaultDoesNothing) {
  v1::DeleteVaultRequest request;
  request.set_name("vaults/contoso");
  ASSERT_TRUE(env_.vaults.Delete(call_, request).ok());
  Expect("nnnnnnnn", "VAULT_DELETED");
}

TEST_F(OperationsTest, EachOperationNeedsItselfInKeyOps) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"encrypt", "ynnnnnnn"}, {"decrypt", "nynnnnnn"}, {"sign", "nnynnnnn"},
      {"verify", "nnnynnnn"},  {"wrapKey", "nnnnynny"}, {"unwrapKey", "nnnnnyyn"}};
  for (const auto& [operation, row] : table) {
    SetKeyOps({operation});
    Expect(row, "OPERATION_NOT_PERMITTED");
  }
}

}  // namespace
}  // namespace keyward::key_vault
