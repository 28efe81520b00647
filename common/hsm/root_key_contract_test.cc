// What every root key must do, on both kinds.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/file_root_key.h"
#include "common/crypto/root_key.h"
#include "common/crypto/root_key_provider.h"
#include "common/crypto/secret_bytes.h"
#include "common/hsm/testing/soft_token.h"
#include "common/hsm/token_root_key_provider.h"

namespace keyward::hsm {
namespace {

using crypto::RootKey;
using crypto::RootKeyProvider;
using crypto::SecretBytes;
using Provider = std::unique_ptr<RootKeyProvider>;

// A place for the root key called `name`.
using MakeProvider = std::function<Provider(const testing::SoftToken&, const std::string& name)>;

Provider InAFile(const testing::SoftToken& folder, const std::string& name) {
  return std::make_unique<crypto::FileRootKeyProvider>(folder.File(name));
}

Provider InAToken(const testing::SoftToken& token, const std::string& name) {
  return std::make_unique<TokenRootKeyProvider>(token.Open(), name, name);
}

class RootKeyContractTest : public ::testing::TestWithParam<std::pair<const char*, MakeProvider>> {
 protected:
  Provider Make(const std::string& name) const { return GetParam().second(token_, name); }
  std::unique_ptr<RootKey> Key(const std::string& name) const {
    auto key = Make(name)->LoadOrCreate();
    EXPECT_TRUE(key.ok()) << key.status();
    return *std::move(key);
  }

  testing::SoftToken token_;
  const SecretBytes secret_ = SecretBytes::Random(1200);
};

TEST_P(RootKeyContractTest, UnsealsWhatItSealed) {
  const auto key = Key("root");
  for (size_t size : {0, 1, 32, 4096}) {
    const SecretBytes secret = SecretBytes::Random(size);
    const auto sealed = key->Seal(secret, "context");
    ASSERT_TRUE(sealed.ok()) << sealed.status();
    EXPECT_EQ(*crypto::SealedBy(*sealed), key->id());
    EXPECT_TRUE(size <= 8 || !absl::StrContains(*sealed, secret.ExposeSecret()));
    const auto unsealed = key->Unseal(*sealed, "context");
    ASSERT_TRUE(unsealed.ok()) << unsealed.status();
    EXPECT_EQ(*unsealed, secret);
  }
  EXPECT_NE(*key->Seal(secret_, ""), *key->Seal(secret_, ""));
}

TEST_P(RootKeyContractTest, RefusesAnotherContext) {
  const auto key = Key("root");
  const std::string sealed = *key->Seal(secret_, "context");
  for (const std::string context : {"contexT", "", "context "}) {
    EXPECT_TRUE(absl::IsInvalidArgument(key->Unseal(sealed, context).status())) << context;
  }
}

TEST_P(RootKeyContractTest, RefusesAFlippedBitAndAnotherLength) {
  const auto key = Key("root");
  const std::string sealed = *key->Seal(SecretBytes::CopyOf("secret"), "context");
  for (size_t byte = 0; byte < sealed.size(); ++byte) {
    std::string flipped = sealed;
    flipped[byte] ^= static_cast<char>(1 << byte % 8);
    const absl::Status status = key->Unseal(flipped, "context").status();
    const bool in_id = byte >= 1 && byte <= crypto::kRootKeyIdSize;
    EXPECT_EQ(status.code(),
              in_id ? absl::StatusCode::kFailedPrecondition : absl::StatusCode::kInvalidArgument)
        << byte << status;
  }
  for (size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_TRUE(absl::IsInvalidArgument(key->Unseal(sealed.substr(0, size), "context").status()));
  }
  EXPECT_TRUE(absl::IsInvalidArgument(key->Unseal(sealed + "x", "context").status()));
}

TEST_P(RootKeyContractTest, NamesAnotherKey) {
  const auto key = Key("root");
  const auto other = Key("other");
  EXPECT_NE(key->id(), other->id());
  const absl::Status status = other->Unseal(*key->Seal(secret_, "context"), "context").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("another root key"));
}

TEST_P(RootKeyContractTest, IsTheSameWhenOpenedAgain) {
  const auto before = Key("root");
  const std::string sealed = *before->Seal(secret_, "context");
  const auto after = Make("root")->Load(before->id());
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ((*after)->id(), before->id());
  const auto unsealed = (*after)->Unseal(sealed, "context");
  ASSERT_TRUE(unsealed.ok()) << unsealed.status();
  EXPECT_EQ(*unsealed, secret_);
  EXPECT_EQ(Key("root")->id(), before->id()) << "a key that is there is not made again";
}

TEST_P(RootKeyContractTest, LoadMakesNone) {
  EXPECT_TRUE(absl::IsNotFound(Make("root")->Load("").status()));
  EXPECT_TRUE(absl::IsNotFound(Make("root")->Load("").status()));
}

TEST_P(RootKeyContractTest, ManyThreadsUseItAtOnce) {
  const auto key = Key("root");
  std::vector<std::thread> threads;
  std::vector<int> good(8);
  for (size_t thread = 0; thread < good.size(); ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 50; ++i) {
        const std::string context = absl::StrCat(thread, "/", i);
        const SecretBytes secret = SecretBytes::Random(100 + i);
        const auto sealed = key->Seal(secret, context);
        if (!sealed.ok()) continue;
        const auto unsealed = key->Unseal(*sealed, context);
        if (unsealed.ok() && *unsealed == secret) ++good[thread];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(good, ::testing::Each(50));
}

INSTANTIATE_TEST_SUITE_P(Keys, RootKeyContractTest,
                         ::testing::Values(std::pair("File", MakeProvider(InAFile)),
                                           std::pair("Token", MakeProvider(InAToken))),
                         [](const auto& kind) { return std::string(kind.param.first); });

}  // namespace
}  // namespace keyward::hsm
