#ifndef KEYWARD_SERVICES_KEY_VAULT_TESTING_VAULT_ENV_H_
#define KEYWARD_SERVICES_KEY_VAULT_TESTING_VAULT_ENV_H_

#include <memory>
#include <string>
#include <vector>

#include "common/auth/principal_directory.h"
#include "common/clock/clock.h"
#include "common/crypto/file_root_key.h"
#include "common/events/feed.h"
#include "common/events/outbox.h"
#include "common/hsm/token.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "common/storage/testing/temporary_database.h"
#include "keyward/audit/v1/audit.pb.h"
#include "keyward/events/v1/events.pb.h"
#include "services/key_vault/access_policies_handler.h"
#include "services/key_vault/backups_handler.h"
#include "services/key_vault/changes.h"
#include "services/key_vault/cipher_operations.h"
#include "services/key_vault/cryptography_handler.h"
#include "services/key_vault/encryption_handler.h"
#include "services/key_vault/hsm_keys.h"
#include "services/key_vault/import_handler.h"
#include "services/key_vault/inspection_handler.h"
#include "services/key_vault/key_permission_gate.h"
#include "services/key_vault/key_ring.h"
#include "services/key_vault/key_usages_handler.h"
#include "services/key_vault/key_versions_handler.h"
#include "services/key_vault/keys_handler.h"
#include "services/key_vault/publisher.h"
#include "services/key_vault/purge_handler.h"
#include "services/key_vault/purges.h"
#include "services/key_vault/random_handler.h"
#include "services/key_vault/rate_limiter.h"
#include "services/key_vault/rotation_policies_handler.h"
#include "services/key_vault/signature_handler.h"
#include "services/key_vault/testing/temporary_folder.h"
#include "services/key_vault/usable_keys.h"
#include "services/key_vault/vaults_handler.h"

namespace keyward::key_vault::testing {

inline constexpr char kAlice[] = "spiffe://keyward.local/operator/alice";
inline constexpr char kPrincipal[] = "0b6a2c5e-7a55-4c6e-9b1c-5a8e3f1d2c4b";
inline constexpr char kTenant[] = "tenants/test";
inline constexpr char kSubscription[] = "subscriptions/main";

// The handlers on a real database and a fake clock, without a server. It knows kSubscription, which
// is in kTenant. A fault of the set-up ends the test.
class VaultEnv {
 public:
  struct Options {
    // The database; a new SQLite file if empty.
    std::string url;
    // The file of the root key; a new one if empty.
    std::string root_key_file;
    // The token for premium vaults; none if null.
    std::shared_ptr<hsm::Token> token = nullptr;
  };

  VaultEnv() : VaultEnv(Options()) {}
  explicit VaultEnv(const Options& options);

  // What a handler is given for a call of `principal`.
  static server::CallContext Call(const std::string& principal = kAlice);

  // Lets managed_identity tell of a principal.
  void SetPrincipal(const std::string& principal, const std::string& tenant, bool active);

  // Has encryption register that `user` depends on a version.
  void Use(const std::string& version, const std::string& user);

  void SetSubscription(const std::string& subscription, const std::string& tenant);

  // Creates a vault whose policy gives kAlice everything.
  keyvault::v1::Vault CreateVault(const std::string& id,
                                  keyvault::v1::Sku sku = keyvault::v1::SKU_STANDARD);
  // Creates a key in a vault.
  keyvault::v1::Key CreateKey(const std::string& vault_id, const std::string& key_id,
                              keyvault::v1::KeyType type = keyvault::v1::KEY_TYPE_EC_P256);

  // Every entry of the audit log, oldest first.
  std::vector<audit::v1::AuditEntry> AuditEntries();

  // Everything published, oldest first; or the types and subjects, as "type subject".
  std::vector<events::v1::Event> Events();
  std::vector<std::string> EventNames();

  // Runs a transaction that must succeed.
  void Write(absl::FunctionRef<absl::Status(storage::Transaction&)> work);
  void Read(absl::FunctionRef<absl::Status(storage::Transaction&)> work);

 private:
  TemporaryFolder folder_;
  std::unique_ptr<storage::testing::TemporaryDatabase> temporary_;
  int64_t identity_sequence_ = 0;

 public:
  clock::FakeClock clock;
  std::unique_ptr<storage::Database> database;
  events::Outbox outbox;
  std::unique_ptr<events::Feed> feed;
  std::unique_ptr<crypto::FileRootKey> root_key;
  // Null if there is no token.
  std::unique_ptr<HsmKeys> hsm_keys;
  KeyRing key_ring;
  RateLimiter limiter{clock, {}};
  Publisher publisher;
  Changes changes;
  // What managed_identity has told; nothing until a test lets it Observe something.
  auth::PrincipalDirectory principals;
  Purges purges;
  VaultsHandler vaults;
  AccessPoliciesHandler policies;
  KeysHandler keys;
  KeyVersionsHandler versions;
  RotationPoliciesHandler rotation_policies;
  BackupsHandler backups;
  InspectionHandler inspection;
  PurgeHandler purge;
  KeyUsagesHandler usages;
  ImportHandler imports;
  KeyPermissionGate gate;
  UsableKeys usable_keys;
  CipherOperations ciphers;
  CryptographyHandler cryptography;
  EncryptionHandler encryption;
  SignatureHandler signatures;
  RandomHandler random;
};

}  // namespace keyward::key_vault::testing

#endif  // KEYWARD_SERVICES_KEY_VAULT_TESTING_VAULT_ENV_H_
