#include "services/encryption/data_handler.h"

#include <gtest/gtest.h>

#include <string>

#include "common/crypto/aes_key.h"
#include "common/envelope/double_stream.h"
#include "common/integrity/crc32c.h"
#include "common/status/error.h"
#include "services/encryption/testing/encryption_fixture.h"

namespace keyward::encryption::testing {
namespace {

class DataHandlerTest : public EncryptionFixture, public ::testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    CreateAccount("contoso");
    CreateAccount("fabrikam");
    if (GetParam()) {
      EnableCustomerKey("contoso");
      EnableCustomerKey("fabrikam");
    }
  }

  absl::StatusOr<v1::GenerateDataKeyResponse> Generate(const std::string& id,
                                                       const std::string& scope,
                                                       const std::string& object) {
    v1::GenerateDataKeyRequest request;
    request.set_account("accounts/" + id);
    request.set_scope(scope);
    request.set_object(object);
    return core_->data().GenerateDataKey(Call(), request);
  }
  absl::StatusOr<v1::DecryptDataKeyResponse> OpenKey(const std::string& id,
                                                     const std::string& scope,
                                                     const std::string& object,
                                                     const std::string& header) {
    v1::DecryptDataKeyRequest request;
    request.set_account("accounts/" + id);
    request.set_scope(scope);
    request.set_object(object);
    request.set_header(header);
    return core_->data().DecryptDataKey(Call(), request);
  }
  absl::StatusOr<v1::DestroyScopeResponse> Destroy(const std::string& id, const std::string& scope,
                                                   int64_t epoch = 0) {
    v1::DestroyScopeRequest request;
    request.set_account("accounts/" + id);
    request.set_scope(scope);
    request.set_access_epoch(epoch);
    return core_->data().DestroyScope(Call(), request);
  }
};

TEST_P(DataHandlerTest, WhatIsEncryptedDecrypts) {
  for (const std::string& text : {std::string(), std::string("text"), std::string(1 << 20, 'x')}) {
    const auto ciphertext = Encrypt("contoso", "uploads", "object", text);
    ASSERT_TRUE(ciphertext.ok()) << ciphertext.status();
    EXPECT_EQ(*Decrypt("contoso", "uploads", "object", *ciphertext), text);
  }
}

TEST_P(DataHandlerTest, AnswersCarryTheirChecksumAndRequestsAreCheckedAgainstTheirs) {
  v1::EncryptRequest encrypt;
  encrypt.set_account("accounts/contoso");
  encrypt.set_scope("uploads");
  encrypt.set_object("object");
  encrypt.set_plaintext("text");
  EXPECT_FALSE(core_->data().Encrypt(Call(), encrypt)->verified_plaintext_crc32c());
  encrypt.mutable_plaintext_crc32c()->set_value(integrity::Crc32c("text"));
  const auto encrypted = core_->data().Encrypt(Call(), encrypt);
  ASSERT_TRUE(encrypted.ok()) << encrypted.status();
  EXPECT_TRUE(encrypted->verified_plaintext_crc32c());
  EXPECT_TRUE(
      integrity::MatchesCrc32c(encrypted->ciphertext(), encrypted->ciphertext_crc32c().value()));
  encrypt.set_plaintext("test");
  EXPECT_EQ(ErrorReason(core_->data().Encrypt(Call(), encrypt).status()), "CHECKSUM_MISMATCH");

  v1::DecryptRequest decrypt;
  decrypt.set_account("accounts/contoso");
  decrypt.set_scope("uploads");
  decrypt.set_object("object");
  decrypt.set_ciphertext(encrypted->ciphertext());
  EXPECT_FALSE(core_->data().Decrypt(Call(), decrypt)->verified_ciphertext_crc32c());
  *decrypt.mutable_ciphertext_crc32c() = encrypted->ciphertext_crc32c();
  const auto decrypted = core_->data().Decrypt(Call(), decrypt);
  ASSERT_TRUE(decrypted.ok()) << decrypted.status();
  EXPECT_TRUE(decrypted->verified_ciphertext_crc32c());
  EXPECT_TRUE(integrity::MatchesCrc32c("text", decrypted->plaintext_crc32c().value()));
  // Damage on the way is told from a ciphertext that somebody changed.
  decrypt.mutable_ciphertext()->back() ^= 1;
  EXPECT_EQ(ErrorReason(core_->data().Decrypt(Call(), decrypt).status()), "CHECKSUM_MISMATCH");
}

TEST_P(DataHandlerTest, ItDecryptsAfterARestart) {
  const std::string ciphertext = *Encrypt("contoso", "models", "object", "text");
  Restart();
  EXPECT_EQ(*Decrypt("contoso", "models", "object", ciphertext), "text");
}

TEST_P(DataHandlerTest, ItOpensForItsAccountScopeAndObjectOnly) {
  const std::string ciphertext = *Encrypt("contoso", "uploads", "object", "text");
  ASSERT_TRUE(Encrypt("fabrikam", "uploads", "object", "text").ok());
  ASSERT_TRUE(Encrypt("contoso", "models", "object", "text").ok());
  EXPECT_EQ(ErrorReason(Decrypt("fabrikam", "uploads", "object", ciphertext).status()),
            "CIPHERTEXT_INVALID");
  EXPECT_EQ(ErrorReason(Decrypt("contoso", "models", "object", ciphertext).status()),
            "CIPHERTEXT_INVALID");
  EXPECT_EQ(ErrorReason(Decrypt("contoso", "uploads", "other", ciphertext).status()),
            "CIPHERTEXT_INVALID");
}

TEST_P(DataHandlerTest, EveryFlippedBitIsNoticed) {
  const std::string ciphertext = *Encrypt("contoso", "uploads", "object", "text");
  const absl::Status expected = Decrypt("contoso", "uploads", "object", "nonsense").status();
  EXPECT_EQ(ErrorReason(expected), "CIPHERTEXT_INVALID");
  for (size_t bit = 0; bit < ciphertext.size() * 8; ++bit) {
    std::string changed = ciphertext;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    const auto opened = Decrypt("contoso", "uploads", "object", changed);
    // One answer for whatever is wrong.
    ASSERT_EQ(opened.status(), expected) << "bit " << bit;
  }
}

TEST_P(DataHandlerTest, TruncatedOrExtendedCiphertextsAreNoticed) {
  const std::string ciphertext = *Encrypt("contoso", "uploads", "object", "text");
  for (size_t size = 0; size < ciphertext.size(); ++size) {
    ASSERT_FALSE(Decrypt("contoso", "uploads", "object", ciphertext.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(Decrypt("contoso", "uploads", "object", ciphertext + "x").ok());
}

TEST_P(DataHandlerTest, HeadersOfTwoObjectsCannotBeSwapped) {
  const auto first = Generate("contoso", "uploads", "first");
  const auto second = Generate("contoso", "uploads", "second");
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE(first->inner_key(), second->inner_key());
  EXPECT_FALSE(OpenKey("contoso", "uploads", "first", second->header()).ok());
  EXPECT_FALSE(OpenKey("contoso", "uploads", "second", first->header()).ok());
}

TEST_P(DataHandlerTest, DataKeysComeBackFromTheirHeader) {
  const auto made = Generate("contoso", "models", "object");
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->inner_key().size(), 32u);
  EXPECT_EQ(made->outer_key().size(), 32u);
  EXPECT_NE(made->inner_key(), made->outer_key());
  EXPECT_LE(made->header().size(), 2048u);
  EXPECT_EQ(made->access_epoch(), 1);
  EXPECT_EQ(made->customer_key_version(), GetParam() ? key_version_ : "");
  const auto opened = OpenKey("contoso", "models", "object", made->header());
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->inner_key(), made->inner_key());
  EXPECT_EQ(opened->outer_key(), made->outer_key());
  EXPECT_EQ(opened->access_epoch(), 1);
}

TEST_P(DataHandlerTest, ACallerWhoEncryptsItselfMakesTheSameObjects) {
  const auto made = Generate("contoso", "models", "object");
  ASSERT_TRUE(made.ok());
  const envelope::DataKeys keys = {
      *crypto::AesKey::Create(crypto::SecretBytes::CopyOf(made->inner_key())),
      *crypto::AesKey::Create(crypto::SecretBytes::CopyOf(made->outer_key()))};
  const auto header = envelope::ObjectHeader::Parse(made->header());
  ASSERT_TRUE(header.ok());
  const auto stored = envelope::EncryptSmall(*header, keys, "text");
  ASSERT_TRUE(stored.ok());
  EXPECT_EQ(*Decrypt("contoso", "models", "object", *stored), "text");
}

TEST_P(DataHandlerTest, DestroyedScopesNeverOpenAgainAndNewObjectsGetANewKey) {
  const std::string first = *Encrypt("contoso", "uploads", "first", "text");
  const std::string second = *Encrypt("contoso", "uploads", "second", "text");
  const std::string model = *Encrypt("contoso", "models", "model", "text");
  const auto destroyed = Destroy("contoso", "uploads");
  ASSERT_TRUE(destroyed.ok()) << destroyed.status();
  EXPECT_EQ(destroyed->destroyed_keys(), 1);
  EXPECT_TRUE(destroyed->has_destroy_time());
  EXPECT_EQ(ErrorReason(Decrypt("contoso", "uploads", "first", first).status()), "SCOPE_DESTROYED");
  EXPECT_EQ(ErrorReason(Decrypt("contoso", "uploads", "second", second).status()),
            "SCOPE_DESTROYED");
  EXPECT_EQ(*Decrypt("contoso", "models", "model", model), "text");
  const auto fresh = Encrypt("contoso", "uploads", "first", "new");
  ASSERT_TRUE(fresh.ok()) << fresh.status();
  Restart();
  EXPECT_EQ(*Decrypt("contoso", "uploads", "first", *fresh), "new");
  EXPECT_EQ(ErrorReason(Decrypt("contoso", "uploads", "first", first).status()), "SCOPE_DESTROYED");
  EXPECT_EQ(Published("keyward.encryption.ScopeDestroyed").size(), 1u);
}

// An upload that began before is told from one that begins after it, by the epoch of its keys.
TEST_P(DataHandlerTest, DestroyingAScopeBeginsANewEpoch) {
  const int64_t before = Generate("contoso", "uploads", "early")->access_epoch();
  ASSERT_TRUE(Destroy("contoso", "uploads").ok());
  const int64_t after = Generate("contoso", "uploads", "late")->access_epoch();
  EXPECT_GT(after, before);
  EXPECT_EQ(AccessOf("contoso").epoch(), after);
  // What is told last is that the scope went; whoever hears it knows the new epoch already.
  EXPECT_EQ(Published().back().type(), "keyward.encryption.ScopeDestroyed");
  // With nothing to destroy, nothing begins.
  ASSERT_TRUE(Destroy("contoso", "models").ok());
  EXPECT_EQ(AccessOf("contoso").epoch(), after);
}

TEST_P(DataHandlerTest, DestroyingADestroyedScopeTellsWhenItWas) {
  ASSERT_TRUE(Encrypt("contoso", "uploads", "first", "text").ok());
  const auto first = Destroy("contoso", "uploads");
  ASSERT_TRUE(first.ok());
  clock_.Advance(absl::Hours(1));
  const auto second = Destroy("contoso", "uploads");
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->SerializeAsString(), first->SerializeAsString());
  const auto never = Destroy("contoso", "models");
  ASSERT_TRUE(never.ok());
  EXPECT_EQ(never->destroyed_keys(), 0);
  EXPECT_FALSE(never->has_destroy_time());
}

TEST_P(DataHandlerTest, ALateDestructionDoesNotHitWhatCameAfter) {
  if (!GetParam()) return;
  ASSERT_TRUE(Encrypt("contoso", "models", "m", "old").ok());
  key_vault_.SetEnabled(kKey, false);
  key_vault_.SetEnabled(kKey, true);
  core_->background().RunWork();
  const std::string upload = *Encrypt("contoso", "uploads", "u", "new");
  ASSERT_TRUE(Destroy("contoso", "uploads", 1).ok());
  EXPECT_EQ(*Decrypt("contoso", "uploads", "u", upload), "new");
  ASSERT_TRUE(Destroy("contoso", "uploads", 2).ok());
  EXPECT_FALSE(Decrypt("contoso", "uploads", "u", upload).ok());
}

TEST_P(DataHandlerTest, ScopesCanBeDestroyedWhileAccessIsDenied) {
  if (!GetParam()) return;
  const std::string model = *Encrypt("contoso", "models", "m", "text");
  key_vault_.SetEnabled(kKey, false);
  EXPECT_EQ(Destroy("contoso", "models")->destroyed_keys(), 1);
  EXPECT_EQ(Destroy("contoso", "uploads")->destroyed_keys(), 0);
}

TEST_P(DataHandlerTest, BadRequestsAreRefused) {
  EXPECT_EQ(ErrorReason(Encrypt("nobody", "uploads", "o", "x").status()), "ACCOUNT_NOT_FOUND");
  EXPECT_EQ(ErrorReason(Encrypt("contoso", "images", "o", "x").status()), "INVALID_REQUEST");
  EXPECT_EQ(ErrorReason(Encrypt("contoso", "uploads", "", "x").status()), "INVALID_REQUEST");
  EXPECT_EQ(ErrorReason(Encrypt("contoso", "uploads", std::string(513, 'o'), "x").status()),
            "INVALID_REQUEST");
  EXPECT_TRUE(Encrypt("contoso", "uploads", std::string(512, 'o'), "x").ok());
  std::string accents;
  for (int i = 0; i < 512; ++i) accents += "é";
  EXPECT_TRUE(Encrypt("contoso", "uploads", accents, "x").ok());
  EXPECT_EQ(
      ErrorReason(Encrypt("contoso", "uploads", "o", std::string((1 << 20) + 1, 'x')).status()),
      "INVALID_REQUEST");
  EXPECT_EQ(ErrorReason(Decrypt("contoso", "uploads", "o", "").status()), "CIPHERTEXT_INVALID");
  EXPECT_EQ(ErrorReason(Destroy("contoso", "uploads", -1).status()), "INVALID_REQUEST");
  EXPECT_EQ(ErrorReason(Destroy("nobody", "uploads").status()), "ACCOUNT_NOT_FOUND");
  v1::ReportUsageRequest usage;
  usage.set_account("accounts/contoso");
  usage.set_uploads(-1);
  EXPECT_EQ(ErrorReason(core_->data().ReportUsage(Call(), usage).status()), "INVALID_REQUEST");
}

INSTANTIATE_TEST_SUITE_P(KeySources, DataHandlerTest, ::testing::Bool(), [](const auto& info) {
  return info.param ? "CustomerManaged" : "PlatformManaged";
});

}  // namespace
}  // namespace keyward::encryption::testing
