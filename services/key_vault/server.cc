#include "services/key_vault/server.h"

#include <grpcpp/impl/service_type.h>

#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/root_key.h"
#include "common/events/lease.h"
#include "common/hsm/token.h"
#include "common/hsm/token_uri.h"
#include "common/status/status_macros.h"
#include "common/storage/request_ids.h"
#include "services/key_vault/access_policies_handler.h"
#include "services/key_vault/backup_service.h"
#include "services/key_vault/backups_handler.h"
#include "services/key_vault/changes.h"
#include "services/key_vault/cipher_operations.h"
#include "services/key_vault/cryptography_handler.h"
#include "services/key_vault/cryptography_service.h"
#include "services/key_vault/encryption_handler.h"
#include "services/key_vault/hsm_keys.h"
#include "services/key_vault/import_handler.h"
#include "services/key_vault/inspection_handler.h"
#include "services/key_vault/key_permission_gate.h"
#include "services/key_vault/key_ring.h"
#include "services/key_vault/key_ring_follower.h"
#include "services/key_vault/key_service.h"
#include "services/key_vault/key_usage_service.h"
#include "services/key_vault/key_usages_handler.h"
#include "services/key_vault/key_versions_handler.h"
#include "services/key_vault/keys_handler.h"
#include "services/key_vault/limited_permissions.h"
#include "services/key_vault/publisher.h"
#include "services/key_vault/purge_handler.h"
#include "services/key_vault/purger.h"
#include "services/key_vault/purges.h"
#include "services/key_vault/random_handler.h"
#include "services/key_vault/rotation_policies_handler.h"
#include "services/key_vault/rotation_service.h"
#include "services/key_vault/rotator.h"
#include "services/key_vault/schema.h"
#include "services/key_vault/signature_handler.h"
#include "services/key_vault/subscription_follower.h"
#include "services/key_vault/usable_keys.h"
#include "services/key_vault/vault_hierarchy.h"
#include "services/key_vault/vault_service.h"
#include "services/key_vault/vaults_handler.h"

namespace keyward::key_vault {
namespace {

constexpr char kManagedIdentity[] = "managed_identity";

// Private keys kept ready; some kilobytes each.
constexpr size_t kKeyRingCapacity = 10'000;

// Everything between the foundation and the wire.
class KeyVault final : public server::Application {
 public:
  KeyVault(server::Foundation& foundation, const crypto::RootKey& root_key,
           std::shared_ptr<hsm::Token> token, const events::Lease& identity_lease,
           const RateLimits& limits)
      : database_(foundation.database()),
        hsm_keys_(token == nullptr
                      ? nullptr
                      : std::make_unique<HsmKeys>(database_, foundation.clock(), std::move(token))),
        key_ring_(root_key, kKeyRingCapacity, hsm_keys_.get()),
        limiter_(foundation.clock(), limits),
        publisher_(foundation.outbox(), foundation.feed(), foundation.clock()),
        changes_(database_, foundation.clock(), publisher_),
        purges_(publisher_, key_ring_),
        purger_(database_, foundation.clock(), purges_),
        rotator_(database_, foundation.clock(), publisher_, key_ring_, foundation.metrics()),
        ring_follower_(database_, foundation.clock(), key_ring_),
        vaults_(database_, changes_, publisher_, key_ring_, foundation.principals()),
        policies_(changes_, publisher_, foundation.principals()),
        keys_(database_, changes_, publisher_, key_ring_),
        versions_(database_, changes_, publisher_, key_ring_),
        rotation_policies_(database_, changes_, publisher_),
        backups_(database_, changes_, publisher_, root_key, key_ring_),
        inspection_(database_),
        purge_(database_, foundation.clock(), changes_, purges_),
        usages_(database_, foundation.clock()),
        imports_(changes_, publisher_, key_ring_),
        gate_(database_, foundation.principals(),
              [&identity_lease] { return events::RequireFresh(identity_lease, kManagedIdentity); }),
        permissions_(gate_, limiter_),
        usable_keys_(database_, foundation.clock(), key_ring_, limiter_),
        ciphers_(database_),
        cryptography_(usable_keys_, ciphers_, gate_),
        encryption_(usable_keys_, ciphers_),
        signatures_(usable_keys_),
        random_(database_),
        hierarchy_(database_),
        dispatcher_(foundation.MakeDispatcher(hierarchy_, &permissions_)),
        vault_service_(dispatcher_, vaults_, policies_, purge_),
        key_service_(dispatcher_, keys_, imports_, versions_, inspection_, purge_),
        usage_service_(dispatcher_, usages_),
        rotation_service_(dispatcher_, rotation_policies_),
        backup_service_(dispatcher_, backups_),
        cryptography_service_(dispatcher_, encryption_, cryptography_, signatures_, random_) {
    foundation.principals().AddHandler(subscriptions_);
    // With a token, its operations are waited for.
    if (hsm_keys_ == nullptr) {
      dispatcher_.LimitToCores(keyvault::v1::CryptographyService::service_full_name());
    }
  }

  std::vector<grpc::Service*> services() override {
    return {&vault_service_,    &key_service_,    &usage_service_,
            &rotation_service_, &backup_service_, &cryptography_service_};
  }
  void Start() override {
    if (hsm_keys_ != nullptr) hsm_keys_->Start();
    purger_.Start();
    rotator_.Start();
    ring_follower_.Start();
  }
  void Stop() override {
    purger_.Stop();
    if (hsm_keys_ != nullptr) hsm_keys_->Stop();
    rotator_.Stop();
    ring_follower_.Stop();
  }

 private:
  storage::Database& database_;
  // Null if there is no token.
  const std::unique_ptr<HsmKeys> hsm_keys_;
  KeyRing key_ring_;
  RateLimiter limiter_;
  Publisher publisher_;
  Changes changes_;
  Purges purges_;
  Purger purger_;
  Rotator rotator_;
  KeyRingFollower ring_follower_;
  VaultsHandler vaults_;
  AccessPoliciesHandler policies_;
  KeysHandler keys_;
  KeyVersionsHandler versions_;
  RotationPoliciesHandler rotation_policies_;
  BackupsHandler backups_;
  InspectionHandler inspection_;
  PurgeHandler purge_;
  KeyUsagesHandler usages_;
  ImportHandler imports_;
  SubscriptionFollower subscriptions_;
  KeyPermissionGate gate_;
  LimitedPermissions permissions_;
  UsableKeys usable_keys_;
  CipherOperations ciphers_;
  CryptographyHandler cryptography_;
  EncryptionHandler encryption_;
  SignatureHandler signatures_;
  RandomHandler random_;
  VaultHierarchy hierarchy_;
  server::Dispatcher& dispatcher_;
  VaultService vault_service_;
  KeyService key_service_;
  KeyUsageService usage_service_;
  RotationService rotation_service_;
  BackupService backup_service_;
  CryptographyService cryptography_service_;
};

// Null if there is none.
absl::StatusOr<std::shared_ptr<hsm::Token>> OpenToken(const Settings& settings,
                                                      const server::ServerOptions& options) {
  const bool shared = settings.hsm.empty() && absl::StartsWith(options.root_key, "pkcs11:");
  const std::string& text = shared ? options.root_key : settings.hsm;
  if (text.empty()) return nullptr;
  const absl::StatusOr<hsm::TokenUri> uri = hsm::TokenUri::Parse(text);
  if (!uri.ok()) {
    return absl::FailedPreconditionError(absl::StrCat("--hsm: ", uri.status().message()));
  }
  return hsm::Token::Open(*uri);
}

}  // namespace

std::vector<storage::Schema> Schemas() { return {storage::RequestIdsSchema(), KeyVaultSchema()}; }

absl::StatusOr<std::unique_ptr<server::Application>> MakeKeyVault(server::Foundation& foundation,
                                                                  const Settings& settings) {
  KW_ASSIGN_OR_RETURN(const crypto::RootKey* root_key,
                      foundation.OpenRootKey({PrivateKeyColumn()}));
  KW_ASSIGN_OR_RETURN(std::shared_ptr<hsm::Token> token, OpenToken(settings, foundation.options()));
  KW_ASSIGN_OR_RETURN(const events::Follower* identities, foundation.FollowManagedIdentity());
  return std::make_unique<KeyVault>(foundation, *root_key, std::move(token), identities->lease(),
                                    settings.limits);
}

}  // namespace keyward::key_vault
