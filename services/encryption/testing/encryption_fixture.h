#ifndef KEYWARD_SERVICES_ENCRYPTION_TESTING_ENCRYPTION_FIXTURE_H_
#define KEYWARD_SERVICES_ENCRYPTION_TESTING_ENCRYPTION_FIXTURE_H_

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/audit/audit_log.h"
#include "common/clock/clock.h"
#include "common/events/feed.h"
#include "common/events/outbox.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "common/storage/testing/temporary_database.h"
#include "keyward/encryption/v1/accounts.pb.h"
#include "keyward/encryption/v1/data.pb.h"
#include "keyward/encryption/v1/settings.pb.h"
#include "keyward/events/v1/events.pb.h"
#include "services/encryption/encryption_core.h"
#include "services/encryption/testing/fake_key_vault.h"
#include "services/encryption/testing/fake_managed_identity.h"
#include "services/encryption/testing/memory_root_key.h"

namespace keyward::encryption::testing {

inline constexpr char kVault[] = "vaults/v";
inline constexpr char kKey[] = "vaults/v/keys/k";
inline constexpr char kSubscription[] = "subscriptions/sub";
inline constexpr char kTenant[] = "tenants/contoso";

// The service over a real SQLite database, with the other two services played by fakes whose events
// arrive at once, unless a feed is held. There is tenant kTenant with subscription kSubscription,
// and vault kVault in "westeurope" with key kKey. Background work runs when a test says so.
class EncryptionFixture : public ::testing::Test {
 protected:
  EncryptionFixture() : EncryptionFixture("") {}
  // On the database at `url`, which may have been in use before; on a new one if empty.
  explicit EncryptionFixture(const std::string& url);
  ~EncryptionFixture() override;

  // Ends the service, as a crash would between two instructions; starts it again on the same
  // database.
  void Stop();
  void Start();
  void Restart() {
    Stop();
    Start();
  }

  // What a follower does with an event: once only.
  void Apply(const events::v1::Event& event);

  static server::CallContext Call();
  static AccountName Name(const std::string& id) { return AccountName::FromTrustedId(id); }

  // Creates "accounts/{id}" of tier S1 in "westeurope"; the test ends if that fails.
  void CreateAccount(const std::string& id, absl::Duration grace = absl::ZeroDuration());
  // Puts it under kKey (or the key given), with its identity enabled and granted.
  void EnableCustomerKey(const std::string& id, const std::string& key = kKey);
  // Enables its identity and grants its principal, which is returned.
  std::string EnableAndGrant(const std::string& id);

  absl::StatusOr<v1::EncryptionSettings> Enable(const std::string& id,
                                                const std::string& key = kKey,
                                                const std::string& request_id = "",
                                                const std::string& identity = "");
  absl::StatusOr<v1::EncryptionSettings> Revert(const std::string& id);
  absl::StatusOr<v1::EncryptionSettings> Revalidate(const std::string& id);
  absl::StatusOr<v1::ValidateCustomerManagedKeyResponse> Validate(const std::string& id,
                                                                  const std::string& key = kKey);
  v1::EncryptionSettings SettingsOf(const std::string& id);
  v1::Access AccessOf(const std::string& id) { return SettingsOf(id).access(); }

  absl::StatusOr<std::string> Encrypt(const std::string& id, const std::string& scope,
                                      const std::string& object, const std::string& plaintext);
  absl::StatusOr<std::string> Decrypt(const std::string& id, const std::string& scope,
                                      const std::string& object, const std::string& ciphertext);

  // The events that this service has published, of one type if given.
  std::vector<events::v1::Event> Published(const std::string& type = "");

  // Runs `work` while time goes by fast, for what waits.
  void WhileTimePasses(const std::function<void()>& work);

  // One value of one row, for looking where no handler does.
  std::string Sql(const std::string& query);

  // Whether any file of the database holds this text.
  bool FilesContain(const std::string& text);

  clock::FakeClock clock_;
  FakeManagedIdentity identities_{clock_};
  FakeKeyVault key_vault_{identities_};
  // What the leases say.
  std::atomic<bool> fresh_ = true;
  std::string key_version_;
  std::unique_ptr<storage::testing::TemporaryDatabase> file_;
  std::string url_;
  MemoryRootKey root_key_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<events::Outbox> outbox_;
  std::unique_ptr<events::Feed> feed_;
  std::unique_ptr<audit::AuditLog> audit_;
  std::unique_ptr<EncryptionCore> core_;
};

}  // namespace keyward::encryption::testing

#endif  // KEYWARD_SERVICES_ENCRYPTION_TESTING_ENCRYPTION_FIXTURE_H_
