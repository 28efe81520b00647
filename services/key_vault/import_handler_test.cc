#include "services/key_vault/import_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/crypto/ecdsa.h"
#include "common/crypto/hash.h"
#include "common/encoding/hex.h"
#include "common/status/error.h"
#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::VaultEnv;

class ImportHandlerTest : public ::testing::Test {
 protected:
  ImportHandlerTest() { env_.CreateVault("contoso"); }

  static v1::ImportKeyRequest Request(const std::string& id) {
    v1::ImportKeyRequest request;
    request.set_parent("vaults/contoso");
    request.set_key_id(id);
    return request;
  }

  static v1::ImportKeyRequest Private(const std::string& id, const crypto::EcPrivateKey& key) {
    v1::ImportKeyRequest request = Request(id);
    request.set_pkcs8(std::string(key.ToPkcs8().ExposeSecret()));
    return request;
  }

  static v1::ImportKeyRequest Public(const std::string& id, const crypto::EcPublicKey& key) {
    v1::ImportKeyRequest request = Request(id);
    request.set_public_key(key.ToSpkiPem());
    return request;
  }

  static v1::ImportKeyRequest Oct(const std::string& id, const std::string& more = "") {
    v1::ImportKeyRequest request = Request(id);
    request.set_jwk(absl::StrCat(
        R"({"kty":"oct","k":"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA")", more, "}"));
    return request;
  }

  absl::StatusOr<v1::Key> Import(const v1::ImportKeyRequest& request) {
    return env_.imports.Import(call_, request);
  }

  absl::StatusOr<v1::VerifyResponse> Verify(const std::string& name, const std::string& signature) {
    v1::VerifyRequest request;
    request.set_name(name);
    request.set_algorithm(v1::SIGNATURE_ALGORITHM_ES256);
    request.set_digest(crypto::Sha256("message"));
    request.set_signature(signature);
    return env_.signatures.Verify(call_, request);
  }

  VaultEnv env_;
  const server::CallContext call_ = VaultEnv::Call();
  const crypto::EcPrivateKey ec_ = crypto::EcPrivateKey::Generate(crypto::EcCurve::kP256);
};

TEST_F(ImportHandlerTest, ImportedKeyIsAKeyLikeAnyOther) {
  const auto imported = Import(Private("signer", ec_));
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(imported->key_type(), v1::KEY_TYPE_EC_P256);
  const v1::KeyVersion& version = imported->newest_version();
  EXPECT_EQ(version.public_key_pem(), ec_.public_key().ToSpkiPem());
  EXPECT_THAT(version.key_ops(), ElementsAre("sign", "verify"));
  EXPECT_FALSE(version.public_only());
  EXPECT_EQ(env_.EventNames().back(),
            absl::StrCat("Microsoft.KeyVault.KeyNewVersionCreated ", version.name()));
  EXPECT_EQ(call_.Notes().at("key_version"), version.name());
  v1::SignRequest sign;
  sign.set_name(imported->name());
  sign.set_algorithm(v1::SIGNATURE_ALGORITHM_ES256);
  sign.set_digest(crypto::Sha256("message"));
  const auto signature = env_.signatures.Sign(call_, sign);
  ASSERT_TRUE(signature.ok()) << signature.status();
  EXPECT_TRUE(ec_.public_key().Verify(crypto::Sha256("message"), signature->signature()).ok());
}

TEST_F(ImportHandlerTest, ImportingOntoAKeyMakesItsNewestVersion) {
  v1::ImportKeyRequest first = Private("signer", ec_);
  first.mutable_version()->add_key_ops("sign");
  const v1::Key before = *Import(first);
  const auto other = crypto::EcPrivateKey::Generate(crypto::EcCurve::kP256);
  const auto after = Import(Private("signer", other));
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_NE(after->newest_version().name(), before.newest_version().name());
  EXPECT_EQ(after->newest_version().public_key_pem(), other.public_key().ToSpkiPem());
  EXPECT_THAT(after->newest_version().key_ops(), ElementsAre("sign")) << "no more than it had";
  v1::ListKeyVersionsRequest list;
  list.set_parent(before.name());
  EXPECT_EQ(env_.versions.List(call_, list)->versions_size(), 2);
}

TEST_F(ImportHandlerTest, NewVersionIsOfTheKindOfTheKey) {
  ASSERT_TRUE(Import(Private("signer", ec_)).ok());
  const auto p384 = crypto::EcPrivateKey::Generate(crypto::EcCurve::kP384);
  for (const v1::ImportKeyRequest& request :
       {Private("signer", p384), Oct("signer"), Public("signer", ec_.public_key())}) {
    const absl::Status status = Import(request).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(ErrorReason(status), "KEY_TYPE_MISMATCH");
  }
  ASSERT_TRUE(Import(Public("partner", ec_.public_key())).ok());
  EXPECT_EQ(ErrorReason(Import(Private("partner", ec_)).status()), "KEY_TYPE_MISMATCH");
}

TEST_F(ImportHandlerTest, PublicKeyAloneVerifiesAndNothingElse) {
  const auto partner = Import(Public("partner", ec_.public_key()));
  ASSERT_TRUE(partner.ok()) << partner.status();
  const std::string version = partner->newest_version().name();
  EXPECT_TRUE(partner->newest_version().public_only());
  EXPECT_THAT(partner->newest_version().key_ops(), ElementsAre("verify"));
  env_.key_ring.ForgetAllOf("vaults/contoso");
  EXPECT_TRUE(Verify(version, *ec_.Sign(crypto::Sha256("message")))->valid());
  EXPECT_FALSE(Verify(version, *ec_.Sign(crypto::Sha256("another")))->valid());

  v1::UpdateKeyVersionRequest update;
  update.mutable_key_version()->set_name(version);
  update.mutable_key_version()->add_key_ops("sign");
  update.mutable_update_mask()->add_paths("key_ops");
  EXPECT_EQ(ErrorReason(env_.versions.Update(call_, update).status()), "INVALID_REQUEST");
  v1::RotateKeyRequest rotate;
  rotate.set_name(partner->name());
  EXPECT_EQ(ErrorReason(env_.keys.Rotate(call_, rotate).status()), "PUBLIC_KEY_ONLY");
  v1::ImportKeyRequest with_sign = Public("other", ec_.public_key());
  with_sign.mutable_version()->add_key_ops("sign");
  EXPECT_EQ(ErrorReason(Import(with_sign).status()), "INVALID_REQUEST");
}

TEST_F(ImportHandlerTest, KeyOpsOfTheJwkHoldUnlessTheRequestHasSome) {
  const auto restricted = Import(Oct("a", R"(,"key_ops":["encrypt","wrapKey"])"));
  ASSERT_TRUE(restricted.ok()) << restricted.status();
  EXPECT_EQ(restricted->key_type(), v1::KEY_TYPE_OCT_256);
  EXPECT_THAT(restricted->newest_version().public_key_pem(), IsEmpty());
  EXPECT_THAT(restricted->newest_version().key_ops(), ElementsAre("encrypt", "wrapKey"));
  v1::ImportKeyRequest request = Oct("b", R"(,"key_ops":["encrypt"])");
  request.mutable_version()->add_key_ops("decrypt");
  EXPECT_THAT(Import(request)->newest_version().key_ops(), ElementsAre("decrypt"));
  const absl::Status status = Import(Oct("c", R"(,"key_ops":["sign"])")).status();
  EXPECT_EQ(ErrorReason(status), "INVALID_REQUEST");
  EXPECT_THAT(std::string(status.message()), HasSubstr("'jwk.key_ops[0]'"));
}

TEST_F(ImportHandlerTest, WhatIsNoKeyIsRefusedAndNotRepeated) {
  v1::ImportKeyRequest request = Request("k");
  EXPECT_EQ(ErrorReason(Import(request).status()), "KEY_MATERIAL_INVALID");
  request.set_jwk(R"({"kty":"oct","k":"c2VjcmV0c2VjcmV0"})");
  const absl::Status status = Import(request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorReason(status), "KEY_MATERIAL_INVALID");
  EXPECT_THAT(status.ToString(), HasSubstr("32 bytes"));
  EXPECT_THAT(status.ToString(), Not(HasSubstr("c2VjcmV0c2VjcmV0")));
  const std::string pkcs8(ec_.ToPkcs8().ExposeSecret());
  request.set_pkcs8(pkcs8.substr(1));
  EXPECT_EQ(ErrorReason(Import(request).status()), "KEY_MATERIAL_INVALID");
  request.set_public_key(pkcs8);
  EXPECT_EQ(ErrorReason(Import(request).status()), "KEY_MATERIAL_INVALID");
  EXPECT_EQ(ErrorReason(Import(Private("no_such", ec_)).status()), "INVALID_REQUEST");
}

TEST_F(ImportHandlerTest, DeletedKeysAndVaultsTakeNothing) {
  const v1::Key key = *Import(Private("Signer", ec_));
  EXPECT_EQ(ErrorReason(Import(Private("signer", ec_)).status()), "KEY_EXISTS") << "another case";
  v1::DeleteKeyRequest delete_key;
  delete_key.set_name(key.name());
  ASSERT_TRUE(env_.keys.Delete(call_, delete_key).ok());
  EXPECT_EQ(ErrorReason(Import(Private("Signer", ec_)).status()), "KEY_DELETED_BUT_RECOVERABLE");
  v1::DeleteVaultRequest delete_vault;
  delete_vault.set_name("vaults/contoso");
  ASSERT_TRUE(env_.vaults.Delete(call_, delete_vault).ok());
  EXPECT_EQ(ErrorReason(Import(Private("other", ec_)).status()), "VAULT_DELETED");
}

// Neither the key nor any encoding of it lies in the database, with its events and first answers.
TEST_F(ImportHandlerTest, NothingOfTheKeyIsStoredInTheClear) {
  v1::ImportKeyRequest request = Oct("k");
  request.set_request_id("6b1f2d3c-0f6e-4d53-8a1e-2f0c7b9d4e5a");
  const auto first = Import(request);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(Import(request)->SerializeAsString(), first->SerializeAsString());
  const std::string key =
      *HexToBytes("0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20");
  env_.Read([&](storage::Transaction& tx) -> absl::Status {
    for (const char* sql :
         {"SELECT sealed_private_key FROM key_versions", "SELECT response FROM request_ids"}) {
      const auto row = tx.QueryOne(sql);
      if (!row.ok()) return row.status();
      EXPECT_THAT((*row)->GetBlob(0), Not(HasSubstr(key.substr(0, 8))));
      EXPECT_THAT((*row)->GetBlob(0), Not(HasSubstr("AQIDBAUGBwgJCgsMDQ4P")));
    }
    return absl::OkStatus();
  });
  for (const auto& [name, value] : call_.Notes()) EXPECT_EQ(name, "key_version") << value;
}

}  // namespace
}  // namespace keyward::key_vault
