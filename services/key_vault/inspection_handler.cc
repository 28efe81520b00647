#include "services/key_vault/inspection_handler.h"

#include <optional>
#include <string>
#include <utility>

#include "common/status/field_errors.h"
#include "common/status/status_macros.h"
#include "services/key_vault/fields.h"
#include "services/key_vault/key_store.h"
#include "services/key_vault/messages.h"
#include "services/key_vault/names.h"
#include "services/key_vault/publisher.h"
#include "services/key_vault/vault_store.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;

// Tells of the key and of the version named, or the newest, if they are there and not deleted.
absl::Status InspectVersion(storage::Transaction& tx, const KeyReference& reference,
                            v1::InspectKeyResponse& answer) {
  KeyStore keys(tx);
  KW_ASSIGN_OR_RETURN(const std::optional<Key> key, keys.Find(reference.key));
  if (!key.has_value() || key->deleted()) return absl::OkStatus();
  KW_ASSIGN_OR_RETURN(
      const KeyVersionName name,
      KeyVersionName::FromId(reference.key,
                             reference.version.empty() ? key->newest_version : reference.version));
  KW_ASSIGN_OR_RETURN(const std::optional<KeyVersion> version, keys.FindVersion(name));
  if (!version.has_value()) return absl::OkStatus();
  answer.set_key_found(true);
  answer.set_key_type(key->type);
  *answer.mutable_version() = ToMessage(*version);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::InspectKeyResponse> InspectionHandler::Inspect(
    const server::CallContext&, const v1::InspectKeyRequest& request) {
  FieldErrors errors;
  const std::optional<KeyReference> reference =
      errors.Take("name", KeyReference::Parse(request.name()));
  const std::string tenant = ReadTenant("tenant", request.tenant(), errors);
  KW_RETURN_IF_ERROR(errors.ToStatus());
  v1::InspectKeyResponse answer;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    answer.Clear();
    // First, so that all else is at least as new even where reads of one transaction may differ.
    KW_ASSIGN_OR_RETURN(const int64_t sequence, Publisher::NewestSequence(tx));
    answer.set_sequence(sequence);
    VaultStore vaults(tx);
    KW_ASSIGN_OR_RETURN(const std::optional<Vault> vault, vaults.Find(reference->key.vault()));
    if (!vault.has_value() || vault->deleted() || vault->tenant != tenant) return absl::OkStatus();
    answer.set_vault_found(true);
    answer.set_vault_region(vault->region);
    answer.set_soft_delete_retention_days(vault->retention_days);
    answer.set_purge_protection(vault->purge_protection);
    if (!request.principal().empty()) {
      KW_ASSIGN_OR_RETURN(const AccessPolicy policy, vaults.FindPolicy(vault->name));
      for (std::string& name : Names(policy.PermissionsOf(request.principal()))) {
        answer.add_key_permissions(std::move(name));
      }
    }
    return InspectVersion(tx, *reference, answer);
  }));
  return answer;
}

}  // namespace keyward::key_vault
