// Cryptography and import as callers meet them: over mutual TLS, through the stubs, with tokens.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/crypto/aes_kw.h"
#include "common/crypto/secret_bytes.h"
#include "common/status/error.h"
#include "keyward/audit/v1/audit.grpc.pb.h"
#include "keyward/keyvault/v1/cryptography.grpc.pb.h"
#include "keyward/keyvault/v1/keys.grpc.pb.h"
#include "keyward/keyvault/v1/vaults.grpc.pb.h"
#include "services/key_vault/testing/vault_server.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using ::testing::HasSubstr;
using testing::IdentityFeed;
using ::testing::Not;
using testing::VaultServer;
using Cryptography = v1::CryptographyService::Stub;
using Keys = v1::KeyService::Stub;
using Vaults = v1::VaultService::Stub;
using Audit = audit::v1::AuditService::Stub;

constexpr char kAlice[] = "spiffe://keyward.local/operator/alice";
constexpr char kPrincipal[] = "0b6a2c5e-7a55-4c6e-9b1c-5a8e3f1d2c4b";
// The bytes 1 to 32.
constexpr char kEncodedKey[] = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA";

class CryptographyServiceTest : public ::testing::Test {
 protected:
  CryptographyServiceTest() {
    IdentityFeed& identities = server_.identities();
    identities.SetSubscription("subscriptions/main", "tenants/test");
    identities.SetPrincipal(kPrincipal, "tenants/test", true);
    identities.Await(identities.Grant(kAlice, identity::v1::ROLE_ADMINISTRATOR, "/"));
    const auto channel = server_.AsOperator("alice");
    vaults_ = std::make_unique<Vaults>(channel);
    keys_ = std::make_unique<Keys>(channel);
    cryptography_ = std::make_unique<Cryptography>(channel);
    audit_ = std::make_unique<Audit>(channel);
    v1::CreateVaultRequest vault;
    vault.set_vault_id("contoso");
    vault.mutable_vault()->set_subscription("subscriptions/main");
    vault.mutable_vault()->set_region("westeurope");
    vault.mutable_vault()->add_access_policy()->set_principal(kAlice);
    vault.mutable_vault()->mutable_access_policy(0)->add_key_permissions("all");
    vault.mutable_vault()->add_access_policy()->set_principal(kPrincipal);
    vault.mutable_vault()->mutable_access_policy(1)->add_key_permissions("unwrapKey");
    Must(VaultServer::Call(*vaults_, &Vaults::CreateVault, vault));
  }

  template <typename T>
  static T Must(absl::StatusOr<T> result) {
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *std::move(result) : T();
  }

  absl::StatusOr<v1::Key> Import() {
    v1::ImportKeyRequest request;
    request.set_parent("vaults/contoso");
    request.set_key_id("imported");
    request.set_jwk(absl::StrCat(R"({"kty":"oct","k":")", kEncodedKey, R"("})"));
    return VaultServer::Call(*keys_, &Keys::ImportKey, request);
  }

  VaultServer server_;
  std::unique_ptr<Vaults> vaults_;
  std::unique_ptr<Keys> keys_;
  std::unique_ptr<Cryptography> cryptography_;
  std::unique_ptr<Audit> audit_;
};

TEST_F(CryptographyServiceTest, ImportedKeyWorksWithOthersAndLeavesNoTraceOfItself) {
  ::testing::internal::CaptureStderr();
  ::testing::internal::CaptureStdout();
  const v1::Key key = Must(Import());
  v1::UnwrapKeyRequest unwrap;
  unwrap.set_name(key.name());
  unwrap.set_algorithm(v1::WRAP_ALGORITHM_A256_KWP);
  std::string bytes;
  for (char c = 1; c <= 32; ++c) bytes.push_back(c);
  unwrap.set_ciphertext(*crypto::AesKwpWrap(crypto::SecretBytes::CopyOf(bytes),
                                            crypto::SecretBytes::CopyOf("a plain secret")));
  const auto unwrapped = Must(VaultServer::Call(*cryptography_, &Cryptography::UnwrapKey, unwrap));
  EXPECT_EQ(unwrapped.plaintext(), "a plain secret");
  const std::string logged =
      ::testing::internal::GetCapturedStderr() + ::testing::internal::GetCapturedStdout();
  EXPECT_THAT(logged, HasSubstr("KeyService/ImportKey"));
  audit::v1::ListAuditEntriesRequest list;
  list.set_resource("vaults/contoso");
  std::string audited;
  const auto listed = Must(VaultServer::Call(*audit_, &Audit::ListAuditEntries, list));
  for (const audit::v1::AuditEntry& entry : listed.entries()) audited += entry.SerializeAsString();
  EXPECT_THAT(audited, HasSubstr("KeyService/ImportKey"));
  for (const std::string& secret : {std::string(kEncodedKey).substr(0, 12), bytes.substr(0, 8),
                                    std::string("a plain secret")}) {
    EXPECT_THAT(logged, Not(HasSubstr(secret)));
    EXPECT_THAT(audited, Not(HasSubstr(secret)));
  }
}

TEST_F(CryptographyServiceTest, RewrappingNeedsBothPermissionsOfTheIdentityThatAsks) {
  const v1::Key key = Must(Import());
  v1::WrapKeyRequest wrap;
  wrap.set_name(key.name());
  wrap.set_algorithm(v1::WRAP_ALGORITHM_A256_GCM);
  wrap.set_plaintext("secret");
  v1::RewrapKeyRequest rewrap;
  rewrap.set_name(key.name());
  rewrap.set_algorithm(v1::WRAP_ALGORITHM_A256_GCM);
  rewrap.set_ciphertext(
      Must(VaultServer::Call(*cryptography_, &Cryptography::WrapKey, wrap)).ciphertext());
  const std::string token =
      server_.identities().Sign(IdentityFeed::Claims(kPrincipal, "tenants/test"));
  Cryptography identity(server_.AsService("encryption"));
  const absl::Status status =
      VaultServer::Call(identity, &Cryptography::RewrapKey, rewrap, token).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ErrorReason(status), "FORBIDDEN_BY_POLICY");
  EXPECT_EQ(ErrorMetadata(status, "permission"), "wrapKey");
  Must(VaultServer::Call(*cryptography_, &Cryptography::RewrapKey, rewrap));
}

TEST_F(CryptographyServiceTest, MalformedResourcesAreToldWithTheirField) {
  v1::BatchWrapKeyRequest batch;
  batch.set_parent("vaults/");
  v1::GenerateRandomBytesRequest random;
  random.set_vault("x");
  EXPECT_THAT(
      VaultServer::Call(*cryptography_, &Cryptography::BatchWrapKey, batch).status().ToString(),
      HasSubstr("'parent'"));
  EXPECT_THAT(VaultServer::Call(*cryptography_, &Cryptography::GenerateRandomBytes, random)
                  .status()
                  .ToString(),
              HasSubstr("'vault'"));
}

}  // namespace
}  // namespace keyward::key_vault
