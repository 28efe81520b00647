#include "common/hsm/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/secret_bytes.h"
#include "common/hsm/errors.h"
#include "common/hsm/objects.h"
#include "common/hsm/testing/soft_token.h"
#include "common/hsm/token_root_key.h"

namespace keyward::hsm {
namespace {

using crypto::SecretBytes;
using ::testing::HasSubstr;
using ::testing::Not;

class TokenTest : public ::testing::Test {
 protected:
  void WritePin(const std::string& pin) const { std::ofstream(soft_.File("pin")) << pin; }

  testing::SoftToken soft_;
  const SecretBytes secret_ = SecretBytes::CopyOf("secret");
};

TEST_F(TokenTest, RootKeyCannotBeRead) {
  const std::shared_ptr<Token> token = soft_.Open();
  const auto key = TokenRootKey::Create(token, "root");
  ASSERT_TRUE(key.ok()) << key.status();
  CK_RV read = CKR_OK;
  ASSERT_TRUE(token
                  ->Run("reading",
                        [&](const Session& session) {
                          std::vector<CK_OBJECT_HANDLE> found;
                          FindObjects(session, Attributes().Add(CKA_LABEL, "root"), found);
                          EXPECT_EQ(found.size(), 1u);
                          std::string value(32, '\0');
                          CK_ATTRIBUTE attribute = {CKA_VALUE, value.data(), value.size()};
                          read = session.functions.C_GetAttributeValue(session.handle, found.at(0),
                                                                       &attribute, 1);
                          EXPECT_EQ(value, std::string(32, '\0'));
                          return CK_RV{CKR_OK};
                        })
                  .ok());
  EXPECT_EQ(read, CK_RV{CKR_ATTRIBUTE_SENSITIVE});
}

TEST_F(TokenTest, KeyThatCouldBeReadIsRefused) {
  const std::shared_ptr<Token> token = soft_.Open();
  Attributes attributes;
  attributes.AddNumber(CKA_CLASS, CKO_SECRET_KEY)
      .AddNumber(CKA_KEY_TYPE, CKK_AES)
      .AddNumber(CKA_VALUE_LEN, 32)
      .AddFlag(CKA_TOKEN, true)
      .AddFlag(CKA_SENSITIVE, false)
      .AddFlag(CKA_EXTRACTABLE, true)
      .AddFlag(CKA_ENCRYPT, true)
      .AddFlag(CKA_DECRYPT, true)
      .Add(CKA_LABEL, "open")
      .Add(CKA_ID, "12345678");
  ASSERT_TRUE(token
                  ->Run("making",
                        [&](const Session& session) {
                          auto list = attributes.ToModule();
                          CK_MECHANISM mechanism = {CKM_AES_KEY_GEN, nullptr, 0};
                          CK_OBJECT_HANDLE made = 0;
                          return session.functions.C_GenerateKey(session.handle, &mechanism,
                                                                 list.data(), list.size(), &made);
                        })
                  .ok());
  const absl::Status status = TokenRootKey::Find(token, "open", "").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("cannot be extracted"));
}

TEST_F(TokenTest, KeysOfOneLabelAreToldApartById) {
  const std::shared_ptr<Token> token = soft_.Open();
  const auto first = TokenRootKey::Create(token, "root");
  const auto second = TokenRootKey::Create(token, "root");
  ASSERT_TRUE(first.ok() && second.ok());
  for (const auto* key : {&*first, &*second}) {
    const std::string sealed = *(*key)->Seal(secret_, "context");
    const auto found = TokenRootKey::Find(token, "root", (*key)->id());
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_TRUE((*found)->Unseal(sealed, "context").ok());
  }
}

TEST_F(TokenTest, TokenThatWentAwayIsUnavailableAndComesBack) {
  const std::shared_ptr<Token> token = soft_.Open();
  const auto key = TokenRootKey::Create(token, "root");
  ASSERT_TRUE(key.ok()) << key.status();
  const std::string sealed = *(*key)->Seal(secret_, "context");
  for (int times = 0; times < 3; ++times) {
    soft_.PullOut();
    const absl::Status unseal = (*key)->Unseal(sealed, "context").status();
    EXPECT_TRUE(absl::IsUnavailable(unseal)) << unseal;
    EXPECT_THAT(std::string(unseal.message()), HasSubstr("Nothing is lost"));
    EXPECT_TRUE(absl::IsUnavailable((*key)->Seal(secret_, "context").status()));
    EXPECT_TRUE(absl::IsUnavailable(Token::Open(soft_.uri()).status()));
    soft_.PutBack();
    const auto unsealed = (*key)->Unseal(sealed, "context");
    ASSERT_TRUE(unsealed.ok()) << unsealed.status();
    EXPECT_EQ(*unsealed, secret_);
  }
}

TEST_F(TokenTest, PullingItOutWhileManyUseItLosesNothing) {
  const std::shared_ptr<Token> token = soft_.Open();
  const auto key = TokenRootKey::Create(token, "root");
  ASSERT_TRUE(key.ok()) << key.status();
  const std::string sealed = *(*key)->Seal(secret_, "context");
  std::atomic<bool> stop = false;
  std::atomic<int> good = 0, away = 0, wrong = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      while (!stop) {
        const auto unsealed = (*key)->Unseal(sealed, "context");
        if (unsealed.ok()) {
          ++(*unsealed == secret_ ? good : wrong);
        } else {
          ++(absl::IsUnavailable(unsealed.status()) ? away : wrong);
        }
      }
    });
  }
  const auto await = [](const std::atomic<int>& count) {
    const int now = count;
    while (count < now + 8) std::this_thread::yield();
  };
  for (int times = 0; times < 5; ++times) {
    await(good);
    soft_.PullOut();
    await(away);
    soft_.PutBack();
  }
  await(good);
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(TokenTest, DecryptionThatBreaksDownIsNotTakenForTampering) {
  const auto key = TokenRootKey::Create(soft_.Open(), "root");
  ASSERT_TRUE(key.ok()) << key.status();
  const std::string sealed = *(*key)->Seal(secret_, "context");
  soft_.BreakNextDecryption();
  const auto unsealed = (*key)->Unseal(sealed, "context");
  ASSERT_TRUE(unsealed.ok()) << unsealed.status();
  EXPECT_EQ(*unsealed, secret_);
}

TEST_F(TokenTest, WrongPinIsSaidAndNotTriedAgain) {
  WritePin("4321");
  const absl::Status status = Token::Open(soft_.uri()).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("CKR_PIN_INCORRECT"));
  EXPECT_THAT(std::string(status.message()), HasSubstr(soft_.File("pin")));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("4321")));
}

TEST_F(TokenTest, PinFileMustBePrivateAndThere) {
  ASSERT_EQ(chmod(soft_.File("pin").c_str(), 0640), 0);
  const absl::Status open = Token::Open(soft_.uri()).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(open)) << open;
  EXPECT_THAT(std::string(open.message()), HasSubstr("0600"));
  ASSERT_EQ(unlink(soft_.File("pin").c_str()), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(Token::Open(soft_.uri()).status()));
}

TEST_F(TokenTest, SaysWhatIsWrongWithTheModule) {
  TokenUri uri = soft_.uri();
  uri.module_path = "/nowhere/module.so";
  const absl::Status none = Token::Open(uri).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(none)) << none;
  EXPECT_THAT(std::string(none.message()), HasSubstr("/nowhere/module.so"));
  uri.module_path = "libc.so.6";
  EXPECT_THAT(std::string(Token::Open(uri).status().message()),
              HasSubstr("does not offer the functions"));
}

TEST_F(TokenTest, TokensAreToldApartByLabel) {
  soft_.MakeToken("second");
  TokenUri uri = soft_.uri();
  uri.token = "second";
  const auto second = Token::Open(uri);
  ASSERT_TRUE(second.ok()) << second.status();
  ASSERT_TRUE(TokenRootKey::Create(*second, "root").ok());
  EXPECT_TRUE(absl::IsNotFound(TokenRootKey::Find(soft_.Open(), "root", "").status()));
  uri.token = "third";
  EXPECT_TRUE(absl::IsUnavailable(Token::Open(uri).status()));
}

}  // namespace
}  // namespace keyward::hsm
