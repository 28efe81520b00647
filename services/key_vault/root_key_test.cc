// The root key and the token of a whole service: changed while it runs, with a restart for each
// step as an operator makes it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/hsm/testing/soft_token.h"
#include "common/status/error.h"
#include "keyward/keyvault/v1/cryptography.grpc.pb.h"
#include "keyward/keyvault/v1/keys.grpc.pb.h"
#include "keyward/keyvault/v1/vaults.grpc.pb.h"
#include "keyward/rootkey/v1/root_keys.grpc.pb.h"
#include "services/key_vault/testing/vault_server.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using testing::IdentityFeed;
using testing::VaultServer;
using Vaults = v1::VaultService::Stub;
using Keys = v1::KeyService::Stub;
using Cryptography = v1::CryptographyService::Stub;
using RootKeys = rootkey::v1::RootKeyService::Stub;

constexpr char kAlice[] = "spiffe://keyward.local/operator/alice";
constexpr char kPlaintext[] = "0123456789abcdef0123456789abcdef";

class RootKeyTest : public ::testing::Test {
 protected:
  RootKeyTest() {
    IdentityFeed& identities = server_.identities();
    identities.SetSubscription("subscriptions/main", "tenants/test");
    identities.Await(identities.Grant(kAlice, identity::v1::ROLE_ADMINISTRATOR, "/"));
  }

  template <typename T>
  static T Must(absl::StatusOr<T> answer) {
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? *std::move(answer) : T();
  }

  std::string MakeKey(const std::string& vault_id, v1::Sku sku) {
    Vaults vaults(server_.AsOperator("alice"));
    v1::CreateVaultRequest vault;
    vault.set_vault_id(vault_id);
    vault.mutable_vault()->set_subscription("subscriptions/main");
    vault.mutable_vault()->set_region("westeurope");
    vault.mutable_vault()->set_sku(sku);
    v1::AccessPolicyEntry* entry = vault.mutable_vault()->add_access_policy();
    entry->set_principal(kAlice);
    entry->add_key_permissions("all");
    Must(VaultServer::Call(vaults, &Vaults::CreateVault, vault));
    Keys keys(server_.AsOperator("alice"));
    v1::CreateKeyRequest key;
    key.set_parent("vaults/" + vault_id);
    key.set_key_id("k");
    key.mutable_key()->set_key_type(v1::KEY_TYPE_RSA_2048);
    return Must(VaultServer::Call(keys, &Keys::CreateKey, key)).name();
  }

  v1::WrapKeyResponse Wrap(const std::string& key) {
    Cryptography cryptography(server_.AsOperator("alice"));
    v1::WrapKeyRequest request;
    request.set_name(key);
    request.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
    request.set_plaintext(kPlaintext);
    return Must(VaultServer::Call(cryptography, &Cryptography::WrapKey, request));
  }

  std::string Unwrap(const v1::WrapKeyResponse& wrapped) {
    Cryptography cryptography(server_.AsOperator("alice"));
    v1::UnwrapKeyRequest request;
    request.set_name(wrapped.key_version());
    request.set_algorithm(v1::WRAP_ALGORITHM_RSA_OAEP_256);
    request.set_ciphertext(wrapped.ciphertext());
    return Must(VaultServer::Call(cryptography, &Cryptography::UnwrapKey, request)).plaintext();
  }

  absl::StatusOr<rootkey::v1::RootKeyState> State(const std::string& caller) {
    RootKeys root_keys(server_.AsOperator(caller));
    return VaultServer::Call(root_keys, &RootKeys::GetRootKeyState,
                             rootkey::v1::GetRootKeyStateRequest());
  }

  void ChangeTo(const std::string& root_key, const std::string& previous) {
    server_.options().root_key_file.clear();
    server_.options().root_key = root_key;
    server_.options().previous_root_keys = {previous};
    server_.Restart();
    while (!Must(State("alice")).previous_keys_may_go()) std::this_thread::yield();
    server_.options().previous_root_keys.clear();
    server_.Restart();
  }

  hsm::testing::SoftToken token_;
  VaultServer server_;
};

TEST_F(RootKeyTest, ChangesFromAFileToATokenAndEverythingStillOpens) {
  const auto wrapped = Wrap(MakeKey("contoso", v1::SKU_STANDARD));
  const std::string old = "file:" + server_.options().root_key_file;
  const auto before = Must(State("alice"));
  EXPECT_EQ(before.secrets(), 1);
  ChangeTo(token_.uri_text("root"), old);
  EXPECT_EQ(Unwrap(wrapped), kPlaintext);
  const auto after = Must(State("alice"));
  EXPECT_NE(after.root_key_id(), before.root_key_id());
  EXPECT_EQ(after.root_key_id().size(), 16u);
  EXPECT_EQ(after.secrets_left(), 0);
  EXPECT_EQ(after.next_root_key_id(), "");
}

TEST_F(RootKeyTest, TokenOfTheRootKeyHoldsTheKeysOfPremiumVaults) {
  ChangeTo(token_.uri_text("root"), "file:" + server_.options().root_key_file);
  const auto wrapped = Wrap(MakeKey("premium", v1::SKU_PREMIUM));
  EXPECT_EQ(Unwrap(wrapped), kPlaintext);
  // The key in the token outlives the root key that sealed the way to it.
  server_.settings().hsm = token_.uri_text("unused");
  ChangeTo("file:" + token_.File("new.key"), token_.uri_text("root"));
  EXPECT_EQ(Unwrap(wrapped), kPlaintext);
}

TEST_F(RootKeyTest, StateIsForAdministrators) {
  EXPECT_TRUE(absl::IsPermissionDenied(State("mallory").status()));
}

}  // namespace
}  // namespace keyward::key_vault
