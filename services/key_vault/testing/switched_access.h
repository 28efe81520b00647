#ifndef KEYWARD_SERVICES_KEY_VAULT_TESTING_SWITCHED_ACCESS_H_
#define KEYWARD_SERVICES_KEY_VAULT_TESTING_SWITCHED_ACCESS_H_

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/storage/testing/temporary_database.h"
#include "keyward/keyvault/v1/cryptography.grpc.pb.h"
#include "keyward/keyvault/v1/keys.grpc.pb.h"
#include "keyward/keyvault/v1/vaults.grpc.pb.h"
#include "services/key_vault/testing/vault_server.h"

namespace keyward::key_vault::testing {

// What can take access away: the end of the identity, a change of the access policy, disabling a
// key, deleting one, deleting a vault.
enum Switch : size_t { kIdentity, kPolicy, kEnabled, kKey, kVault, kSwitches };
inline constexpr std::array<const char*, kSwitches> kSwitchNames = {"identity", "policy", "enabled",
                                                                    "key", "vault"};

// A key, and the switch that works on it alone. The identity works on all, the policy on those of
// the first vault.
struct Target {
  const char* key;
  Switch own;
};
inline constexpr std::array<Target, 3> kTargets = {{{"vaults/contoso/keys/switched", kEnabled},
                                                    {"vaults/contoso/keys/deleted", kKey},
                                                    {"vaults/fabrikam/keys/whole", kVault}}};

// How a key is used.
enum class Use { kGet, kWrap, kUnwrap };

// One server or several replicas of it, two vaults with the targets, and an identity that uses
// them, while its access is taken away and given back. Thread-safe, but for the set-up; a fault of
// that ends the test.
class SwitchedAccess {
 public:
  // One server on SQLite; two replicas on the PostgreSQL database, if one is given, which must
  // outlive this.
  explicit SwitchedAccess(const storage::testing::TemporaryDatabase* postgresql);

  size_t replicas() const { return replicas_.size(); }

  // Takes access away or gives it back, at one replica; returns when that is said to be done.
  absl::Status Set(Switch which, size_t replica, bool on);

  // Uses a target's key, as the identity, at one replica.
  absl::Status Call(Use use, size_t replica, size_t target);

 private:
  using Vaults = keyvault::v1::VaultService::Stub;
  using Keys = keyvault::v1::KeyService::Stub;
  using Cryptography = keyvault::v1::CryptographyService::Stub;

  struct Replica {
    explicit Replica(std::unique_ptr<VaultServer> running);

    std::unique_ptr<VaultServer> server;
    // The administrator's.
    Vaults vaults;
    Keys keys;
    // The identity's.
    Keys keys_of_identity;
    Cryptography cryptography;
  };

  void CreateVault(const std::string& id);
  void CreateKey(size_t target);
  absl::Status SetPolicy(Replica& replica, bool on);
  std::string Token();

  std::vector<std::unique_ptr<Replica>> replicas_;
  std::array<std::string, kTargets.size()> ciphertexts_;
};

}  // namespace keyward::key_vault::testing

#endif  // KEYWARD_SERVICES_KEY_VAULT_TESTING_SWITCHED_ACCESS_H_
