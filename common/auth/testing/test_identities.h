#ifndef KEYWARD_COMMON_AUTH_TESTING_TEST_IDENTITIES_H_
#define KEYWARD_COMMON_AUTH_TESTING_TEST_IDENTITIES_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/auth/principal_directory.h"
#include "common/auth/token.h"
#include "common/clock/clock.h"
#include "common/crypto/ecdsa.h"
#include "common/storage/database.h"
#include "google/protobuf/message.h"
#include "keyward/identity/v1/roles.pb.h"

namespace keyward::auth::testing {

// Plays managed_identity for a service under test: feeds its PrincipalDirectory as the identity
// feed would, and issues tokens that the directory's keys verify. Any failure ends the test. Not
// thread-safe.
class TestIdentities {
 public:
  // Publishes a signing key at once.
  TestIdentities(storage::Database& database, PrincipalDirectory& directory,
                 const clock::Clock& clock);

  // Gives a principal a role; returns the assignment's name.
  std::string Grant(const std::string& principal, identity::v1::Role role,
                    const std::string& scope);
  // Takes it away; tokens of the principal issued until now die.
  void Revoke(const std::string& assignment);

  // Brings a principal into being, or (active = false) to its end.
  void SetPrincipal(const std::string& principal, bool active = true,
                    const std::string& tenant = "tenants/test");

  // Says which tenant a subscription is in.
  void SetSubscription(const std::string& subscription, const std::string& tenant);

  // Claims that are good now for `audience`, for a test to spoil.
  TokenClaims Claims(const std::string& principal, const std::string& audience) const;

  // A token with these claims, signed with the published key; or with `key`.
  std::string Sign(const TokenClaims& claims) const { return Sign(claims, key_); }
  std::string Sign(const TokenClaims& claims, const crypto::EcPrivateKey& key) const;

  // Anything with a good signature, "{header}.{payload}" being encoded already.
  std::string SignRaw(const std::string& signing_input) const;

  const crypto::EcPrivateKey& key() const { return key_; }

  // Publishes a set that has the key twice; returns what the directory says to it.
  absl::Status TryPublishKeyTwice();

  // Publishes an empty set of keys.
  void WithdrawKeys();

  // A good token.
  std::string IssueToken(const std::string& principal, const std::string& audience) const {
    return Sign(Claims(principal, audience));
  }

 private:
  void Publish(const google::protobuf::Message& change);
  absl::Status TryPublish(const google::protobuf::Message& change);

  storage::Database& database_;
  PrincipalDirectory& directory_;
  const clock::Clock& clock_;
  const crypto::EcPrivateKey key_;
  int64_t sequence_ = 0;
};

}  // namespace keyward::auth::testing

#endif  // KEYWARD_COMMON_AUTH_TESTING_TEST_IDENTITIES_H_
