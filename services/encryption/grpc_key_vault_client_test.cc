#include "services/encryption/grpc_key_vault_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "common/auth/spiffe_id.h"
#include "common/crypto/secret_bytes.h"
#include "common/integrity/crc32c.h"
#include "common/server/channel.h"
#include "common/server/testing/test_authority.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "services/encryption/refusals.h"
#include "services/encryption/testing/peer_server.h"

namespace keyward::encryption {
namespace {

namespace kv = keyvault::v1;
using ::testing::HasSubstr;

constexpr char kVersion[] = "vaults/contoso/keys/k/versions/00000000000000000000000000000001";

// Wraps by turning the bytes round; a test damages its answers.
class DamagingVault final : public kv::CryptographyService::Service {
 public:
  grpc::Status WrapKey(grpc::ServerContext*, const kv::WrapKeyRequest* request,
                       kv::WrapKeyResponse* response) override {
    if (!refusal.ok()) return ToGrpcStatus(refusal);
    response->set_key_version(kVersion);
    response->set_ciphertext({request->plaintext().rbegin(), request->plaintext().rend()});
    response->mutable_ciphertext_crc32c()->set_value(integrity::Crc32c(response->ciphertext()));
    response->set_verified_plaintext_crc32c(
        request->has_plaintext_crc32c() &&
        integrity::MatchesCrc32c(request->plaintext(), request->plaintext_crc32c().value()));
    if (damage_wrapped) damage_wrapped(*response);
    return grpc::Status::OK;
  }

  grpc::Status UnwrapKey(grpc::ServerContext*, const kv::UnwrapKeyRequest* request,
                         kv::UnwrapKeyResponse* response) override {
    if (!refusal.ok()) return ToGrpcStatus(refusal);
    response->set_key_version(kVersion);
    response->set_plaintext({request->ciphertext().rbegin(), request->ciphertext().rend()});
    response->mutable_plaintext_crc32c()->set_value(integrity::Crc32c(response->plaintext()));
    response->set_verified_ciphertext_crc32c(
        request->has_ciphertext_crc32c() &&
        integrity::MatchesCrc32c(request->ciphertext(), request->ciphertext_crc32c().value()));
    if (damage_unwrapped) damage_unwrapped(*response);
    return grpc::Status::OK;
  }

  absl::Status refusal;
  std::function<void(kv::WrapKeyResponse&)> damage_wrapped;
  std::function<void(kv::UnwrapKeyResponse&)> damage_unwrapped;
};

class GrpcKeyVaultClientTest : public ::testing::Test {
 protected:
  absl::StatusOr<KeyVaultClient::Wrapped> Wrap() {
    return client_.Wrap({}, "", kVersion, crypto::SecretBytes::CopyOf("secret"));
  }
  absl::StatusOr<crypto::SecretBytes> Unwrap() {
    return client_.Unwrap({}, "", kVersion, "terces");
  }

  // It is as if no answer had come: nothing is known of the account's access.
  static void ExpectUnreachable(const absl::Status& status) {
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    EXPECT_EQ(ErrorReason(status), "DEPENDENCY_UNAVAILABLE");
    EXPECT_FALSE(IsAuthoritativeRefusal(status));
    EXPECT_THAT(std::string(status.message()), HasSubstr("key_vault"));
  }

  DamagingVault vault_;
  server::testing::TestAuthority authority_;
  testing::PeerServer peer_{authority_, "key_vault", {&vault_}};
  GrpcKeyVaultClient client_{
      server::MakeChannel(peer_.target(), authority_.IssueService("encryption"),
                          auth::ServiceSpiffeId("keyward.local", "key_vault"))};
};

TEST_F(GrpcKeyVaultClientTest, SoundAnswersAreTaken) {
  const auto wrapped = Wrap();
  ASSERT_TRUE(wrapped.ok()) << wrapped.status();
  EXPECT_EQ(wrapped->ciphertext, "terces");
  EXPECT_EQ(wrapped->version, kVersion);
  const auto unwrapped = Unwrap();
  ASSERT_TRUE(unwrapped.ok()) << unwrapped.status();
  EXPECT_EQ(unwrapped->ExposeSecret(), "secret");
}

TEST_F(GrpcKeyVaultClientTest, DamagedWrappingCountsAsNoAnswer) {
  for (const std::function<void(kv::WrapKeyResponse&)>& damage :
       std::initializer_list<std::function<void(kv::WrapKeyResponse&)>>{
           [](auto& response) { response.mutable_ciphertext()->front() ^= 1; },
           [](auto& response) { response.clear_ciphertext(); },
           [](auto& response) { response.clear_ciphertext_crc32c(); },
           [](auto& response) { response.set_verified_plaintext_crc32c(false); }}) {
    vault_.damage_wrapped = damage;
    ExpectUnreachable(Wrap().status());
  }
}

TEST_F(GrpcKeyVaultClientTest, DamagedUnwrappingCountsAsNoAnswer) {
  for (const std::function<void(kv::UnwrapKeyResponse&)>& damage :
       std::initializer_list<std::function<void(kv::UnwrapKeyResponse&)>>{
           [](auto& response) { response.mutable_plaintext()->front() ^= 1; },
           [](auto& response) { response.clear_plaintext(); },
           [](auto& response) { response.clear_plaintext_crc32c(); },
           [](auto& response) { response.set_verified_ciphertext_crc32c(false); }}) {
    vault_.damage_unwrapped = damage;
    ExpectUnreachable(Unwrap().status());
  }
}

TEST_F(GrpcKeyVaultClientTest, RefusalsKeepTheirReason) {
  vault_.refusal = ErrorBuilder(absl::StatusCode::kFailedPrecondition, "KEY_DISABLED", "disabled");
  EXPECT_TRUE(IsAuthoritativeRefusal(Unwrap().status()));
  // The vault found the request damaged: no more is known than if it had not arrived.
  vault_.refusal = ErrorBuilder(absl::StatusCode::kInvalidArgument, "CHECKSUM_MISMATCH", "damaged");
  EXPECT_FALSE(IsAuthoritativeRefusal(Unwrap().status()));
}

}  // namespace
}  // namespace keyward::encryption
