#ifndef KEYWARD_SERVICES_KEY_VAULT_ERRORS_H_
#define KEYWARD_SERVICES_KEY_VAULT_ERRORS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "keyward/keyvault/v1/keys.pb.h"
#include "services/key_vault/key_permissions.h"
#include "services/key_vault/key_rules.h"
#include "services/key_vault/key_usage.h"
#include "services/key_vault/names.h"

namespace keyward::key_vault {

// Every error that the key vault answers with, by name; the reasons are those of errors.proto. The
// messages are for operators: what is wrong, on which resource, what to do.

absl::Status VaultExists(const VaultName& existing);
absl::Status VaultDeletedButRecoverable(const VaultName& deleted);
absl::Status VaultNotFound(const VaultName& vault);
absl::Status VaultDeleted(const VaultName& vault);
absl::Status VaultNotDeleted(const VaultName& vault);
// To whoever would recover the vault, and to whoever wants its name.
absl::Status VaultBeingPurged(const VaultName& vault);
absl::Status VaultNameBeingPurged(const VaultName& vault);
absl::Status SubscriptionUnknown(const std::string& subscription);
absl::Status TooManyPolicyEntries(const VaultName& vault, size_t entries);
absl::Status VaultEtagMismatch(const VaultName& vault, const std::string& etag);

absl::Status KeyExists(const KeyName& existing);
absl::Status KeyDeletedButRecoverable(const KeyName& deleted);
absl::Status KeyNotFound(const KeyName& key);
absl::Status KeyVersionNotFound(const KeyVersionName& version);
absl::Status KeyDeleted(const KeyName& key);
absl::Status KeyNotDeleted(const KeyName& key);

// `resource` is a vault or a key; until when.
absl::Status PurgeProtected(const std::string& resource, absl::Time purge_time);
// The purge goes on without the call.
absl::Status PurgePending(const VaultName& vault);

// What is about to be taken away has users: names the first ones. `usages` must not be empty.
absl::Status KeyInUse(const std::string& resource, const KeyUsages& usages);

absl::Status KeyVersionEtagMismatch(const KeyVersionName& version, const std::string& etag);
absl::Status RotationPolicyEtagMismatch(const RotationPolicyName& policy, const std::string& etag);

// A key that a backup does not hold.
absl::Status KeyTooLarge(const KeyName& key);
// One answer to every backup that does not open: why is nobody's business.
absl::Status BackupInvalid();
// What of a vault is not as where the backup was made.
struct BackupBinding {
  bool other_tenant = false;
  bool other_subscription = false;
  bool other_region = false;

  bool holds() const { return !other_tenant && !other_subscription && !other_region; }
};
// The reason is the weightiest of what does not hold; a PreconditionFailure names each.
absl::Status BackupOfElsewhere(const VaultName& vault, const BackupBinding& binding);
absl::Status BackupRevoked(const KeyName& origin);

// `limit` says which, as "operations of the vault"; `resource` whose it is.
absl::Status LimitExceeded(absl::string_view limit, const std::string& resource, double per_second,
                           absl::Duration retry_after);
absl::Status HsmNotConfigured(const KeyName& key);
absl::Status KeyTypeNotInHsm(const KeyName& key);
// `what` is what cannot be done to a key of a premium vault, as "imported".
absl::Status KeyBoundToHsm(const KeyName& key, absl::string_view what);

// What the obstacles to an operation come to: the reason is that of the first, and a
// PreconditionFailure names each. `obstacles` must not be empty.
absl::Status OperationRefused(KeyOperation operation, const KeyVersionName& version,
                              const KeyState& state, const std::vector<Obstacle>& obstacles);

// One answer to every cryptographic failure: why is nobody's business.
absl::Status CiphertextInvalid();

// `algorithms` are those that the key type can use.
absl::Status AlgorithmUnsuitable(const KeyVersionName& version, keyvault::v1::KeyType type,
                                 const std::string& algorithm,
                                 const std::vector<std::string>& algorithms);

absl::Status MessageLimitReached(const KeyVersionName& version);

// `why` says what is wrong with what was to be imported, and tells nothing of the key itself.
absl::Status KeyMaterialInvalid(const std::string& field, absl::string_view why);

// `existing` and `given` describe the kinds of key that differ, such as "a KEY_TYPE_RSA_2048".
absl::Status KeyTypeMismatch(const KeyName& key, const std::string& existing,
                             const std::string& given);

absl::Status PublicKeyOnly(const KeyVersionName& version);

// To whoever must not learn whether a vault exists (NOT_AUTHORIZED): the same for one that does.
absl::Status NotInPolicy(KeyPermission permission);

// To an active identity of the vault's tenant whose entry in the access policy lacks a permission.
absl::Status ForbiddenByPolicy(const VaultName& vault, const std::string& principal,
                               KeyPermission permission);

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_ERRORS_H_
