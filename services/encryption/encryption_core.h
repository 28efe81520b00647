#ifndef KEYWARD_SERVICES_ENCRYPTION_ENCRYPTION_CORE_H_
#define KEYWARD_SERVICES_ENCRYPTION_ENCRYPTION_CORE_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/audit/audit_log.h"
#include "common/clock/background_worker.h"
#include "common/clock/clock.h"
#include "common/events/feed.h"
#include "common/events/outbox.h"
#include "common/storage/database.h"
#include "common/storage/migration.h"
#include "services/encryption/access_event_handler.h"
#include "services/encryption/access_prober.h"
#include "services/encryption/access_restorer.h"
#include "services/encryption/access_transitions.h"
#include "services/encryption/account_creator.h"
#include "services/encryption/account_directory.h"
#include "services/encryption/account_hierarchy.h"
#include "services/encryption/account_lifecycle.h"
#include "services/encryption/account_lifecycle_handler.h"
#include "services/encryption/account_views.h"
#include "services/encryption/account_writer.h"
#include "services/encryption/accounts_handler.h"
#include "services/encryption/background.h"
#include "services/encryption/batch_handler.h"
#include "services/encryption/customer_keys.h"
#include "services/encryption/data_handler.h"
#include "services/encryption/identity_client.h"
#include "services/encryption/identity_tokens.h"
#include "services/encryption/key_cache.h"
#include "services/encryption/key_examiner.h"
#include "services/encryption/key_gate.h"
#include "services/encryption/key_registrar.h"
#include "services/encryption/key_unlocker.h"
#include "services/encryption/key_vault_client.h"
#include "services/encryption/object_keys.h"
#include "services/encryption/platform_keys.h"
#include "services/encryption/rekeyer.h"
#include "services/encryption/replica.h"
#include "services/encryption/revocation_preview.h"
#include "services/encryption/scope_keys.h"
#include "services/encryption/settings_handler.h"
#include "services/encryption/stream_handler.h"
#include "services/encryption/value_cipher.h"
#include "services/encryption/version_follower.h"

namespace keyward::encryption {

// The tables that this service needs beside those of events, auth and audit.
std::vector<storage::Schema> Schemas();

// Everything of this service between its database and the wire: the handlers, the handler of
// events, and the background work. Thread-safe where its parts are.
class EncryptionCore {
 public:
  // What it stands on; all must outlive it.
  struct Ground {
    storage::Database& database;
    events::Outbox& outbox;
    events::Feed& feed;
    audit::AuditSink& audit;
    KeyVaultClient& key_vault;
    IdentityClient& identities;
    // Whether what is known of both is fresh.
    FreshnessCheck fresh;
    clock::Clock& clock;
    KeyCache::Options cache = {};
    AccessProber::Options probes = {};
  };

  // Reads what the database holds.
  static absl::StatusOr<std::unique_ptr<EncryptionCore>> Create(
      const Ground& ground, std::unique_ptr<PlatformKeys> platform_keys);
  ~EncryptionCore() { Stop(); }

  // Begins and ends the background work.
  void Start() { background_.Start(work_, scrubber_); }
  void Stop();

  AccountsHandler& accounts() { return accounts_; }
  AccountLifecycleHandler& lifecycle() { return lifecycle_handler_; }
  SettingsHandler& settings() { return settings_; }
  RevocationPreview& preview() { return preview_; }
  DataHandler& data() { return data_; }
  BatchHandler& batches() { return batches_; }
  StreamHandler& streams() { return streams_; }
  // For the feeds of both key_vault and managed_identity.
  events::EventHandler& event_handler() { return event_handler_; }
  auth::ResourceHierarchy& hierarchy() { return hierarchy_; }
  // For tests: to run one pass at a time, and to look at memory.
  Background& background() { return background_; }
  KeyCache& cache() { return cache_; }

 private:
  EncryptionCore(const Ground& ground, std::unique_ptr<PlatformKeys> platform_keys,
                 std::unique_ptr<AccountDirectory> directory, std::unique_ptr<Replica> replica);

  const std::unique_ptr<PlatformKeys> platform_keys_;
  const std::unique_ptr<AccountDirectory> directory_;
  const std::unique_ptr<Replica> replica_;
  clock::BackgroundWorker work_;
  clock::BackgroundWorker scrubber_;
  KeyCache cache_;
  IdentityTokens tokens_;
  CustomerKeys customer_keys_;
  AccountWriter writer_;
  AccessTransitions transitions_;
  AccessEventHandler event_handler_;
  KeyUnlocker unlocker_;
  KeyGate gate_;
  ScopeKeys scope_keys_;
  KeyExaminer examiner_;
  KeyRegistrar registrar_;
  Rekeyer rekeyer_;
  AccessRestorer restorer_;
  AccessProber prober_;
  VersionFollower version_follower_;
  AccountCreator creator_;
  AccountLifecycle lifecycle_;
  AccountViews views_;
  AccountHierarchy hierarchy_;
  AccountsHandler accounts_;
  AccountLifecycleHandler lifecycle_handler_;
  SettingsHandler settings_;
  RevocationPreview preview_;
  ObjectKeys object_keys_;
  ValueCipher values_;
  DataHandler data_;
  BatchHandler batches_;
  StreamHandler streams_;
  Background background_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_ENCRYPTION_CORE_H_
