#include "services/key_vault/errors.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "keyward/auth/v1/errors.pb.h"
#include "keyward/keyvault/v1/errors.pb.h"
#include "services/key_vault/access_policy.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;

constexpr absl::string_view kPrefix = "REASON_";

// Errors travel in the trailing metadata of a call, which hold a few kilobytes.
constexpr size_t kUsersNamed = 10;

std::string Name(v1::Reason reason) { return v1::Reason_Name(reason).substr(kPrefix.size()); }

std::string Name(auth::v1::Reason reason) {
  return auth::v1::Reason_Name(reason).substr(kPrefix.size());
}

ErrorBuilder Error(absl::StatusCode code, v1::Reason reason, const std::string& resource,
                   std::string message) {
  return ErrorBuilder(code, Name(reason), std::move(message)).With("resource", resource);
}

absl::Status EtagMismatch(const std::string& resource, const std::string& etag) {
  return ErrorBuilder(absl::StatusCode::kAborted, Name(auth::v1::REASON_ETAG_MISMATCH),
                      absl::StrCat(resource,
                                   " has changed since the etag that was sent was read; its "
                                   "etag is \"",
                                   etag, "\" now. Read it again and decide anew"))
      .With("resource", resource);
}

std::string InUtc(absl::Time time) {
  return absl::FormatTime(absl::RFC3339_sec, time, absl::UTCTimeZone());
}

struct Explanation {
  v1::Reason reason;
  std::string text;
};

Explanation Explain(Obstacle obstacle, KeyOperation operation, const KeyVersionName& version,
                    const KeyState& state) {
  const std::string key = version.key().ToString();
  switch (obstacle) {
    case Obstacle::kVaultDeleted:
      return {v1::REASON_VAULT_DELETED,
              absl::StrCat(version.vault().ToString(), " is deleted. RecoverVault brings it back")};
    case Obstacle::kKeyDeleted:
      return {v1::REASON_KEY_DELETED, absl::StrCat(key, " is deleted. RecoverKey brings it back")};
    case Obstacle::kKeyDisabled:
      return {v1::REASON_KEY_DISABLED,
              absl::StrCat(version.ToString(), " is disabled. EnableKey makes it usable again")};
    case Obstacle::kOperationNotPermitted:
      return {v1::REASON_OPERATION_NOT_PERMITTED,
              absl::StrCat("key_ops of ", version.ToString(), " lacks ",
                           std::string(ToString(operation)),
                           ". UpdateKeyVersion changes key_ops, within what the key type can do")};
    case Obstacle::kNotYetValid:
      return {v1::REASON_KEY_NOT_YET_VALID,
              absl::StrCat(version.ToString(), " protects nothing new before ",
                           InUtc(*state.not_before),
                           ". Wait, or move not_before with UpdateKeyVersion")};
    case Obstacle::kExpired:
      return {
          v1::REASON_KEY_EXPIRED,
          absl::StrCat(version.ToString(), " expired at ", InUtc(*state.expire_time),
                       ". RotateKey makes a new version, UpdateKeyVersion moves expire_time; what "
                       "it protects can still be opened")};
  }
  return {v1::REASON_UNSPECIFIED, ""};
}

}  // namespace

absl::Status VaultExists(const VaultName& existing) {
  return Error(absl::StatusCode::kAlreadyExists, v1::REASON_VAULT_EXISTS, existing.ToString(),
               "the vault id is taken, whatever the case. Choose another");
}

absl::Status VaultDeletedButRecoverable(const VaultName& deleted) {
  return Error(absl::StatusCode::kAlreadyExists, v1::REASON_VAULT_DELETED_BUT_RECOVERABLE,
               deleted.ToString(),
               "a deleted vault holds the id until it is purged. RecoverVault brings it back; or "
               "choose another id");
}

absl::Status VaultNotFound(const VaultName& vault) {
  return Error(absl::StatusCode::kNotFound, v1::REASON_VAULT_NOT_FOUND, vault.ToString(),
               absl::StrCat(vault.ToString(),
                            " does not exist. ListVaults names those that do; the "
                            "case of letters counts"));
}

absl::Status VaultDeleted(const VaultName& vault) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::REASON_VAULT_DELETED, vault.ToString(),
               absl::StrCat(vault.ToString(),
                            " is deleted. RecoverVault brings it back with its keys and its access "
                            "policy"))
      .Violation(Name(v1::REASON_VAULT_DELETED), vault.ToString(), "the vault is deleted");
}

absl::Status VaultNotDeleted(const VaultName& vault) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::REASON_VAULT_NOT_DELETED,
               vault.ToString(),
               absl::StrCat(vault.ToString(),
                            " is not deleted, and only a deleted vault can be purged. DeleteVault "
                            "first"))
      .Violation(Name(v1::REASON_VAULT_NOT_DELETED), vault.ToString(), "the vault is in use");
}

absl::Status VaultBeingPurged(const VaultName& vault) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::REASON_VAULT_BEING_PURGED,
               vault.ToString(),
               absl::StrCat(vault.ToString(),
                            " is being purged, which cannot be undone. When that has ended, its "
                            "name is free for a new vault"))
      .Violation(Name(v1::REASON_VAULT_BEING_PURGED), vault.ToString(), "a purge has begun");
}

absl::Status VaultNameBeingPurged(const VaultName& vault) {
  return Error(absl::StatusCode::kAlreadyExists, v1::REASON_VAULT_BEING_PURGED, vault.ToString(),
               "a vault with this id is being purged. The id is free when that has ended: try "
               "again in a moment");
}

absl::Status SubscriptionUnknown(const std::string& subscription) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::REASON_SUBSCRIPTION_UNKNOWN, subscription,
               absl::StrCat(subscription,
                            " is not known here. Create it with "
                            "TenantService.CreateSubscription of managed_identity first"))
      .Violation(Name(v1::REASON_SUBSCRIPTION_UNKNOWN), subscription,
                 "no such subscription has been announced by managed_identity");
}

absl::Status TooManyPolicyEntries(const VaultName& vault, size_t entries) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::REASON_TOO_MANY_POLICY_ENTRIES,
               vault.ToString(),
               absl::StrCat("the access policy of ", vault.ToString(), " would have ", entries,
                            " entries; ", kMaxPolicyEntries,
                            " at most. Remove entries of principals that are gone"))
      .Violation(Name(v1::REASON_TOO_MANY_POLICY_ENTRIES), vault.ToString(),
                 absl::StrCat(entries, " entries, ", kMaxPolicyEntries, " at most"));
}

absl::Status VaultEtagMismatch(const VaultName& vault, const std::string& etag) {
  return EtagMismatch(vault.ToString(), etag);
}

absl::Status KeyExists(const KeyName& existing) {
  return Error(absl::StatusCode::kAlreadyExists, v1::REASON_KEY_EXISTS, existing.ToString(),
               absl::StrCat(existing.ToString(),
                            " exists already (case does not tell keys apart). "
                            "RotateKey makes a new version of it; or choose another id"));
}

absl::Status KeyDeletedButRecoverable(const KeyName& deleted) {
  return Error(absl::StatusCode::kAlreadyExists, v1::REASON_KEY_DELETED_BUT_RECOVERABLE,
               deleted.ToString(),
               absl::StrCat("the deleted key ", deleted.ToString(),
                            " holds the id until it is "
                            "purged. RecoverKey brings it back; or choose another id"));
}

absl::Status KeyNotFound(const KeyName& key) {
  return Error(
      absl::StatusCode::kNotFound, v1::REASON_KEY_NOT_FOUND, key.ToString(),
      absl::StrCat(key.ToString(),
                   " was not found. The case of letters counts; ListKeys "
                   "with show_deleted lists deleted keys too, which RecoverKey brings back"));
}

absl::Status KeyVersionNotFound(const KeyVersionName& version) {
  return Error(absl::StatusCode::kNotFound, v1::REASON_KEY_VERSION_NOT_FOUND, version.ToString(),
               absl::StrCat(version.ToString(),
                            " was not found. ListKeyVersions lists the versions "
                            "of the key"));
}

absl::Status KeyDeleted(const KeyName& key) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::REASON_KEY_DELETED, key.ToString(),
               absl::StrCat(key.ToString(), " is deleted. RecoverKey brings it back"))
      .Violation(Name(v1::REASON_KEY_DELETED), key.ToString(), "the key is deleted");
}

absl::Status KeyNotDeleted(const KeyName& key) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::REASON_KEY_NOT_DELETED, key.ToString(),
               absl::StrCat(key.ToString(),
                            " is not deleted, and only a deleted key can be purged. DeleteKey "
                            "first"))
      .Violation(Name(v1::REASON_KEY_NOT_DELETED), key.ToString(), "the key is not deleted");
}

absl::Status PurgeProtected(const std::string& resource, absl::Time purge_time) {
  const std::string until = InUtc(purge_time);
  return Error(absl::StatusCode::kFailedPrecondition, v1::REASON_PURGE_PROTECTED, resource,
               absl::StrCat(resource, " is protected from being purged until ", until,
                            ", when its retention ends and it is purged by itself. Nobody can "
                            "shorten that; until then it can be recovered"))
      .With("scheduled_purge_time", until)
      .Violation(Name(v1::REASON_PURGE_PROTECTED), resource,
                 absl::StrCat("the vault has purge protection; the retention ends at ", until));
}

absl::Status PurgePending(const VaultName& vault) {
  return Error(absl::StatusCode::kDeadlineExceeded, v1::REASON_PURGE_PENDING, vault.ToString(),
               absl::StrCat(vault.ToString(),
                            " holds much, and the purge goes on by itself. The same call sent "
                            "again returns when it has ended; GetVault answers NOT_FOUND then"));
}

absl::Status KeyInUse(const std::string& resource, const KeyUsages& usages) {
  ErrorBuilder error =
      Error(absl::StatusCode::kFailedPrecondition, v1::REASON_KEY_IN_USE, resource,
            absl::StrCat(
                resource, " is in use: ", usages.count,
                usages.count == 1 ? " user depends" : " users depend", " on it, such as ",
                usages.first.front().user,
                ", and would lose access to data. See with "
                "EncryptionSettingsService.PreviewRevocation what would be lost; put users under "
                "another key first, or set acknowledge_in_use to go on. validate_only and "
                "KeyUsageService.ListKeyUsages name them all"));
  error.With("usage_count", absl::StrCat(usages.count));
  for (size_t i = 0; i < usages.first.size() && i < kUsersNamed; ++i) {
    const KeyUsage& usage = usages.first[i];
    error.Violation(
        Name(v1::REASON_KEY_IN_USE), usage.user,
        absl::StrCat("depends on ", usage.version.ToString(), ", says ", usage.service));
  }
  return error;
}

absl::Status KeyVersionEtagMismatch(const KeyVersionName& version, const std::string& etag) {
  return EtagMismatch(version.ToString(), etag);
}

absl::Status RotationPolicyEtagMismatch(const RotationPolicyName& policy, const std::string& etag) {
  return EtagMismatch(policy.ToString(), etag);
}

absl::Status KeyTooLarge(const KeyName& key) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::REASON_KEY_TOO_LARGE, key.ToString(),
               absl::StrCat(key.ToString(),
                            " has more versions than a backup holds, 500 or 3.5 MiB. Protect new "
                            "data with a new key, and back that up"))
      .Violation(Name(v1::REASON_KEY_TOO_LARGE), key.ToString(), "too many versions");
}

absl::Status BackupInvalid() {
  return ErrorBuilder(absl::StatusCode::kInvalidArgument, Name(v1::REASON_BACKUP_INVALID),
                      "this is no backup that this installation opens. Send, unchanged, what its "
                      "BackupKey returned; the root key of then must still be configured");
}

absl::Status BackupOfElsewhere(const VaultName& vault, const BackupBinding& binding) {
  std::vector<Explanation> broken;
  if (binding.other_tenant) broken.push_back({v1::REASON_BACKUP_OF_OTHER_TENANT, "tenant"});
  if (binding.other_subscription) {
    broken.push_back({v1::REASON_BACKUP_OF_OTHER_SUBSCRIPTION, "subscription"});
  }
  if (binding.other_region) broken.push_back({v1::REASON_BACKUP_OF_OTHER_REGION, "region"});
  ErrorBuilder error = Error(
      absl::StatusCode::kFailedPrecondition, broken.front().reason, vault.ToString(),
      absl::StrCat("the backup was made in another ", broken.front().text, " than that of ",
                   vault.ToString(),
                   ". Restore it to a vault of the tenant, subscription and region of the vault "
                   "that it comes from"));
  for (const Explanation& each : broken) {
    error.Violation(Name(each.reason), vault.ToString(),
                    absl::StrCat("the backup is of another ", each.text));
  }
  return error;
}

absl::Status BackupRevoked(const KeyName& origin) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::REASON_BACKUP_REVOKED, origin.ToString(),
               absl::StrCat("this backup of ", origin.ToString(),
                            " is worthless: its key was purged, or RevokeKeyBackups was called "
                            "since it was made. Nothing brings it back"))
      .Violation(Name(v1::REASON_BACKUP_REVOKED), origin.ToString(), "the backup is revoked");
}

absl::Status LimitExceeded(absl::string_view limit, const std::string& resource, double per_second,
                           absl::Duration retry_after) {
  const std::string wait = absl::FormatDuration(retry_after);
  return Error(absl::StatusCode::kResourceExhausted, v1::REASON_LIMIT_EXCEEDED, resource,
               absl::StrCat("the limit of ", per_second, " ", limit, " a second is reached for ",
                            resource, ". Try again in ", wait,
                            "; whoever runs key_vault can raise it by a flag"))
      .With("limit", std::string(limit))
      .With("per_second", absl::StrCat(per_second))
      .With("retry_after", wait)
      .RetryAfter(retry_after);
}

absl::Status HsmNotConfigured(const KeyName& key) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::REASON_HSM_NOT_CONFIGURED, key.ToString(),
               absl::StrCat(key.vault().ToString(),
                            " is premium: its keys are made in a token, and this server has none. "
                            "Start it with --hsm, or use a standard vault"));
}

absl::Status KeyTypeNotInHsm(const KeyName& key) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::REASON_KEY_TYPE_NOT_IN_HSM,
               key.ToString(),
               absl::StrCat(key.vault().ToString(),
                            " is premium: its keys are RSA or EC keys that are made in the token. "
                            "Choose such a type, or use a standard vault"));
}

absl::Status KeyBoundToHsm(const KeyName& key, absl::string_view what) {
  return Error(
      absl::StatusCode::kFailedPrecondition, v1::REASON_KEY_BOUND_TO_HSM, key.ToString(),
      absl::StrCat(key.ToString(), " cannot be ", what, ": ", key.vault().ToString(),
                   " is premium, and its keys are made in a token, which they never leave. "
                   "Use a standard vault"));
}

absl::Status OperationRefused(KeyOperation operation, const KeyVersionName& version,
                              const KeyState& state, const std::vector<Obstacle>& obstacles) {
  const Explanation first = Explain(obstacles.front(), operation, version, state);
  ErrorBuilder error =
      Error(absl::StatusCode::kFailedPrecondition, first.reason, version.ToString(), first.text);
  for (Obstacle obstacle : obstacles) {
    const Explanation explanation = Explain(obstacle, operation, version, state);
    error.Violation(Name(explanation.reason), version.ToString(), explanation.text);
  }
  return error;
}

absl::Status CiphertextInvalid() {
  return ErrorBuilder(absl::StatusCode::kInvalidArgument, Name(v1::REASON_CIPHERTEXT_INVALID),
                      "the ciphertext does not decrypt under this key version, algorithm and "
                      "associated data. Send what Encrypt or WrapKey returned, with the version "
                      "that it named");
}

absl::Status AlgorithmUnsuitable(const KeyVersionName& version, v1::KeyType type,
                                 const std::string& algorithm,
                                 const std::vector<std::string>& algorithms) {
  const std::string use = algorithms.empty()
                              ? std::string("none of this kind")
                              : absl::StrCat("one of ", absl::StrJoin(algorithms, " "));
  return Error(absl::StatusCode::kInvalidArgument, v1::REASON_ALGORITHM_UNSUITABLE,
               version.ToString(),
               absl::StrCat(version.ToString(), " is a ", v1::KeyType_Name(type),
                            ", which cannot use ", algorithm, ". Use ", use))
      .BadField("algorithm", absl::StrCat("must be ", use));
}

absl::Status MessageLimitReached(const KeyVersionName& version) {
  return Error(absl::StatusCode::kResourceExhausted, v1::REASON_MESSAGE_LIMIT_REACHED,
               version.ToString(),
               absl::StrCat(version.ToString(),
                            " has sealed as many messages with AES-GCM as is safe, 2^32. RotateKey "
                            "makes a new version; what this one protects can still be opened"));
}

absl::Status KeyMaterialInvalid(const std::string& field, absl::string_view why) {
  return ErrorBuilder(absl::StatusCode::kInvalidArgument, Name(v1::REASON_KEY_MATERIAL_INVALID),
                      absl::StrCat("what is in '", field, "' cannot be imported: ", why))
      .BadField(field, std::string(why));
}

absl::Status KeyTypeMismatch(const KeyName& key, const std::string& existing,
                             const std::string& given) {
  return Error(
             absl::StatusCode::kFailedPrecondition, v1::REASON_KEY_TYPE_MISMATCH, key.ToString(),
             absl::StrCat(key.ToString(), " is ", existing, ", and a new version of it cannot be ",
                          given, ". Import it under another key_id"))
      .Violation(Name(v1::REASON_KEY_TYPE_MISMATCH), key.ToString(),
                 absl::StrCat("the key is ", existing, ", what was given ", given));
}

absl::Status PublicKeyOnly(const KeyVersionName& version) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::REASON_PUBLIC_KEY_ONLY,
               version.ToString(),
               absl::StrCat("the vault holds only the public part of ", version.ToString(),
                            ": its owner makes the next one, and ImportKey brings it here"))
      .Violation(Name(v1::REASON_PUBLIC_KEY_ONLY), version.ToString(),
                 "its private part is not in the vault");
}

absl::Status NotInPolicy(KeyPermission permission) {
  return ErrorBuilder(
      absl::StatusCode::kPermissionDenied, Name(auth::v1::REASON_NOT_AUTHORIZED),
      absl::StrCat(
          "the caller may not do this, or there is no such vault. It needs the key permission ",
          std::string(ToString(permission)),
          " in the vault's access policy; whoever manages the vault grants it with "
          "UpdateAccessPolicy, KIND_ADD"));
}

absl::Status ForbiddenByPolicy(const VaultName& vault, const std::string& principal,
                               KeyPermission permission) {
  const std::string name(ToString(permission));
  return Error(absl::StatusCode::kPermissionDenied, v1::REASON_FORBIDDEN_BY_POLICY,
               vault.ToString(),
               absl::StrCat("the access policy of ", vault.ToString(), " does not give ", principal,
                            " the key permission ", name,
                            ". UpdateAccessPolicy with KIND_ADD grants it"))
      .With("principal", principal)
      .With("permission", name);
}

}  // namespace keyward::key_vault
