#include "services/encryption/batch_handler.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/integrity/crc32c.h"
#include "common/status/error.h"
#include "common/status/error_details.h"
#include "services/encryption/testing/encryption_fixture.h"

namespace keyward::encryption::testing {
namespace {

// The reason of an item's error.
std::string ReasonOf(const google::rpc::Status& error) {
  absl::Status status(static_cast<absl::StatusCode>(error.code()), error.message());
  SetErrorDetails(status, error);
  return ErrorReason(status);
}

class BatchHandlerTest : public EncryptionFixture {
 protected:
  void SetUp() override {
    CreateAccount("contoso");
    EnableCustomerKey("contoso");
  }

  static v1::BatchEncryptRequest Plaintexts(int items, const std::string& scope = "uploads") {
    v1::BatchEncryptRequest request;
    request.set_account("accounts/contoso");
    request.set_scope(scope);
    for (int i = 0; i < items; ++i) {
      auto& item = *request.add_items();
      item.set_object(absl::StrCat("object-", i));
      item.set_plaintext(absl::StrCat("text ", i));
    }
    return request;
  }
  // What opens the answer to `request`.
  static v1::BatchDecryptRequest Ciphertexts(const v1::BatchEncryptRequest& request,
                                             const v1::BatchEncryptResponse& answer) {
    v1::BatchDecryptRequest decrypt;
    decrypt.set_account(request.account());
    decrypt.set_scope(request.scope());
    for (int i = 0; i < answer.results_size(); ++i) {
      auto& item = *decrypt.add_items();
      item.set_object(request.items(i).object());
      item.set_ciphertext(answer.results(i).response().ciphertext());
      *item.mutable_ciphertext_crc32c() = answer.results(i).response().ciphertext_crc32c();
    }
    return decrypt;
  }
  absl::StatusOr<v1::BatchEncryptResponse> BatchEncrypt(const v1::BatchEncryptRequest& request) {
    return core_->batches().Encrypt(Call(), request);
  }
  absl::StatusOr<v1::BatchDecryptResponse> BatchDecrypt(const v1::BatchDecryptRequest& request) {
    return core_->batches().Decrypt(Call(), request);
  }
  // The reason of the error of the only item.
  std::string DecryptReason(const v1::BatchDecryptRequest& request) {
    const auto answer = BatchDecrypt(request);
    if (!answer.ok() || answer->results_size() != 1) return answer.status().ToString();
    EXPECT_FALSE(answer->results(0).has_response());
    return ReasonOf(answer->results(0).error());
  }
};

TEST_F(BatchHandlerTest, ResultsComeInTheOrderOfTheItemsWithChecksums) {
  const v1::BatchEncryptRequest request = Plaintexts(50);
  const auto encrypted = BatchEncrypt(request);
  ASSERT_TRUE(encrypted.ok()) << encrypted.status();
  ASSERT_EQ(encrypted->results_size(), 50);
  EXPECT_EQ(encrypted->customer_key_version(), key_version_);
  const auto decrypted = BatchDecrypt(Ciphertexts(request, *encrypted));
  ASSERT_TRUE(decrypted.ok()) << decrypted.status();
  ASSERT_EQ(decrypted->results_size(), 50);
  for (int i = 0; i < 50; ++i) {
    const auto& opened = decrypted->results(i).response();
    EXPECT_EQ(opened.plaintext(), request.items(i).plaintext());
    EXPECT_TRUE(opened.verified_ciphertext_crc32c());
    EXPECT_TRUE(integrity::MatchesCrc32c(opened.plaintext(), opened.plaintext_crc32c().value()));
    EXPECT_FALSE(encrypted->results(i).response().verified_plaintext_crc32c());
  }
}

TEST_F(BatchHandlerTest, ItemsAndSingleObjectsAreTheSame) {
  v1::BatchEncryptRequest request = Plaintexts(1);
  const auto encrypted = BatchEncrypt(request);
  ASSERT_TRUE(encrypted.ok()) << encrypted.status();
  EXPECT_EQ(
      *Decrypt("contoso", "uploads", "object-0", encrypted->results(0).response().ciphertext()),
      "text 0");
  v1::BatchDecryptRequest decrypt = Ciphertexts(request, *encrypted);
  decrypt.mutable_items(0)->set_ciphertext(*Encrypt("contoso", "uploads", "object-0", "single"));
  decrypt.mutable_items(0)->clear_ciphertext_crc32c();
  EXPECT_EQ(BatchDecrypt(decrypt)->results(0).response().plaintext(), "single");
}

TEST_F(BatchHandlerTest, EachItemHasKeysOfItsOwn) {
  v1::BatchEncryptRequest request = Plaintexts(2);
  for (auto& item : *request.mutable_items()) {
    item.set_object("same");
    item.set_plaintext("same");
  }
  const auto encrypted = BatchEncrypt(request);
  ASSERT_TRUE(encrypted.ok()) << encrypted.status();
  EXPECT_NE(encrypted->results(0).response().ciphertext(),
            encrypted->results(1).response().ciphertext());
}

TEST_F(BatchHandlerTest, ABadItemFailsAlone) {
  v1::BatchEncryptRequest request = Plaintexts(6);
  request.mutable_items(1)->clear_object();
  request.mutable_items(2)->set_plaintext(std::string((1 << 20) + 1, 'x'));
  request.mutable_items(3)->mutable_plaintext_crc32c()->set_value(1);
  request.mutable_items(4)->mutable_plaintext_crc32c()->set_value(integrity::Crc32c("text 4"));
  const auto encrypted = BatchEncrypt(request);
  ASSERT_TRUE(encrypted.ok()) << encrypted.status();
  std::vector<std::string> reasons;
  for (const auto& result : encrypted->results()) {
    reasons.push_back(result.has_error() ? ReasonOf(result.error()) : "");
  }
  EXPECT_EQ(reasons, (std::vector<std::string>{"", "INVALID_REQUEST", "INVALID_REQUEST",
                                               "CHECKSUM_MISMATCH", "", ""}));
  EXPECT_TRUE(encrypted->results(4).response().verified_plaintext_crc32c());

  v1::BatchDecryptRequest decrypt = Ciphertexts(request, *encrypted);
  decrypt.mutable_items(4)->mutable_ciphertext()->back() ^= 1;
  decrypt.mutable_items(5)->mutable_ciphertext()->back() ^= 1;
  decrypt.mutable_items(5)->clear_ciphertext_crc32c();
  const auto decrypted = BatchDecrypt(decrypt);
  ASSERT_TRUE(decrypted.ok()) << decrypted.status();
  EXPECT_EQ(decrypted->results(0).response().plaintext(), "text 0");
  EXPECT_EQ(ReasonOf(decrypted->results(4).error()), "CHECKSUM_MISMATCH");
  EXPECT_EQ(ReasonOf(decrypted->results(5).error()), "CIPHERTEXT_INVALID");
}

TEST_F(BatchHandlerTest, WhereEveryItemWouldFailTheCallDoes) {
  const v1::BatchEncryptRequest request = Plaintexts(3);
  const auto encrypted = BatchEncrypt(request);
  ASSERT_TRUE(encrypted.ok()) << encrypted.status();
  v1::BatchEncryptRequest elsewhere = request;
  elsewhere.set_account("accounts/nobody");
  EXPECT_EQ(ErrorReason(BatchEncrypt(elsewhere).status()), "ACCOUNT_NOT_FOUND");
  fresh_ = false;
  EXPECT_EQ(ErrorReason(BatchEncrypt(request).status()), "ACCESS_UNVERIFIED");
  fresh_ = true;
  key_vault_.SetEnabled(kKey, false);
  EXPECT_EQ(ErrorReason(BatchEncrypt(request).status()), "ACCESS_DENIED");
  EXPECT_EQ(ErrorReason(BatchDecrypt(Ciphertexts(request, *encrypted)).status()), "ACCESS_DENIED");
}

TEST_F(BatchHandlerTest, ALossWhileItRunsLeavesNoItemAnswered) {
  core_->cache().Clear();
  // The unwrap itself succeeds: what follows it must not be answered.
  key_vault_.BeforeUnwrap(
      [&] { key_vault_.SetPolicy(kVault, SettingsOf("contoso").principal_id(), {"unwrapKey"}); });
  EXPECT_EQ(ErrorReason(BatchEncrypt(Plaintexts(3)).status()), "ACCESS_DENIED");
}

TEST_F(BatchHandlerTest, ObjectsOfADestroyedKeyFailAndOthersOpen) {
  v1::BatchEncryptRequest request = Plaintexts(1);
  const auto early = BatchEncrypt(request);
  ASSERT_TRUE(early.ok());
  v1::DestroyScopeRequest destroy;
  destroy.set_account("accounts/contoso");
  destroy.set_scope("uploads");
  ASSERT_TRUE(core_->data().DestroyScope(Call(), destroy).ok());
  const auto late = BatchEncrypt(request);
  ASSERT_TRUE(late.ok());
  v1::BatchDecryptRequest decrypt = Ciphertexts(request, *early);
  *decrypt.add_items() = Ciphertexts(request, *late).items(0);
  const auto decrypted = BatchDecrypt(decrypt);
  ASSERT_TRUE(decrypted.ok()) << decrypted.status();
  EXPECT_EQ(ReasonOf(decrypted->results(0).error()), "SCOPE_DESTROYED");
  EXPECT_EQ(decrypted->results(1).response().plaintext(), "text 0");
}

TEST_F(BatchHandlerTest, CiphertextsOpenForTheirObjectAndScopeOnly) {
  const v1::BatchEncryptRequest request = Plaintexts(1);
  const auto encrypted = BatchEncrypt(request);
  ASSERT_TRUE(encrypted.ok());
  v1::BatchDecryptRequest decrypt = Ciphertexts(request, *encrypted);
  decrypt.set_scope("models");
  EXPECT_EQ(DecryptReason(decrypt), "CIPHERTEXT_INVALID");
  decrypt.set_scope("uploads");
  decrypt.mutable_items(0)->set_object("object-1");
  EXPECT_EQ(DecryptReason(decrypt), "CIPHERTEXT_INVALID");
}

TEST_F(BatchHandlerTest, ItsSizesAreLimited) {
  EXPECT_EQ(ErrorReason(BatchEncrypt(Plaintexts(0)).status()), "INVALID_REQUEST");
  EXPECT_EQ(ErrorReason(BatchEncrypt(Plaintexts(1025)).status()), "INVALID_REQUEST");
  EXPECT_EQ(ErrorReason(BatchEncrypt(Plaintexts(1, "images")).status()), "INVALID_REQUEST");
  v1::BatchEncryptRequest large = Plaintexts(4);
  for (auto& item : *large.mutable_items()) item.set_plaintext(std::string(1 << 20, 'x'));
  EXPECT_EQ(ErrorReason(BatchEncrypt(large).status()), "INVALID_REQUEST");
}

// The largest answer fits into gRPC's 4 MiB: names and plaintexts may be 3 MiB, in the most items.
TEST_F(BatchHandlerTest, TheLargestAnswerFitsIntoAMessage) {
  v1::BatchEncryptRequest request = Plaintexts(1024);
  const std::string name(512, 'n');
  for (auto& item : *request.mutable_items()) {
    item.set_object(name);
    item.set_plaintext(std::string(3 * 1024 - 512 - 16, 'x'));
  }
  ASSERT_LE(request.ByteSizeLong(), 3u << 20);
  const auto answer = BatchEncrypt(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_LT(answer->ByteSizeLong(), 4u << 20);
}

}  // namespace
}  // namespace keyward::encryption::testing
