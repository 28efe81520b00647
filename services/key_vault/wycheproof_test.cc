// The vectors of Wycheproof through the RPCs of a real key vault: each key is imported, each vector
// is a call over mutual TLS.

#include "common/crypto/wycheproof.h"

#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/hash.h"
#include "common/status/error.h"
#include "keyward/keyvault/v1/cryptography.grpc.pb.h"
#include "keyward/keyvault/v1/keys.grpc.pb.h"
#include "keyward/keyvault/v1/vaults.grpc.pb.h"
#include "services/key_vault/testing/vault_server.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using crypto::HashAlgorithm;
using crypto::LoadWycheproof;
using crypto::WycheproofVector;
using testing::VaultServer;
using Cryptography = v1::CryptographyService::Stub;
using Keys = v1::KeyService::Stub;

constexpr char kAlice[] = "spiffe://keyward.local/operator/alice";

// One server for all tests: they share nothing but it.
class Vault {
 public:
  Vault()
      : channel_((Prepare(), server_.AsOperator("alice"))),
        keys_(channel_),
        cryptography_(channel_) {
    v1::VaultService::Stub vaults(channel_);
    v1::CreateVaultRequest request;
    request.set_vault_id("contoso");
    request.mutable_vault()->set_subscription("subscriptions/main");
    request.mutable_vault()->set_region("westeurope");
    request.mutable_vault()->add_access_policy()->set_principal(kAlice);
    request.mutable_vault()->mutable_access_policy(0)->add_key_permissions("all");
    const auto created = VaultServer::Call(vaults, &v1::VaultService::Stub::CreateVault, request);
    EXPECT_TRUE(created.ok()) << created.status();
  }

  static v1::ImportKeyRequest NewKey() {
    static int count = 0;
    v1::ImportKeyRequest request;
    request.set_parent("vaults/contoso");
    request.set_key_id(absl::StrCat("key-", ++count));
    return request;
  }

  absl::StatusOr<v1::Key> Import(const v1::ImportKeyRequest& request) {
    return VaultServer::Call(keys_, &Keys::ImportKey, request);
  }

  // The name of the key; imported once however many vectors use it.
  std::string Imported(const std::string& material, const v1::ImportKeyRequest& request) {
    const auto known = imported_.find(material);
    if (known != imported_.end()) return known->second;
    const auto key = Import(request);
    EXPECT_TRUE(key.ok()) << key.status();
    return imported_[material] = key.ok() ? key->name() : "";
  }

  Cryptography& cryptography() { return cryptography_; }

 private:
  void Prepare() {
    testing::IdentityFeed& identities = server_.identities();
    identities.SetSubscription("subscriptions/main", "tenants/test");
    identities.Await(identities.Grant(kAlice, identity::v1::ROLE_ADMINISTRATOR, "/"));
  }

  VaultServer server_;
  std::shared_ptr<grpc::Channel> channel_;
  Keys keys_;
  Cryptography cryptography_;
  std::map<std::string, std::string> imported_;
};

class WycheproofTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { vault_ = new Vault(); }
  static void TearDownTestSuite() {
    delete vault_;
    vault_ = nullptr;
    std::cout << "Wycheproof through the RPCs in all: " << all_ << " vectors\n";
  }

  void TearDown() override {
    std::cout << "  through the RPCs: " << checked_ << " vectors\n";
    for (const auto& [reason, count] : skipped_) {
      std::cout << "  not offered by the API, " << reason << ": " << count << "\n";
    }
    all_ += checked_;
  }

  void Skip(const std::string& reason) { ++skipped_[reason]; }
  void Checked() { ++checked_; }

  // What a vector's verdict says must come of it. "Acceptable" is what Keyward refuses, unless the
  // caller knows better.
  template <typename Response>
  void ExpectDecrypted(const WycheproofVector& vector, const absl::StatusOr<Response>& answer,
                       bool may_be_taken = false) {
    Checked();
    if (!answer.ok()) {
      EXPECT_FALSE(vector.IsValid()) << vector.Name() << answer.status();
      EXPECT_EQ(ErrorReason(answer.status()), "CIPHERTEXT_INVALID") << vector.Name();
      return;
    }
    EXPECT_TRUE(vector.IsValid() || (may_be_taken && !vector.IsInvalid())) << vector.Name();
    EXPECT_EQ(answer->plaintext(), vector.Bytes("msg")) << vector.Name();
  }

  static absl::StatusOr<v1::DecryptResponse> Decrypt(const std::string& key,
                                                     v1::EncryptionAlgorithm algorithm,
                                                     const std::string& ciphertext,
                                                     const std::string& data = "") {
    v1::DecryptRequest request;
    request.set_name(key);
    request.set_algorithm(algorithm);
    request.set_ciphertext(ciphertext);
    request.set_additional_authenticated_data(data);
    return VaultServer::Call(vault_->cryptography(), &Cryptography::Decrypt, request);
  }

  void CheckOaep(const std::string& file, v1::EncryptionAlgorithm algorithm);
  void CheckKeyWrap(const std::string& file, v1::WrapAlgorithm algorithm);
  void CheckSignatures(const std::string& file, v1::SignatureAlgorithm algorithm,
                       HashAlgorithm hash);

  static std::string ImportOct(const WycheproofVector& vector) {
    v1::ImportKeyRequest request = Vault::NewKey();
    std::string k = absl::WebSafeBase64Escape(vector.Bytes("key"));
    k.erase(k.find_last_not_of('=') + 1);
    request.set_jwk(absl::StrCat(R"({"kty":"oct","k":")", k, R"("})"));
    return vault_->Imported(vector.Bytes("key"), request);
  }

  static Vault* vault_;
  static int all_;
  int checked_ = 0;
  std::map<std::string, int> skipped_;
};

Vault* WycheproofTest::vault_ = nullptr;
int WycheproofTest::all_ = 0;

void WycheproofTest::CheckOaep(const std::string& file, v1::EncryptionAlgorithm algorithm) {
  for (const WycheproofVector& vector : LoadWycheproof(file)) {
    if (!vector.Bytes("label").empty()) {
      Skip("a label");
      continue;
    }
    v1::ImportKeyRequest request = Vault::NewKey();
    request.set_pkcs8(vector.Bytes("privateKeyPkcs8"));
    const std::string key = vault_->Imported(request.pkcs8(), request);
    if (vector.Bytes("ct").empty()) {
      Checked();
      EXPECT_FALSE(vector.IsValid());
      EXPECT_EQ(ErrorReason(Decrypt(key, algorithm, "").status()), "INVALID_REQUEST");
      continue;
    }
    ExpectDecrypted(vector, Decrypt(key, algorithm, vector.Bytes("ct")));
  }
}

TEST_F(WycheproofTest, RsaOaep256) {
  for (const char* bits : {"2048", "3072", "4096"}) {
    CheckOaep(absl::StrCat("rsa_oaep_", bits, "_sha256_mgf1sha256_test.json"),
              v1::ENCRYPTION_ALGORITHM_RSA_OAEP_256);
  }
  EXPECT_EQ(checked_, 81);
}

TEST_F(WycheproofTest, RsaOaep) {
  CheckOaep("rsa_oaep_2048_sha1_mgf1sha1_test.json", v1::ENCRYPTION_ALGORITHM_RSA_OAEP);
  EXPECT_EQ(checked_, 27);
}

TEST_F(WycheproofTest, AesGcm) {
  for (const WycheproofVector& vector : LoadWycheproof("aes_gcm_test.json")) {
    if (vector.Number("keySize") != 256) {
      Skip("a key of another size than 256 bits");
    } else if (vector.Number("ivSize") != 96) {
      Skip("a nonce of another size than 96 bits");
    } else if (vector.Number("tagSize") != 128) {
      Skip("a tag of another size than 128 bits");
    } else {
      ExpectDecrypted(vector, Decrypt(ImportOct(vector), v1::ENCRYPTION_ALGORITHM_A256_GCM,
                                      vector.Bytes("iv") + vector.Bytes("ct") + vector.Bytes("tag"),
                                      vector.Bytes("aad")));
    }
  }
  EXPECT_EQ(checked_, 48);
}

void WycheproofTest::CheckKeyWrap(const std::string& file, v1::WrapAlgorithm algorithm) {
  for (const WycheproofVector& vector : LoadWycheproof(file)) {
    if (vector.Number("keySize") != 256) {
      Skip("a key of another size than 256 bits");
      continue;
    }
    const std::string key = ImportOct(vector);
    v1::UnwrapKeyRequest unwrap;
    unwrap.set_name(key);
    unwrap.set_algorithm(algorithm);
    unwrap.set_ciphertext(vector.Bytes("ct"));
    const auto unwrapped =
        VaultServer::Call(vault_->cryptography(), &Cryptography::UnwrapKey, unwrap);
    if (unwrap.ciphertext().empty()) {
      Checked();
      EXPECT_FALSE(vector.IsValid());
      EXPECT_EQ(ErrorReason(unwrapped.status()), "INVALID_REQUEST");
      continue;
    }
    ExpectDecrypted(vector, unwrapped, /*may_be_taken=*/true);
    if (!unwrapped.ok()) continue;
    v1::WrapKeyRequest wrap;
    wrap.set_name(key);
    wrap.set_algorithm(algorithm);
    wrap.set_plaintext(vector.Bytes("msg"));
    const auto wrapped = VaultServer::Call(vault_->cryptography(), &Cryptography::WrapKey, wrap);
    ASSERT_TRUE(wrapped.ok()) << vector.Name() << wrapped.status();
    EXPECT_EQ(wrapped->ciphertext(), vector.Bytes("ct")) << vector.Name();
  }
}

TEST_F(WycheproofTest, AesKw) {
  CheckKeyWrap("kw_test.json", v1::WRAP_ALGORITHM_A256_KW);
  EXPECT_EQ(checked_, 67);
}

TEST_F(WycheproofTest, AesKwp) {
  CheckKeyWrap("kwp_test.json", v1::WRAP_ALGORITHM_A256_KWP);
  EXPECT_EQ(checked_, 94);
}

void WycheproofTest::CheckSignatures(const std::string& file, v1::SignatureAlgorithm algorithm,
                                     HashAlgorithm hash) {
  for (const WycheproofVector& vector : LoadWycheproof(file)) {
    v1::ImportKeyRequest request = Vault::NewKey();
    request.set_public_key(vector.Bytes("keyDer"));
    if (vector.HasMember("e") && vector.Bytes("e") == "\x03") {
      Skip("an exponent below 65537, which ImportKey refuses");
      EXPECT_EQ(ErrorReason(vault_->Import(request).status()), "KEY_MATERIAL_INVALID");
      continue;
    }
    v1::VerifyRequest verify;
    verify.set_name(vault_->Imported(request.public_key(), request));
    verify.set_algorithm(algorithm);
    verify.set_digest(crypto::Digest(hash, vector.Bytes("msg")));
    verify.set_signature(vector.Bytes("sig"));
    const auto answer = VaultServer::Call(vault_->cryptography(), &Cryptography::Verify, verify);
    Checked();
    if (verify.signature().empty()) {
      EXPECT_EQ(ErrorReason(answer.status()), "INVALID_REQUEST");
      EXPECT_FALSE(vector.IsValid());
      continue;
    }
    ASSERT_TRUE(answer.ok()) << vector.Name() << answer.status();
    // What is "acceptable" (a missing NULL in DigestInfo, another length) is not accepted.
    EXPECT_EQ(answer->valid(), vector.IsValid()) << vector.Name();
  }
}

TEST_F(WycheproofTest, Ecdsa) {
  CheckSignatures("ecdsa_secp256r1_sha256_p1363_test.json", v1::SIGNATURE_ALGORITHM_ES256,
                  HashAlgorithm::kSha256);
  CheckSignatures("ecdsa_secp384r1_sha384_p1363_test.json", v1::SIGNATURE_ALGORITHM_ES384,
                  HashAlgorithm::kSha384);
  CheckSignatures("ecdsa_secp521r1_sha512_p1363_test.json", v1::SIGNATURE_ALGORITHM_ES512,
                  HashAlgorithm::kSha512);
  for (const char* file : {"ecdsa_secp256r1_sha256_test.json", "ecdsa_secp384r1_sha384_test.json",
                           "ecdsa_secp521r1_sha512_test.json"}) {
    skipped_["a signature in DER"] += static_cast<int>(LoadWycheproof(file).size());
  }
  EXPECT_EQ(checked_, 735);
}

TEST_F(WycheproofTest, RsaPss) {
  for (const char* bits : {"2048", "3072", "4096"}) {
    CheckSignatures(absl::StrCat("rsa_pss_", bits, "_sha256_mgf1_32_test.json"),
                    v1::SIGNATURE_ALGORITHM_PS256, HashAlgorithm::kSha256);
  }
  for (const char* file :
       {"rsa_pss_2048_sha256_mgf1_0_test.json", "rsa_pss_4096_sha512_mgf1_32_test.json"}) {
    skipped_["a salt of another size than the digest"] +=
        static_cast<int>(LoadWycheproof(file).size());
  }
  EXPECT_EQ(checked_, 309);
}

TEST_F(WycheproofTest, RsaPkcs1) {
  CheckSignatures("rsa_signature_2048_sha256_test.json", v1::SIGNATURE_ALGORITHM_RS256,
                  HashAlgorithm::kSha256);
  CheckSignatures("rsa_signature_3072_sha256_test.json", v1::SIGNATURE_ALGORITHM_RS256,
                  HashAlgorithm::kSha256);
  for (const char* bits : {"2048", "3072", "4096"}) {
    CheckSignatures(absl::StrCat("rsa_signature_", bits, "_sha384_test.json"),
                    v1::SIGNATURE_ALGORITHM_RS384, HashAlgorithm::kSha384);
    CheckSignatures(absl::StrCat("rsa_signature_", bits, "_sha512_test.json"),
                    v1::SIGNATURE_ALGORITHM_RS512, HashAlgorithm::kSha512);
  }
  EXPECT_EQ(checked_, 1923);
}

}  // namespace
}  // namespace keyward::key_vault
