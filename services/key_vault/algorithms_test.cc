// Every algorithm, through the handlers: what it makes it opens, on the keys that suit it only, and
// all that fails looks alike.

#include "services/key_vault/algorithms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "common/crypto/hash.h"
#include "common/integrity/crc32c.h"
#include "common/status/error.h"
#include "common/status/error_details.h"
#include "services/key_vault/message_count_store.h"
#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::VaultEnv;

constexpr v1::WrapAlgorithm kWrapAlgorithms[] = {
    v1::WRAP_ALGORITHM_RSA_OAEP_256, v1::WRAP_ALGORITHM_RSA_OAEP, v1::WRAP_ALGORITHM_A256_KW,
    v1::WRAP_ALGORITHM_A256_KWP, v1::WRAP_ALGORITHM_A256_GCM};

class AlgorithmsTest : public ::testing::Test {
 protected:
  AlgorithmsTest() {
    env_.CreateVault("contoso");
    rsa_ = Create("rsa", v1::KEY_TYPE_RSA_2048);
    aes_ = Create("aes", v1::KEY_TYPE_OCT_256);
  }

  std::string Create(const std::string& id, v1::KeyType type) {
    return env_.CreateKey("contoso", id, type).newest_version().name();
  }

  const std::string& KeyFor(v1::WrapAlgorithm algorithm) const {
    return Suits(v1::KEY_TYPE_OCT_256, *MeaningOf(algorithm)) ? aes_ : rsa_;
  }

  absl::StatusOr<v1::WrapKeyResponse> Wrap(const std::string& name, v1::WrapAlgorithm algorithm,
                                           const std::string& plaintext,
                                           const std::string& data = "") {
    v1::WrapKeyRequest request;
    request.set_name(name);
    request.set_algorithm(algorithm);
    request.set_plaintext(plaintext);
    request.set_additional_authenticated_data(data);
    return env_.cryptography.Wrap(call_, request);
  }

  absl::StatusOr<v1::UnwrapKeyResponse> Unwrap(const std::string& name, v1::WrapAlgorithm algorithm,
                                               const std::string& ciphertext,
                                               const std::string& data = "") {
    v1::UnwrapKeyRequest request;
    request.set_name(name);
    request.set_algorithm(algorithm);
    request.set_ciphertext(ciphertext);
    request.set_additional_authenticated_data(data);
    return env_.cryptography.Unwrap(call_, request);
  }

  absl::StatusOr<v1::SignResponse> Sign(const std::string& name, v1::SignatureAlgorithm algorithm,
                                        const std::string& digest) {
    v1::SignRequest request;
    request.set_name(name);
    request.set_algorithm(algorithm);
    request.set_digest(digest);
    return env_.signatures.Sign(call_, request);
  }

  absl::StatusOr<v1::VerifyResponse> Verify(const std::string& name,
                                            v1::SignatureAlgorithm algorithm,
                                            const std::string& digest,
                                            const std::string& signature) {
    v1::VerifyRequest request;
    request.set_name(name);
    request.set_algorithm(algorithm);
    request.set_digest(digest);
    request.set_signature(signature);
    return env_.signatures.Verify(call_, request);
  }

  VaultEnv env_;
  const server::CallContext call_ = VaultEnv::Call();
  std::string rsa_, aes_;
};

TEST_F(AlgorithmsTest, EveryWrapAlgorithmOpensWhatItWrapped) {
  const std::string secret(32, 's');
  for (v1::WrapAlgorithm algorithm : kWrapAlgorithms) {
    const auto wrapped = Wrap(KeyFor(algorithm), algorithm, secret);
    ASSERT_TRUE(wrapped.ok()) << wrapped.status();
    env_.key_ring.ForgetAllOf("vaults/contoso");
    const auto unwrapped = Unwrap(wrapped->key_version(), algorithm, wrapped->ciphertext());
    ASSERT_TRUE(unwrapped.ok()) << unwrapped.status();
    EXPECT_EQ(unwrapped->plaintext(), secret);
  }
}

TEST_F(AlgorithmsTest, EverySignatureAlgorithmVerifiesWhatItSigned) {
  const std::map<v1::SignatureAlgorithm, std::string> keys = {
      {v1::SIGNATURE_ALGORITHM_RS256, rsa_},
      {v1::SIGNATURE_ALGORITHM_RS384, rsa_},
      {v1::SIGNATURE_ALGORITHM_RS512, rsa_},
      {v1::SIGNATURE_ALGORITHM_PS256, rsa_},
      {v1::SIGNATURE_ALGORITHM_PS384, rsa_},
      {v1::SIGNATURE_ALGORITHM_PS512, rsa_},
      {v1::SIGNATURE_ALGORITHM_ES256, Create("p256", v1::KEY_TYPE_EC_P256)},
      {v1::SIGNATURE_ALGORITHM_ES384, Create("p384", v1::KEY_TYPE_EC_P384)},
      {v1::SIGNATURE_ALGORITHM_ES512, Create("p521", v1::KEY_TYPE_EC_P521)}};
  for (const auto& [algorithm, key] : keys) {
    const crypto::HashAlgorithm hash = MeaningOf(algorithm)->hash;
    const std::string digest = crypto::Digest(hash, "message");
    const auto signature = Sign(key, algorithm, digest);
    ASSERT_TRUE(signature.ok()) << signature.status();
    EXPECT_TRUE(Verify(key, algorithm, digest, signature->signature())->valid());
    EXPECT_FALSE(
        Verify(key, algorithm, crypto::Digest(hash, "another"), signature->signature())->valid());
    EXPECT_FALSE(Verify(key, algorithm, digest, signature->signature() + "x")->valid());
    EXPECT_FALSE(Verify(key, algorithm, digest, "x")->valid());
    EXPECT_EQ(ErrorReason(Sign(key, algorithm, digest.substr(1)).status()), "INVALID_REQUEST");
    for (const auto& [other, other_key] : keys) {
      if (other == algorithm || MeaningOf(other)->hash != hash || other_key != key) continue;
      EXPECT_FALSE(Verify(key, other, digest, signature->signature())->valid());
    }
  }
  EXPECT_EQ(Sign(keys.at(v1::SIGNATURE_ALGORITHM_ES512), v1::SIGNATURE_ALGORITHM_ES512,
                 std::string(64, 'd'))
                ->signature()
                .size(),
            132u);
}

TEST_F(AlgorithmsTest, AlgorithmsOfAnotherKeyTypeAreNamedWithThoseThatSuit) {
  const absl::Status status = Wrap(rsa_, v1::WRAP_ALGORITHM_A256_GCM, "secret").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorReason(status), "ALGORITHM_UNSUITABLE");
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr(rsa_), HasSubstr("WRAP_ALGORITHM_RSA_OAEP_256")));
  for (v1::WrapAlgorithm algorithm : kWrapAlgorithms) {
    const std::string& other = KeyFor(algorithm) == rsa_ ? aes_ : rsa_;
    EXPECT_EQ(ErrorReason(Unwrap(other, algorithm, "x").status()), "ALGORITHM_UNSUITABLE");
  }
  const std::string p384 = Create("p384", v1::KEY_TYPE_EC_P384);
  EXPECT_EQ(ErrorReason(Sign(p384, v1::SIGNATURE_ALGORITHM_ES256, std::string(32, 'd')).status()),
            "ALGORITHM_UNSUITABLE");
  EXPECT_EQ(ErrorReason(Sign(p384, v1::SIGNATURE_ALGORITHM_RS256, std::string(32, 'd')).status()),
            "ALGORITHM_UNSUITABLE");
}

// Whatever the algorithm and the cause, the whole status is the same, to the byte.
TEST_F(AlgorithmsTest, EveryCryptographicFailureLooksAlike) {
  std::set<std::string> statuses;
  int failures = 0;
  const auto fails = [&](const absl::Status& status) {
    EXPECT_FALSE(status.ok());
    statuses.insert(ToRpcStatus(status).SerializeAsString());
    ++failures;
  };
  const std::string other_rsa = Create("other-rsa", v1::KEY_TYPE_RSA_2048);
  const std::string other_aes = Create("other-aes", v1::KEY_TYPE_OCT_256);
  for (v1::WrapAlgorithm algorithm : kWrapAlgorithms) {
    const std::string& key = KeyFor(algorithm);
    const std::string good = Wrap(key, algorithm, std::string(32, 's'))->ciphertext();
    for (size_t i : {size_t{0}, good.size() / 2, good.size() - 1}) {
      std::string flipped = good;
      flipped[i] = static_cast<char>(flipped[i] ^ 1);
      fails(Unwrap(key, algorithm, flipped).status());
    }
    fails(Unwrap(key, algorithm, good.substr(1)).status());
    fails(Unwrap(key, algorithm, good + "x").status());
    fails(Unwrap(key, algorithm, "x").status());
    fails(Unwrap(key, algorithm, std::string(good.size(), '\0')).status());
    fails(Unwrap(key, algorithm, std::string(good.size(), '\xff')).status());
    fails(Unwrap(key, algorithm, std::string(70'000, 'x')).status());
    fails(Unwrap(key == rsa_ ? other_rsa : other_aes, algorithm, good).status());
    for (v1::WrapAlgorithm other : kWrapAlgorithms) {
      if (other != algorithm && KeyFor(other) == key) fails(Unwrap(key, other, good).status());
    }
    v1::DecryptRequest decrypt;
    decrypt.set_name(key);
    decrypt.set_algorithm(key == rsa_ ? v1::ENCRYPTION_ALGORITHM_RSA_OAEP
                                      : v1::ENCRYPTION_ALGORITHM_A256_GCM);
    decrypt.set_ciphertext(good.substr(1));
    fails(env_.encryption.Decrypt(call_, decrypt).status());
    v1::RewrapKeyRequest rewrap;
    rewrap.set_name(key);
    rewrap.set_algorithm(algorithm);
    rewrap.set_ciphertext(good.substr(1));
    fails(env_.cryptography.Rewrap(call_, rewrap).status());
  }
  const auto sealed = Wrap(aes_, v1::WRAP_ALGORITHM_A256_GCM, "secret", "data");
  fails(Unwrap(aes_, v1::WRAP_ALGORITHM_A256_GCM, sealed->ciphertext()).status());
  fails(Unwrap(aes_, v1::WRAP_ALGORITHM_A256_GCM, sealed->ciphertext(), "other").status());
  EXPECT_GT(failures, 60);
  EXPECT_EQ(statuses.size(), 1u);
  EXPECT_EQ(ErrorReason(Unwrap(aes_, v1::WRAP_ALGORITHM_A256_GCM, "x").status()),
            "CIPHERTEXT_INVALID");
}

TEST_F(AlgorithmsTest, GcmAuthenticatesAssociatedDataAndMakesItsNonce) {
  const auto first = Wrap(aes_, v1::WRAP_ALGORITHM_A256_GCM, "secret", "data");
  const auto second = Wrap(aes_, v1::WRAP_ALGORITHM_A256_GCM, "secret", "data");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->ciphertext().size(), 12u + 6u + 16u);
  EXPECT_NE(first->ciphertext().substr(0, 12), second->ciphertext().substr(0, 12));
  EXPECT_EQ(Unwrap(aes_, v1::WRAP_ALGORITHM_A256_GCM, first->ciphertext(), "data")->plaintext(),
            "secret");
  for (v1::WrapAlgorithm algorithm : kWrapAlgorithms) {
    if (algorithm == v1::WRAP_ALGORITHM_A256_GCM) continue;
    const absl::Status status =
        Wrap(KeyFor(algorithm), algorithm, std::string(32, 's'), "data").status();
    EXPECT_THAT(std::string(status.message()), HasSubstr("'additional_authenticated_data'"));
  }
}

TEST_F(AlgorithmsTest, SizesThatDoNotFitAreToldWithTheLimit) {
  const auto message = [](const absl::Status& status) {
    EXPECT_EQ(ErrorReason(status), "INVALID_REQUEST");
    return std::string(status.message());
  };
  EXPECT_TRUE(Wrap(rsa_, v1::WRAP_ALGORITHM_RSA_OAEP, std::string(214, 's')).ok());
  EXPECT_THAT(message(Wrap(rsa_, v1::WRAP_ALGORITHM_RSA_OAEP, std::string(215, 's')).status()),
              HasSubstr("214"));
  EXPECT_TRUE(Wrap(aes_, v1::WRAP_ALGORITHM_A256_GCM, std::string(65536, 's')).ok());
  EXPECT_THAT(message(Wrap(aes_, v1::WRAP_ALGORITHM_A256_GCM, std::string(65537, 's')).status()),
              HasSubstr("65536"));
  EXPECT_THAT(message(Wrap(aes_, v1::WRAP_ALGORITHM_A256_KW, std::string(17, 's')).status()),
              HasSubstr("A256_KWP"));
  EXPECT_TRUE(Wrap(aes_, v1::WRAP_ALGORITHM_A256_KWP, "s").ok());
}

TEST_F(AlgorithmsTest, DamagedFieldsAreNamedAndNothingIsDone) {
  v1::WrapKeyRequest request;
  request.set_name(aes_);
  request.set_algorithm(v1::WRAP_ALGORITHM_A256_GCM);
  request.set_plaintext("secret");
  request.set_additional_authenticated_data("data");
  request.mutable_plaintext_crc32c()->set_value(integrity::Crc32c("secret"));
  request.mutable_additional_authenticated_data_crc32c()->set_value(integrity::Crc32c("data"));
  const auto wrapped = env_.cryptography.Wrap(call_, request);
  ASSERT_TRUE(wrapped.ok()) << wrapped.status();
  EXPECT_TRUE(wrapped->verified_plaintext_crc32c());
  EXPECT_TRUE(wrapped->verified_additional_authenticated_data_crc32c());
  EXPECT_EQ(wrapped->ciphertext_crc32c().value(), integrity::Crc32c(wrapped->ciphertext()));

  request.set_plaintext("secreT");
  absl::Status status = env_.cryptography.Wrap(call_, request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorReason(status), "CHECKSUM_MISMATCH");
  EXPECT_EQ(ErrorMetadata(status, "field"), "plaintext");
  request.set_additional_authenticated_data("datA");
  status = env_.cryptography.Wrap(call_, request).status();
  EXPECT_EQ(ErrorMetadata(status, "field"), "plaintext,additional_authenticated_data");

  v1::UnwrapKeyRequest unwrap;
  unwrap.set_name(aes_);
  unwrap.set_algorithm(v1::WRAP_ALGORITHM_A256_GCM);
  unwrap.set_ciphertext(wrapped->ciphertext());
  unwrap.set_additional_authenticated_data("data");
  unwrap.mutable_ciphertext_crc32c()->set_value(wrapped->ciphertext_crc32c().value());
  const auto unwrapped = env_.cryptography.Unwrap(call_, unwrap);
  ASSERT_TRUE(unwrapped.ok()) << unwrapped.status();
  EXPECT_TRUE(unwrapped->verified_ciphertext_crc32c());
  EXPECT_EQ(unwrapped->plaintext_crc32c().value(), integrity::Crc32c("secret"));
  unwrap.mutable_ciphertext_crc32c()->set_value(0);
  EXPECT_EQ(ErrorMetadata(env_.cryptography.Unwrap(call_, unwrap).status(), "field"), "ciphertext");

  v1::VerifyRequest verify;
  verify.set_name(rsa_);
  verify.set_algorithm(v1::SIGNATURE_ALGORITHM_RS256);
  verify.set_digest(std::string(32, 'd'));
  verify.set_signature("s");
  verify.mutable_digest_crc32c()->set_value(-1);
  verify.mutable_signature_crc32c()->set_value(integrity::Crc32c("s"));
  EXPECT_EQ(ErrorMetadata(env_.signatures.Verify(call_, verify).status(), "field"), "digest");
}

TEST_F(AlgorithmsTest, AKeySealsNoMoreMessagesThanIsSafe) {
  const KeyVersionName version = *KeyVersionName::Parse(aes_);
  ASSERT_TRUE(Wrap(aes_, v1::WRAP_ALGORITHM_A256_GCM, "secret").ok());
  const auto reserve = [&](int64_t messages) {
    bool reserved = false;
    env_.Write([&](storage::Transaction& tx) -> absl::Status {
      const auto result = MessageCountStore(tx).Reserve(version, messages, MessageLimit::kLimit);
      if (result.ok()) reserved = *result;
      return result.status();
    });
    return reserved;
  };
  // All but one portion beside the one that this process has.
  ASSERT_TRUE(reserve(MessageLimit::kLimit - 2 * MessageLimit::kReserve));
  EXPECT_FALSE(reserve(MessageLimit::kReserve + 1));
  for (int64_t i = 1; i < 2 * MessageLimit::kReserve; ++i) {
    ASSERT_TRUE(Wrap(aes_, v1::WRAP_ALGORITHM_A256_GCM, "secret").ok()) << i;
  }
  const absl::Status status = Wrap(aes_, v1::WRAP_ALGORITHM_A256_GCM, "secret").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ErrorReason(status), "MESSAGE_LIMIT_REACHED");
  EXPECT_TRUE(Wrap(aes_, v1::WRAP_ALGORITHM_A256_KWP, "secret").ok()) << "it has no nonce";
  v1::RotateKeyRequest rotate;
  rotate.set_name("vaults/contoso/keys/aes");
  ASSERT_TRUE(env_.keys.Rotate(call_, rotate).ok());
  EXPECT_TRUE(Wrap("vaults/contoso/keys/aes", v1::WRAP_ALGORITHM_A256_GCM, "secret").ok());
}

TEST_F(AlgorithmsTest, RandomBytesComeFromALiveVaultOnly) {
  v1::GenerateRandomBytesRequest request;
  request.set_vault("vaults/contoso");
  request.set_length_bytes(1024);
  const auto first = env_.random.Generate(call_, request);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->data().size(), 1024u);
  EXPECT_EQ(first->data_crc32c().value(), integrity::Crc32c(first->data()));
  EXPECT_NE(env_.random.Generate(call_, request)->data(), first->data());
  for (int size : {-1, 0, 1025}) {
    request.set_length_bytes(size);
    EXPECT_EQ(ErrorReason(env_.random.Generate(call_, request).status()), "INVALID_REQUEST");
  }
  request.set_length_bytes(1);
  v1::DeleteVaultRequest delete_vault;
  delete_vault.set_name("vaults/contoso");
  ASSERT_TRUE(env_.vaults.Delete(call_, delete_vault).ok());
  EXPECT_EQ(ErrorReason(env_.random.Generate(call_, request).status()), "VAULT_DELETED");
}

}  // namespace
}  // namespace keyward::key_vault
