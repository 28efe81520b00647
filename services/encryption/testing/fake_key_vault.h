#ifndef KEYWARD_SERVICES_ENCRYPTION_TESTING_FAKE_KEY_VAULT_H_
#define KEYWARD_SERVICES_ENCRYPTION_TESTING_FAKE_KEY_VAULT_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/crypto/aes_gcm.h"
#include "services/encryption/key_vault_client.h"
#include "services/encryption/testing/fake_feed.h"
#include "services/encryption/testing/fake_managed_identity.h"

namespace keyward::encryption::testing {

// key_vault as this service sees it, in memory: follows the contract of its protos, refuses with
// its reasons, and publishes the events that it would. A key version wraps with AES-GCM instead of
// RSA. Thread-safe.
class FakeKeyVault final : public KeyVaultClient {
 public:
  explicit FakeKeyVault(const FakeManagedIdentity& identities) : identities_(identities) {}

  absl::StatusOr<KeyInspection> Inspect(const server::CallContext& call, const std::string& key,
                                        const std::string& tenant,
                                        const std::string& principal) override;
  absl::StatusOr<Wrapped> Wrap(const server::CallContext& call, const std::string& token,
                               const std::string& key,
                               const crypto::SecretBytes& plaintext) override;
  absl::StatusOr<crypto::SecretBytes> Unwrap(const server::CallContext& call,
                                             const std::string& token, const std::string& version,
                                             const std::string& ciphertext) override;
  absl::Status RegisterUsage(const server::CallContext& call, const std::string& version,
                             const std::string& user) override;
  absl::Status ReleaseUsage(const server::CallContext& call, const std::string& version,
                            const std::string& user) override;

  // The versions that a user is registered for.
  std::set<std::string> VersionsOf(const std::string& user) const;
  // Keeps registrations in a file, which the fake of another process can go on with.
  void KeepUsagesIn(const std::string& file);

  // What its administrators do; those that publish an event return its id.
  void CreateVault(const std::string& vault, const std::string& tenant, const std::string& region,
                   bool purge_protection = true);
  // Returns the version, by its full name.
  std::string CreateKey(const std::string& key);
  std::string RotateKey(const std::string& key);
  // Of a version, or of all of a key.
  std::string SetEnabled(const std::string& name, bool enabled);
  std::string SetKeyOps(const std::string& version, std::vector<std::string> operations);
  void SetExpiry(const std::string& version, absl::Time expire_time);
  void SetNotBefore(const std::string& version, absl::Time not_before);
  std::string DeleteKey(const std::string& key);
  std::string PurgeKey(const std::string& key);
  std::string RecoverKey(const std::string& key);
  std::string DeleteVault(const std::string& vault);
  std::string RecoverVault(const std::string& vault);
  std::string SetPolicy(const std::string& vault, const std::string& principal,
                        std::vector<std::string> permissions);
  std::string Grant(const std::string& vault, const std::string& principal) {
    return SetPolicy(vault, principal, {"get", "wrapKey", "unwrapKey"});
  }

  // Every call of the client fails like this until it is OK again.
  void SetOutage(absl::Status outage);
  // The same for unwraps alone.
  void SetUnwrapOutage(absl::Status outage);
  // Runs `then` once, at the end of the next Inspect, or before the next Unwrap.
  void AfterInspect(std::function<void()> then);
  void BeforeUnwrap(std::function<void()> then);
  int unwraps() const;
  FakeFeed& feed() { return feed_; }

 private:
  struct Version {
    bool enabled = true;
    std::vector<std::string> operations = {"wrapKey", "unwrapKey"};
    std::optional<absl::Time> not_before;
    std::optional<absl::Time> expire_time;
    std::shared_ptr<const crypto::AesGcmAead> aead;
  };
  struct Key {
    bool deleted = false;
    std::string newest;
    std::map<std::string, Version> versions;
  };
  struct Vault {
    std::string tenant;
    std::string region;
    bool purge_protection = true;
    bool deleted = false;
    std::map<std::string, std::vector<std::string>> policy;
    std::map<std::string, Key> keys;
  };

  // The version that the token's bearer may use for the operation, or key_vault's error.
  absl::StatusOr<Version> Use(const std::string& token, const std::string& version,
                              const std::string& operation) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Key& KeyOf(const std::string& name) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SaveUsages() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::string PublishKey(const std::string& type, const std::string& name);
  std::string PublishVault(const std::string& type, const std::string& vault, bool deleted);

  const FakeManagedIdentity& identities_;
  FakeFeed feed_{"key_vault"};
  mutable absl::Mutex mutex_;
  absl::Status outage_ ABSL_GUARDED_BY(mutex_);
  absl::Status unwrap_outage_ ABSL_GUARDED_BY(mutex_);
  std::function<void()> after_inspect_ ABSL_GUARDED_BY(mutex_);
  std::function<void()> before_unwrap_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Vault> vaults_ ABSL_GUARDED_BY(mutex_);
  // By user.
  std::map<std::string, std::set<std::string>> usages_ ABSL_GUARDED_BY(mutex_);
  std::string usages_file_ ABSL_GUARDED_BY(mutex_);
  int unwraps_ ABSL_GUARDED_BY(mutex_) = 0;
  int versions_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace keyward::encryption::testing

#endif  // KEYWARD_SERVICES_ENCRYPTION_TESTING_FAKE_KEY_VAULT_H_
