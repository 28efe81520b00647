#include "services/key_vault/purge_handler.h"

#include <string>

#include "common/server/log.h"
#include "common/status/status_macros.h"
#include "common/storage/fault_point.h"
#include "common/storage/request_ids.h"
#include "services/key_vault/errors.h"
#include "services/key_vault/fields.h"
#include "services/key_vault/lookup.h"
#include "services/key_vault/messages.h"
#include "services/key_vault/usage_check.h"
#include "services/key_vault/vault_store.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;

// Whether a vault may be purged now: tells who depends on it in `answer`.
absl::Status CheckVault(storage::Transaction& tx, const v1::PurgeVaultRequest& request,
                        const Vault& vault, absl::Time now, v1::PurgeVaultResponse& answer) {
  KW_ASSIGN_OR_RETURN(const AccessPolicy policy, VaultStore(tx).FindPolicy(vault.name));
  *answer.mutable_vault() = ToMessage(vault, policy);
  // What has begun goes on, whoever asks.
  if (vault.purging) return absl::OkStatus();
  if (const std::string etag = ToEtag(vault.revision);
      !request.etag().empty() && request.etag() != etag) {
    return VaultEtagMismatch(vault.name, etag);
  }
  if (!vault.deleted()) return VaultNotDeleted(vault.name);
  if (vault.purge_protection && now < *vault.purge_time) {
    return PurgeProtected(vault.name.ToString(), *vault.purge_time);
  }
  return CheckUsages(tx, UsageScope::Of(vault.name), vault.name.ToString(), request,
                     /*changes=*/true, answer);
}

}  // namespace

absl::StatusOr<v1::PurgeKeyResponse> PurgeHandler::PurgeKey(const server::CallContext& call,
                                                            const v1::PurgeKeyRequest& request) {
  KW_ASSIGN_OR_RETURN(const KeyName name, ReadKeyName("name", request.name()));
  const auto work = [&](storage::Transaction& tx,
                        absl::Time now) -> absl::StatusOr<v1::PurgeKeyResponse> {
    KW_ASSIGN_OR_RETURN(const KeyInVault found, FindKey(tx, name));
    if (!found.key.deleted()) return KeyNotDeleted(name);
    if (found.vault.purge_protection && now < *found.key.purge_time) {
      return PurgeProtected(name.ToString(), *found.key.purge_time);
    }
    v1::PurgeKeyResponse answer;
    KW_RETURN_IF_ERROR(CheckUsages(tx, UsageScope::Of(KeyReference{name, ""}), name.ToString(),
                                   request, /*changes=*/true, answer));
    *answer.mutable_key() = ToMessage(found.vault, found.key, found.newest);
    if (request.validate_only()) return answer;
    answer.mutable_delivery();
    KW_RETURN_IF_ERROR(purges_.PurgeKey(tx, call, found.key));
    return answer;
  };
  if (request.validate_only()) return changes_.Preview<v1::PurgeKeyResponse>(work);
  absl::StatusOr<v1::PurgeKeyResponse> answer =
      changes_.Revoke<v1::PurgeKeyResponse>(call, request, work);
  Scrub();
  return answer;
}

absl::StatusOr<v1::PurgeVaultResponse> PurgeHandler::PurgeVault(
    const server::CallContext& call, const v1::PurgeVaultRequest& request) {
  KW_ASSIGN_OR_RETURN(const VaultName name, ReadVaultName("name", request.name()));
  if (request.validate_only()) {
    return changes_.Preview<v1::PurgeVaultResponse>(
        [&](storage::Transaction& tx, absl::Time now) -> absl::StatusOr<v1::PurgeVaultResponse> {
          KW_ASSIGN_OR_RETURN(const Vault vault, FindVault(tx, name));
          v1::PurgeVaultResponse answer;
          KW_RETURN_IF_ERROR(CheckVault(tx, request, vault, now, answer));
          return answer;
        });
  }
  v1::PurgeVaultResponse answer;
  // A vault of the same name that came later is none of the first request's.
  KW_ASSIGN_OR_RETURN(const bool answered, IsAnswered(call, request));
  if (!answered) KW_RETURN_IF_ERROR(BeginAndEmpty(call, request, name, answer));
  const auto finish = [&](storage::Transaction& tx,
                          absl::Time) -> absl::StatusOr<v1::PurgeVaultResponse> {
    KW_ASSIGN_OR_RETURN(const Vault vault, FindVault(tx, name));
    // Purger, or another call, was faster, and somebody has taken the name meanwhile.
    if (!vault.purging) return VaultNotFound(name);
    answer.mutable_delivery();
    KW_RETURN_IF_ERROR(purges_.Finish(tx, call, vault));
    return answer;
  };
  absl::StatusOr<v1::PurgeVaultResponse> finished =
      changes_.Revoke<v1::PurgeVaultResponse>(call, request, finish);
  Scrub();
  return finished;
}

absl::StatusOr<bool> PurgeHandler::IsAnswered(const server::CallContext& call,
                                              const v1::PurgeVaultRequest& request) {
  bool is_new = false;
  const absl::Status status =
      storage::IdempotentWrite<v1::PurgeVaultResponse>(
          database_, clock_.Now(), call.caller.principal, request,
          [&](storage::Transaction&) -> absl::StatusOr<v1::PurgeVaultResponse> {
            // A failed request leaves no trace.
            is_new = true;
            return absl::CancelledError("only looked");
          })
          .status();
  if (is_new) return false;
  KW_RETURN_IF_ERROR(status);
  return true;
}

absl::Status PurgeHandler::BeginAndEmpty(const server::CallContext& call,
                                         const v1::PurgeVaultRequest& request,
                                         const VaultName& name, v1::PurgeVaultResponse& answer) {
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(Vault vault, FindVault(tx, name));
    answer.Clear();
    const absl::Time now = clock_.Now();
    KW_RETURN_IF_ERROR(CheckVault(tx, request, vault, now, answer));
    return vault.purging ? absl::OkStatus() : purges_.Begin(tx, vault, now);
  }));
  for (bool empty = false; !empty;) {
    KW_FAULT_POINT("key_vault.vault_being_purged");
    if (clock_.Now() >= call.deadline) return PurgePending(name);
    KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
      KW_ASSIGN_OR_RETURN(empty, Purges::EmptyVault(tx, name));
      return absl::OkStatus();
    }));
  }
  return absl::OkStatus();
}

void PurgeHandler::Scrub() {
  const absl::Status scrubbed = database_.Scrub();
  if (scrubbed.ok()) return;
  purges_.ScrubLater();
  server::Log(server::Severity::kWarning, "storage.scrub_failed",
              {{"cause", std::string(scrubbed.message())}});
}

}  // namespace keyward::key_vault
