// Signing keys as callers meet them: who may rotate and revoke, and what the HTTPS port shows.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "common/status/error.h"
#include "keyward/audit/v1/audit.grpc.pb.h"
#include "keyward/identity/v1/signing_keys.grpc.pb.h"
#include "keyward/identity/v1/tokens.grpc.pb.h"
#include "nlohmann/json.hpp"
#include "services/managed_identity/test_server.h"
#include "services/managed_identity/testing/https_get.h"

namespace keyward::managed_identity {
namespace {

using testing::Https;
using testing::HttpsAnswer;
using Keys = identity::v1::SigningKeyService::Stub;
using Tokens = identity::v1::TokenService::Stub;

class SigningKeyServiceTest : public TestServer {
 protected:
  std::set<std::string> Published() {
    Tokens tokens(AsOperator("bob"));
    const auto keys = Call(tokens, &Tokens::GetSigningKeys, identity::v1::GetSigningKeysRequest());
    EXPECT_TRUE(keys.ok()) << keys.status();
    std::set<std::string> ids;
    for (const auto& key : keys->keys()) ids.insert(key.key_id());
    return ids;
  }
};

TEST_F(SigningKeyServiceTest, OnlyAdministratorsRotateRevokeAndInspect) {
  Keys bob(AsOperator("bob"));
  Keys encryption(AsService("encryption"));
  identity::v1::RevokeSigningKeyRequest revoke;
  revoke.set_name("signingKeys/" + *Published().begin());
  for (Keys* keys : {&bob, &encryption}) {
    for (const absl::Status& refused :
         {Call(*keys, &Keys::ListSigningKeys, identity::v1::ListSigningKeysRequest()).status(),
          Call(*keys, &Keys::RotateSigningKey, identity::v1::RotateSigningKeyRequest()).status(),
          Call(*keys, &Keys::RevokeSigningKey, revoke).status()}) {
      EXPECT_EQ(ErrorReason(refused), "NOT_AUTHORIZED") << refused;
    }
  }
  Tokens tokens(AsOperator("bob"));
  identity::v1::IntrospectTokenRequest introspect;
  introspect.set_token("x");
  EXPECT_EQ(ErrorReason(Call(tokens, &Tokens::IntrospectToken, introspect).status()),
            "NOT_AUTHORIZED");

  Keys alice(AsOperator("alice"));
  EXPECT_TRUE(Call(alice, &Keys::RotateSigningKey, identity::v1::RotateSigningKeyRequest()).ok());
  EXPECT_TRUE(Call(alice, &Keys::RevokeSigningKey, revoke).ok());
  const auto listed = Call(alice, &Keys::ListSigningKeys, identity::v1::ListSigningKeysRequest());
  ASSERT_TRUE(listed.ok()) << listed.status();
  EXPECT_GE(listed->keys_size(), 3);
  Tokens inspector(AsOperator("alice"));
  const auto answer = Call(inspector, &Tokens::IntrospectToken, introspect);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_FALSE(answer->active());

  audit::v1::AuditService::Stub audit(AsOperator("alice"));
  const auto entries = Call(audit, &audit::v1::AuditService::Stub::ListAuditEntries,
                            audit::v1::ListAuditEntriesRequest());
  ASSERT_TRUE(entries.ok()) << entries.status();
  std::set<std::string> results;
  for (const audit::v1::AuditEntry& entry : entries->entries()) {
    if (absl::EndsWith(entry.operation(), "/RevokeSigningKey")) results.insert(entry.result());
  }
  EXPECT_THAT(results, ::testing::UnorderedElementsAre("OK", "PERMISSION_DENIED"));
}

TEST_F(SigningKeyServiceTest, TheHttpsPortShowsTheIssuerAndThePublishedKeys) {
  const Oidc oidc = RestartWithOidc("https://localhost/keyward");
  const auto discovery = Https(oidc.port, "/keyward/.well-known/openid-configuration", oidc.ca);
  ASSERT_EQ(discovery.status, 200) << discovery.error;
  const auto document = nlohmann::json::parse(discovery.body);
  EXPECT_EQ(document.at("issuer"), "https://localhost/keyward");
  EXPECT_EQ(document.at("jwks_uri"), "https://localhost/keyward/.well-known/jwks.json");
  // The new issuer's key takes over meanwhile, in the background.
  std::set<std::string> published;
  HttpsAnswer keys;
  do {
    published = Published();
    keys = Https(oidc.port, "/keyward/.well-known/jwks.json", oidc.ca);
  } while (published != Published());
  ASSERT_EQ(keys.status, 200) << keys.error;
  EXPECT_EQ(keys.headers.at("cache-control"), "public, max-age=60");
  const auto set = nlohmann::json::parse(keys.body);
  std::set<std::string> ids;
  for (const auto& key : set.at("keys")) {
    ids.insert(key.at("kid").get<std::string>());
    EXPECT_EQ(key.at("kty"), "EC");
    EXPECT_FALSE(key.contains("d"));
  }
  EXPECT_EQ(ids, published);
  EXPECT_EQ(Https(oidc.port, "/.well-known/jwks.json", oidc.ca).status, 404);
}

}  // namespace
}  // namespace keyward::managed_identity
