// RewrapKey and the batches, through the handler.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "services/key_vault/cryptography_handler.h"
#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using ::testing::HasSubstr;
using testing::VaultEnv;

constexpr char kRsa[] = "vaults/contoso/keys/rsa";
constexpr char kAes[] = "vaults/contoso/keys/aes";
constexpr char kBob[] = "spiffe://keyward.local/operator/bob";

class RewrapTest : public ::testing::Test {
 protected:
  RewrapTest() {
    env_.CreateVault("contoso");
    rsa_ = env_.CreateKey("contoso", "rsa", v1::KEY_TYPE_RSA_2048).newest_version().name();
    aes_ = env_.CreateKey("contoso", "aes", v1::KEY_TYPE_OCT_256).newest_version().name();
  }

  v1::WrapKeyRequest WrapRequest(const std::string& name, const std::string& plaintext) {
    v1::WrapKeyRequest request;
    request.set_name(name);
    request.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
    request.set_plaintext(plaintext);
    return request;
  }

  std::string Wrapped(const std::string& plaintext = "secret") {
    return env_.cryptography.Wrap(call_, WrapRequest(rsa_, plaintext))->ciphertext();
  }

  v1::RewrapKeyRequest RewrapRequest(const std::string& ciphertext) {
    v1::RewrapKeyRequest request;
    request.set_name(rsa_);
    request.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
    request.set_ciphertext(ciphertext);
    return request;
  }

  std::string Unwrap(const std::string& name, v1::WrapAlgorithm algorithm,
                     const std::string& ciphertext, const std::string& data = "") {
    v1::UnwrapKeyRequest request;
    request.set_name(name);
    request.set_algorithm(algorithm);
    request.set_ciphertext(ciphertext);
    request.set_additional_authenticated_data(data);
    const auto answer = env_.cryptography.Unwrap(call_, request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->plaintext() : "";
  }

  std::string Rotate(const std::string& key) {
    v1::RotateKeyRequest request;
    request.set_name(key);
    return env_.keys.Rotate(call_, request)->newest_version().name();
  }

  void Permit(const std::string& principal, const std::vector<std::string>& permissions) {
    v1::UpdateAccessPolicyRequest request;
    request.set_vault("vaults/contoso");
    request.set_kind(v1::UpdateAccessPolicyRequest::KIND_ADD);
    request.add_entries()->set_principal(principal);
    for (const std::string& name : permissions) {
      request.mutable_entries(0)->add_key_permissions(name);
    }
    ASSERT_TRUE(env_.policies.Update(call_, request).ok());
  }

  VaultEnv env_;
  const server::CallContext call_ = VaultEnv::Call();
  std::string rsa_, aes_;
};

TEST_F(RewrapTest, OldVersionToTheNewest) {
  const std::string old = Wrapped();
  const std::string newest = Rotate(kRsa);
  const auto answer = env_.cryptography.Rewrap(call_, RewrapRequest(old));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->source_key_version(), rsa_);
  EXPECT_EQ(answer->key_version(), newest);
  EXPECT_EQ(Unwrap(newest, v1::WRAP_ALGORITHM_RSA_OAEP_256, answer->ciphertext()), "secret");
  EXPECT_EQ(call_.Notes().at("source_key_version"), rsa_);
  EXPECT_EQ(call_.Notes().at("key_version"), newest);
}

TEST_F(RewrapTest, ToAnotherKeyAndAlgorithmAndBackWithTheSameAssociatedData) {
  v1::RewrapKeyRequest there = RewrapRequest(Wrapped());
  there.set_target(kAes);
  there.set_target_algorithm(v1::WRAP_ALGORITHM_A256_GCM);
  there.set_additional_authenticated_data("data");
  const auto in_aes = env_.cryptography.Rewrap(call_, there);
  ASSERT_TRUE(in_aes.ok()) << in_aes.status();
  EXPECT_EQ(in_aes->key_version(), aes_);
  EXPECT_EQ(Unwrap(aes_, v1::WRAP_ALGORITHM_A256_GCM, in_aes->ciphertext(), "data"), "secret");
  v1::RewrapKeyRequest back;
  back.set_name(aes_);
  back.set_algorithm(v1::WRAP_ALGORITHM_A256_GCM);
  back.set_ciphertext(in_aes->ciphertext());
  back.set_additional_authenticated_data("data");
  back.set_target(rsa_);
  back.set_target_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP);
  const auto in_rsa = env_.cryptography.Rewrap(call_, back);
  ASSERT_TRUE(in_rsa.ok()) << in_rsa.status();
  EXPECT_EQ(Unwrap(rsa_, v1::WRAP_ALGORITHM_RSA_OAEP, in_rsa->ciphertext()), "secret");
}

TEST_F(RewrapTest, NeedsThePermissionsOfBothSteps) {
  const v1::RewrapKeyRequest request = RewrapRequest(Wrapped());
  const server::CallContext bob = VaultEnv::Call(kBob);
  // The option of the method has asked for unwrapKey.
  Permit(kBob, {"unwrapKey"});
  const absl::Status status = env_.cryptography.Rewrap(bob, request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(status.message()), HasSubstr("wrapKey"));
  v1::BatchRewrapKeyRequest batch;
  batch.set_parent("vaults/contoso");
  *batch.add_requests() = request;
  EXPECT_EQ(env_.cryptography.BatchRewrap(bob, batch).status(), status);
  Permit(kBob, {"wrapKey"});
  EXPECT_TRUE(env_.cryptography.Rewrap(bob, request).ok());
  EXPECT_TRUE(env_.cryptography.BatchRewrap(bob, batch)->results(0).has_response());
}

TEST_F(RewrapTest, StaysWithinTheVault) {
  env_.CreateVault("fabrikam");
  env_.CreateKey("fabrikam", "rsa", v1::KEY_TYPE_RSA_2048);
  v1::RewrapKeyRequest request = RewrapRequest(Wrapped());
  request.set_target("vaults/fabrikam/keys/rsa");
  const absl::Status status = env_.cryptography.Rewrap(call_, request).status();
  EXPECT_EQ(ErrorReason(status), "INVALID_REQUEST");
  EXPECT_THAT(std::string(status.message()), HasSubstr("'target'"));
}

TEST_F(RewrapTest, WhatDoesNotFitTheTargetIsToldSo) {
  v1::RewrapKeyRequest request = RewrapRequest(Wrapped("not a multiple of 8"));
  request.set_target(kAes);
  request.set_target_algorithm(v1::WRAP_ALGORITHM_A256_KW);
  const absl::Status status = env_.cryptography.Rewrap(call_, request).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("'target_algorithm'"));
  request.set_target_algorithm(v1::WRAP_ALGORITHM_A256_KWP);
  EXPECT_TRUE(env_.cryptography.Rewrap(call_, request).ok());
  request.clear_target_algorithm();
  EXPECT_EQ(ErrorReason(env_.cryptography.Rewrap(call_, request).status()), "ALGORITHM_UNSUITABLE");
}

TEST_F(RewrapTest, BatchAnswersItemByItemInOrder) {
  v1::BatchWrapKeyRequest wrap;
  wrap.set_parent("vaults/contoso");
  *wrap.add_requests() = WrapRequest(kRsa, "first");
  *wrap.add_requests() = WrapRequest("vaults/contoso/keys/nobody", "second");
  *wrap.add_requests() = WrapRequest("no name", "third");
  *wrap.add_requests() = WrapRequest(kRsa, "fourth");
  const auto wrapped = env_.cryptography.BatchWrap(call_, wrap);
  ASSERT_TRUE(wrapped.ok()) << wrapped.status();
  ASSERT_EQ(wrapped->results_size(), 4);
  EXPECT_EQ(wrapped->results(1).error().code(), 5);
  EXPECT_THAT(wrapped->results(1).error().details(0).value(), HasSubstr("KEY_NOT_FOUND"));
  EXPECT_THAT(wrapped->results(2).error().details(0).value(), HasSubstr("INVALID_REQUEST"));
  EXPECT_EQ(call_.Notes().at("items"), "4");
  EXPECT_EQ(call_.Notes().at("failed_items"), "2");
  EXPECT_EQ(call_.Notes().at("key_version.0"), rsa_);

  v1::BatchUnwrapKeyRequest unwrap;
  unwrap.set_parent("vaults/contoso");
  for (int i : {3, 0}) {
    v1::UnwrapKeyRequest& item = *unwrap.add_requests();
    item.set_name(rsa_);
    item.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
    item.set_ciphertext(wrapped->results(i).response().ciphertext());
  }
  unwrap.mutable_requests(1)->mutable_ciphertext()->pop_back();
  const auto unwrapped = env_.cryptography.BatchUnwrap(call_, unwrap);
  ASSERT_TRUE(unwrapped.ok()) << unwrapped.status();
  EXPECT_EQ(unwrapped->results(0).response().plaintext(), "fourth");
  EXPECT_THAT(unwrapped->results(1).error().details(0).value(), HasSubstr("CIPHERTEXT_INVALID"));
}

TEST_F(RewrapTest, EveryItemOfABatchCountsAgainstTheLimits) {
  // Two operations in ten seconds.
  RateLimiter limiter(env_.clock, {.vault_operations = 0.2});
  UsableKeys keys(*env_.database, env_.clock, env_.key_ring, limiter);
  CryptographyHandler limited(keys, env_.ciphers, env_.gate);
  env_.CreateKey("contoso", "limited", v1::KEY_TYPE_OCT_256);
  v1::BatchWrapKeyRequest batch;
  batch.set_parent("vaults/contoso");
  for (int i = 0; i < 3; ++i) {
    v1::WrapKeyRequest& item = *batch.add_requests();
    item.set_name("vaults/contoso/keys/limited");
    item.set_algorithm(v1::WRAP_ALGORITHM_A256_KW);
    item.set_plaintext(std::string(32, 'k'));
  }
  const auto wrapped = limited.BatchWrap(call_, batch);
  ASSERT_TRUE(wrapped.ok()) << wrapped.status();
  EXPECT_TRUE(wrapped->results(1).has_response());
  EXPECT_EQ(wrapped->results(2).error().code(),
            static_cast<int>(absl::StatusCode::kResourceExhausted));
}

TEST_F(RewrapTest, BatchRewrapsMany) {
  v1::BatchRewrapKeyRequest batch;
  batch.set_parent("vaults/contoso");
  for (int i = 0; i < 5; ++i) {
    *batch.add_requests() = RewrapRequest(Wrapped(absl::StrCat("secret ", i)));
  }
  const std::string newest = Rotate(kRsa);
  const auto answer = env_.cryptography.BatchRewrap(call_, batch);
  ASSERT_TRUE(answer.ok()) << answer.status();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(
        Unwrap(newest, v1::WRAP_ALGORITHM_RSA_OAEP_256, answer->results(i).response().ciphertext()),
        absl::StrCat("secret ", i));
  }
}

TEST_F(RewrapTest, BatchesHaveTheirLimits) {
  v1::BatchWrapKeyRequest batch;
  batch.set_parent("vaults/contoso");
  const auto message = [&] {
    const absl::Status status = env_.cryptography.BatchWrap(call_, batch).status();
    EXPECT_EQ(ErrorReason(status), "INVALID_REQUEST");
    return std::string(status.message());
  };
  EXPECT_THAT(message(), HasSubstr("0 items"));
  for (int i = 0; i < 257; ++i) *batch.add_requests() = WrapRequest(kAes, "x");
  EXPECT_THAT(message(), HasSubstr("257 items"));
  batch.mutable_requests()->DeleteSubrange(60, 197);
  for (v1::WrapKeyRequest& item : *batch.mutable_requests()) {
    item.set_plaintext(std::string(60'000, 'x'));
  }
  EXPECT_THAT(message(), HasSubstr("larger than"));
  batch.mutable_requests()->DeleteSubrange(1, 59);
  batch.mutable_requests(0)->set_name("vaults/fabrikam/keys/rsa");
  EXPECT_THAT(message(), HasSubstr("'requests[0].name'"));
}

}  // namespace
}  // namespace keyward::key_vault
