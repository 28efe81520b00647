#include "services/key_vault/keys_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/crypto/ecdsa.h"
#include "common/crypto/rsa.h"
#include "common/status/error.h"
#include "services/key_vault/names.h"
#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::VaultEnv;

class KeysHandlerTest : public ::testing::Test {
 protected:
  KeysHandlerTest() { env_.CreateVault("contoso"); }

  static v1::CreateKeyRequest NewKey(const std::string& id) {
    v1::CreateKeyRequest request;
    request.set_parent("vaults/contoso");
    request.set_key_id(id);
    request.mutable_key()->set_key_type(v1::KEY_TYPE_EC_P256);
    return request;
  }

  absl::StatusOr<v1::Key> Create(const v1::CreateKeyRequest& request) {
    return env_.keys.Create(call_, request);
  }

  absl::StatusOr<v1::Key> Get(const std::string& name) {
    v1::GetKeyRequest request;
    request.set_name(name);
    return env_.keys.Get(call_, request);
  }

  absl::StatusOr<v1::Key> Rotate(const std::string& name) {
    v1::RotateKeyRequest request;
    request.set_name(name);
    return env_.keys.Rotate(call_, request);
  }

  absl::StatusOr<v1::DeleteKeyResponse> Delete(const std::string& name,
                                               bool validate_only = false) {
    v1::DeleteKeyRequest request;
    request.set_name(name);
    request.set_validate_only(validate_only);
    return env_.keys.Delete(call_, request);
  }

  absl::StatusOr<v1::Key> Recover(const std::string& name) {
    v1::RecoverKeyRequest request;
    request.set_name(name);
    return env_.keys.Recover(call_, request);
  }

  void DeleteVault() {
    v1::DeleteVaultRequest request;
    request.set_name("vaults/contoso");
    ASSERT_TRUE(env_.vaults.Delete(call_, request).ok());
  }

  VaultEnv env_;
  const server::CallContext call_ = VaultEnv::Call();
};

TEST_F(KeysHandlerTest, CreatedKeyIsFoundAsItWasCreated) {
  v1::CreateKeyRequest request = NewKey("signer");
  request.mutable_version()->add_key_ops("sign");
  request.mutable_version()->mutable_not_before()->set_seconds(1'800'000'000);
  request.mutable_version()->mutable_expire_time()->set_seconds(1'900'000'000);
  (*request.mutable_version()->mutable_tags())["use"] = "receipts";
  const absl::StatusOr<v1::Key> created = Create(request);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->name(), "vaults/contoso/keys/signer");
  EXPECT_EQ(created->recovery_level(), "Recoverable+Purgeable");
  const v1::KeyVersion& version = created->newest_version();
  EXPECT_TRUE(KeyVersionName::Parse(version.name()).ok());
  EXPECT_TRUE(version.enabled());
  EXPECT_THAT(version.key_ops(), ElementsAre("sign"));
  EXPECT_EQ(version.not_before().seconds(), 1'800'000'000);
  EXPECT_EQ(version.expire_time().seconds(), 1'900'000'000);
  EXPECT_EQ(version.tags().at("use"), "receipts");
  EXPECT_EQ(Get("vaults/contoso/keys/signer")->SerializeAsString(), created->SerializeAsString());
  EXPECT_EQ(call_.Notes().at("key_version"), version.name());
  EXPECT_EQ(env_.EventNames().back(),
            absl::StrCat("Microsoft.KeyVault.KeyNewVersionCreated ", version.name()));
}

TEST_F(KeysHandlerTest, EveryTypeIsMadeWithItsPublicKeyAndOperations) {
  const auto create = [&](const std::string& id, v1::KeyType type) {
    return env_.CreateKey("contoso", id, type).newest_version();
  };
  for (const auto& [type, bits] : {std::pair{v1::KEY_TYPE_RSA_2048, 2048},
                                   {v1::KEY_TYPE_RSA_3072, 3072},
                                   {v1::KEY_TYPE_RSA_4096, 4096}}) {
    const v1::KeyVersion version = create(absl::StrCat("rsa-", bits), type);
    const auto key = crypto::RsaPublicKey::FromSpkiPem(version.public_key_pem());
    ASSERT_TRUE(key.ok()) << key.status();
    EXPECT_EQ(key->bits(), bits);
    EXPECT_THAT(version.key_ops(),
                ElementsAre("encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"));
  }
  for (const auto& [type, curve] : {std::pair{v1::KEY_TYPE_EC_P256, crypto::EcCurve::kP256},
                                    {v1::KEY_TYPE_EC_P384, crypto::EcCurve::kP384},
                                    {v1::KEY_TYPE_EC_P521, crypto::EcCurve::kP521}}) {
    const v1::KeyVersion version = create(absl::StrCat("ec-", static_cast<int>(curve)), type);
    const auto key = crypto::EcPublicKey::FromSpkiPem(version.public_key_pem());
    ASSERT_TRUE(key.ok()) << key.status();
    EXPECT_EQ(key->curve(), curve);
    EXPECT_THAT(version.key_ops(), ElementsAre("sign", "verify"));
  }
}

TEST_F(KeysHandlerTest, EveryWrongFieldIsNamedAtOnce) {
  v1::CreateKeyRequest request = NewKey("no_such_name");
  request.mutable_version()->add_key_ops("wrapKey");
  request.mutable_version()->mutable_not_before()->set_seconds(2'000'000'000);
  request.mutable_version()->mutable_expire_time()->set_seconds(1'900'000'000);
  const absl::Status status = Create(request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("'key_id'"), HasSubstr("'version.key_ops[0]'"),
                    HasSubstr("'version.expire_time'")));
  request.mutable_key()->clear_key_type();
  EXPECT_THAT(std::string(Create(request).status().message()), HasSubstr("'key.key_type'"));
}

TEST_F(KeysHandlerTest, NamesAreUniqueWithinTheVaultWhateverTheCase) {
  ASSERT_TRUE(Create(NewKey("Signer")).ok());
  EXPECT_EQ(ErrorReason(Create(NewKey("signer")).status()), "KEY_EXISTS");
  env_.CreateVault("fabrikam");
  v1::CreateKeyRequest request = NewKey("signer");
  request.set_parent("vaults/fabrikam");
  EXPECT_TRUE(Create(request).ok());
}

TEST_F(KeysHandlerTest, TheSameRequestIdCreatesOnce) {
  v1::CreateKeyRequest request = NewKey("signer");
  request.set_request_id("6b1f2d3c-0f6e-4d53-8a1e-2f0c7b9d4e5a");
  const absl::StatusOr<v1::Key> first = Create(request);
  const absl::StatusOr<v1::Key> second = Create(request);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->SerializeAsString(), first->SerializeAsString());
}

TEST_F(KeysHandlerTest, RotationSentAgainGivesTheFirstAnswerWhateverBecameOfTheKey) {
  const std::string name = Create(NewKey("signer"))->name();
  v1::RotateKeyRequest request;
  request.set_name(name);
  request.set_request_id("6b1f2d3c-0f6e-4d53-8a1e-2f0c7b9d4e5a");
  const absl::StatusOr<v1::Key> first = env_.keys.Rotate(call_, request);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(Delete(name).ok());
  const absl::StatusOr<v1::Key> again = env_.keys.Rotate(call_, request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->newest_version().name(), first->newest_version().name());
  request.set_request_id("6b1f2d3c-0f6e-4d53-8a1e-2f0c7b9d4e5b");
  EXPECT_EQ(ErrorReason(env_.keys.Rotate(call_, request).status()), "KEY_DELETED");
}

TEST_F(KeysHandlerTest, RotatingMakesANewestVersionWithTheSameOperations) {
  v1::CreateKeyRequest request = NewKey("signer");
  request.mutable_version()->add_key_ops("sign");
  const v1::Key created = *Create(request);
  const absl::StatusOr<v1::Key> rotated = Rotate("vaults/contoso/keys/signer");
  ASSERT_TRUE(rotated.ok()) << rotated.status();
  EXPECT_NE(rotated->newest_version().name(), created.newest_version().name());
  EXPECT_NE(rotated->newest_version().public_key_pem(), created.newest_version().public_key_pem());
  EXPECT_THAT(rotated->newest_version().key_ops(), ElementsAre("sign"));
  EXPECT_EQ(env_.EventNames().back(), absl::StrCat("Microsoft.KeyVault.KeyNewVersionCreated ",
                                                   rotated->newest_version().name()));
}

TEST_F(KeysHandlerTest, RotatingEnablesNothingThatWasDisabled) {
  Create(NewKey("signer")).IgnoreError();
  v1::DisableKeyRequest disable;
  disable.set_name("vaults/contoso/keys/signer");
  ASSERT_TRUE(env_.versions.Disable(call_, disable).ok());
  const absl::StatusOr<v1::Key> rotated = Rotate("vaults/contoso/keys/signer");
  ASSERT_TRUE(rotated.ok()) << rotated.status();
  EXPECT_FALSE(rotated->newest_version().enabled());
}

TEST_F(KeysHandlerTest, ListsInPages) {
  for (const char* id : {"charlie", "alpha", "bravo"}) env_.CreateKey("contoso", id);
  ASSERT_TRUE(Delete("vaults/contoso/keys/bravo").ok());
  v1::ListKeysRequest request;
  request.set_parent("vaults/contoso");
  request.set_page_size(1);
  std::vector<std::string> names;
  do {
    const absl::StatusOr<v1::ListKeysResponse> page = env_.keys.List(call_, request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::Key& key : page->keys()) names.push_back(key.name());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(names, ElementsAre("vaults/contoso/keys/alpha", "vaults/contoso/keys/charlie"));
  request.set_show_deleted(true);
  request.set_page_size(5);
  EXPECT_EQ(env_.keys.List(call_, request)->keys_size(), 3);
}

TEST_F(KeysHandlerTest, DeletedKeyKeepsItsNameAndComesBackWithItsVersions) {
  const v1::Key created = env_.CreateKey("contoso", "signer");
  const absl::StatusOr<v1::DeleteKeyResponse> deleted = Delete(created.name());
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_EQ(deleted->delivery().sequence(), 3);
  EXPECT_TRUE(deleted->key().has_scheduled_purge_time());
  EXPECT_EQ(ErrorReason(Get(created.name()).status()), "KEY_NOT_FOUND");
  EXPECT_EQ(ErrorReason(Rotate(created.name()).status()), "KEY_DELETED");
  EXPECT_EQ(ErrorReason(Create(NewKey("SIGNER")).status()), "KEY_DELETED_BUT_RECOVERABLE");

  const absl::StatusOr<v1::Key> recovered = Recover(created.name());
  ASSERT_TRUE(recovered.ok()) << recovered.status();
  EXPECT_EQ(recovered->newest_version().SerializeAsString(),
            created.newest_version().SerializeAsString());
  EXPECT_EQ(env_.EventNames()[2], "keyward.keyvault.KeyDeleted vaults/contoso/keys/signer");
  EXPECT_EQ(env_.EventNames()[3], "keyward.keyvault.KeyRecovered vaults/contoso/keys/signer");
}

TEST_F(KeysHandlerTest, DeletingAndRecoveringAgainChangeNothing) {
  const v1::Key created = env_.CreateKey("contoso", "signer");
  const auto first = Delete(created.name());
  const auto second = Delete(created.name());
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->SerializeAsString(), first->SerializeAsString());
  EXPECT_TRUE(Recover(created.name()).ok());
  EXPECT_TRUE(Recover(created.name()).ok());
  EXPECT_EQ(env_.EventNames().size(), 4u);
}

TEST_F(KeysHandlerTest, ValidateOnlyChangesNothing) {
  const v1::Key created = env_.CreateKey("contoso", "signer");
  const auto preview = Delete(created.name(), /*validate_only=*/true);
  ASSERT_TRUE(preview.ok()) << preview.status();
  EXPECT_TRUE(preview->key().has_delete_time());
  EXPECT_FALSE(preview->has_delivery());
  EXPECT_TRUE(Get(created.name()).ok());
}

TEST_F(KeysHandlerTest, EverythingInADeletedVaultIsRefused) {
  env_.CreateKey("contoso", "signer");
  DeleteVault();
  const std::string name = "vaults/contoso/keys/signer";
  for (const absl::Status& status :
       {Get(name).status(), Rotate(name).status(), Delete(name).status(), Recover(name).status(),
        Create(NewKey("other")).status()}) {
    EXPECT_EQ(ErrorReason(status), "VAULT_DELETED") << status;
  }
}

TEST_F(KeysHandlerTest, UnknownKeyIsNotFound) {
  const std::string name = "vaults/contoso/keys/nobody";
  for (const absl::Status& status :
       {Get(name).status(), Rotate(name).status(), Delete(name).status(), Recover(name).status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
    EXPECT_EQ(ErrorReason(status), "KEY_NOT_FOUND") << status;
  }
}

TEST_F(KeysHandlerTest, NoPrivateKeyIsStoredInTheClear) {
  const v1::Key created = env_.CreateKey("contoso", "wrapping", v1::KEY_TYPE_RSA_2048);
  env_.Read([&](storage::Transaction& tx) -> absl::Status {
    const auto row = tx.QueryOne("SELECT sealed_private_key FROM key_versions");
    if (!row.ok()) return row.status();
    const std::string sealed = (*row)->GetBlob(0);
    // The modulus is part of the PKCS #8 form.
    const auto key = crypto::RsaPublicKey::FromSpkiPem(created.newest_version().public_key_pem());
    EXPECT_GT(sealed.size(), 1000u);
    EXPECT_THAT(sealed, ::testing::Not(HasSubstr(key->modulus().substr(0, 16))));
    return absl::OkStatus();
  });
}

}  // namespace
}  // namespace keyward::key_vault
