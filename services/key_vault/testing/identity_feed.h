#ifndef KEYWARD_SERVICES_KEY_VAULT_TESTING_IDENTITY_FEED_H_
#define KEYWARD_SERVICES_KEY_VAULT_TESTING_IDENTITY_FEED_H_

#include <cstdint>
#include <memory>
#include <string>

#include "common/auth/resource_hierarchy.h"
#include "common/auth/token.h"
#include "common/crypto/ecdsa.h"
#include "common/server/application.h"
#include "common/server/testing/test_authority.h"
#include "google/protobuf/message.h"
#include "keyward/identity/v1/roles.pb.h"

namespace keyward::key_vault::testing {

// Stands where managed_identity stands: a real server with a real feed, of which the test says what
// it publishes. It issues tokens that the published key verifies. A fault ends the test.
class IdentityFeed {
 public:
  explicit IdentityFeed(server::testing::TestAuthority& authority);

  // host:port.
  std::string target() const;

  // Each publishes an event and returns its sequence.
  int64_t SetSubscription(const std::string& subscription, const std::string& tenant);
  int64_t SetPrincipal(const std::string& principal, const std::string& tenant, bool active);
  int64_t Grant(const std::string& principal, identity::v1::Role role, const std::string& scope);

  // Returns once the vault has taken over everything up to that event.
  void Await(int64_t sequence);

  // Claims that are good now for key_vault, for a test to spoil; and a token with them.
  static auth::TokenClaims Claims(const std::string& principal, const std::string& tenant);
  std::string Sign(const auth::TokenClaims& claims) const;

 private:
  int64_t Publish(const std::string& type, const google::protobuf::Message& data);

  const crypto::EcPrivateKey key_;
  server::testing::TestFolder folder_;
  auth::FlatHierarchy hierarchy_;
  std::unique_ptr<server::RunningService> running_;
  int roles_ = 0;
};

}  // namespace keyward::key_vault::testing

#endif  // KEYWARD_SERVICES_KEY_VAULT_TESTING_IDENTITY_FEED_H_
