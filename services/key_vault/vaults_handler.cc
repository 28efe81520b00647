#include "services/key_vault/vaults_handler.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/field_errors.h"
#include "common/status/status_macros.h"
#include "common/storage/page_token.h"
#include "services/key_vault/access_policy.h"
#include "services/key_vault/dangling.h"
#include "services/key_vault/errors.h"
#include "services/key_vault/event_types.h"
#include "services/key_vault/fields.h"
#include "services/key_vault/lookup.h"
#include "services/key_vault/messages.h"
#include "services/key_vault/names.h"
#include "services/key_vault/subscription_store.h"
#include "services/key_vault/usage_check.h"
#include "services/key_vault/vault.h"
#include "services/key_vault/vault_store.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;

// A vault about to be created; its tenant and its times are not known yet.
struct NewVault {
  Vault vault;
  AccessPolicy policy;
};

absl::StatusOr<NewVault> ReadNewVault(const v1::CreateVaultRequest& request) {
  FieldErrors errors;
  std::optional<VaultName> name = errors.Take("vault_id", VaultName::FromId(request.vault_id()));
  const v1::Vault& given = request.vault();
  std::string subscription = ReadSubscription("vault.subscription", given.subscription(), errors);
  std::string region = ReadRegion("vault.region", given.region(), errors);
  const int days = ReadRetentionDays("vault.soft_delete_retention_days",
                                     given.soft_delete_retention_days(), errors);
  const v1::Sku sku = ReadSku("vault.sku", given.sku(), errors);
  Tags tags = ReadTags("vault.tags", given.tags(), errors);
  AccessPolicy policy(ReadPolicyEntries("vault.access_policy", given.access_policy(), errors));
  KW_RETURN_IF_ERROR(errors.ToStatus());
  if (policy.entries().size() > kMaxPolicyEntries) {
    return TooManyPolicyEntries(*name, policy.entries().size());
  }
  return NewVault{.vault = {.name = *std::move(name),
                            .subscription = std::move(subscription),
                            .tenant = "",
                            .region = std::move(region),
                            .retention_days = days,
                            .purge_protection = given.purge_protection(),
                            .sku = sku,
                            .tags = std::move(tags)},
                  .policy = std::move(policy)};
}

absl::Status CheckNameIsFree(VaultStore& vaults, const VaultName& name) {
  KW_ASSIGN_OR_RETURN(const std::optional<Vault> existing, vaults.FindFolded(name));
  if (!existing.has_value()) return absl::OkStatus();
  // The name asked for, not the one that exists: nobody learns of another's spelling.
  if (existing->purging) return VaultNameBeingPurged(name);
  return existing->deleted() ? VaultDeletedButRecoverable(name) : VaultExists(name);
}

absl::Status CheckEtag(const Vault& vault, const std::string& given) {
  const std::string etag = ToEtag(vault.revision);
  if (given.empty() || given == etag) return absl::OkStatus();
  return VaultEtagMismatch(vault.name, etag);
}

// What is wrong with one path of UpdateVault's mask; otherwise applies it.
void ApplyPath(const std::string& path, const v1::Vault& given, Vault& vault, FieldErrors& errors) {
  if (path == "tags") {
    vault.tags = ReadTags("vault.tags", given.tags(), errors);
  } else if (path == "purge_protection") {
    if (vault.purge_protection && !given.purge_protection()) {
      errors.Add("vault.purge_protection", "is true already, and then it is for ever");
    }
    vault.purge_protection = given.purge_protection();
  } else {
    errors.Add("update_mask", absl::StrCat("has the path '", path,
                                           "'; only tags and purge_protection can be changed"));
  }
}

absl::StatusOr<VaultFilter> ReadFilter(const v1::ListVaultsRequest& request) {
  FieldErrors errors;
  VaultFilter filter{.which = Shown::Of(request.show_deleted(), request.only_deleted())};
  if (!request.subscription().empty()) {
    filter.subscription = ReadSubscription("subscription", request.subscription(), errors);
  }
  KW_RETURN_IF_ERROR(errors.ToStatus());
  return filter;
}

}  // namespace

absl::StatusOr<v1::Vault> VaultsHandler::Show(storage::Transaction& tx, const Vault& vault) const {
  KW_ASSIGN_OR_RETURN(const AccessPolicy policy, VaultStore(tx).FindPolicy(vault.name));
  v1::Vault message = ToMessage(vault, policy);
  MarkDangling(principals_, message);
  return message;
}

absl::StatusOr<v1::Vault> VaultsHandler::Create(const server::CallContext& call,
                                                const v1::CreateVaultRequest& request) {
  KW_ASSIGN_OR_RETURN(NewVault created, ReadNewVault(request));
  Vault& vault = created.vault;
  const auto work = [&](storage::Transaction& tx, absl::Time now) -> absl::StatusOr<v1::Vault> {
    VaultStore vaults(tx);
    KW_RETURN_IF_ERROR(CheckNameIsFree(vaults, vault.name));
    KW_ASSIGN_OR_RETURN(std::optional<std::string> tenant,
                        SubscriptionStore(tx).FindTenant(vault.subscription));
    if (!tenant.has_value()) return SubscriptionUnknown(vault.subscription);
    vault.tenant = *std::move(tenant);
    vault.create_time = now;
    vault.update_time = now;
    KW_RETURN_IF_ERROR(vaults.Insert(vault));
    KW_RETURN_IF_ERROR(vaults.SetPolicyEntries(vault.name, created.policy.entries()));
    KW_RETURN_IF_ERROR(publisher_.Publish(tx, call, kVaultCreated,
                                          ToEvent(vault, Compare(AccessPolicy(), created.policy))));
    return Show(tx, vault);
  };
  return changes_.Grant<v1::Vault>(call, request, work);
}

absl::StatusOr<v1::Vault> VaultsHandler::Get(const server::CallContext&,
                                             const v1::GetVaultRequest& request) {
  KW_ASSIGN_OR_RETURN(const VaultName name, ReadVaultName("name", request.name()));
  v1::Vault answer;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(const Vault vault, FindVault(tx, name));
    KW_ASSIGN_OR_RETURN(answer, Show(tx, vault));
    return absl::OkStatus();
  }));
  return answer;
}

absl::StatusOr<v1::ListVaultsResponse> VaultsHandler::List(const server::CallContext&,
                                                           const v1::ListVaultsRequest& request) {
  KW_ASSIGN_OR_RETURN(const VaultFilter filter, ReadFilter(request));
  KW_ASSIGN_OR_RETURN(const storage::Page page, storage::ParsePage(request));
  std::vector<Vault> vaults;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(vaults, VaultStore(tx).List(page.after, page.limit(), filter));
    return absl::OkStatus();
  }));
  v1::ListVaultsResponse answer;
  answer.set_next_page_token(
      storage::CutPage(request, page, vaults, [](const Vault& vault) { return vault.name.id(); }));
  for (const Vault& vault : vaults) *answer.add_vaults() = ToMessage(vault, AccessPolicy());
  return answer;
}

absl::StatusOr<v1::Vault> VaultsHandler::Update(const server::CallContext& call,
                                                const v1::UpdateVaultRequest& request) {
  FieldErrors errors;
  const std::optional<VaultName> name =
      errors.Take("vault.name", VaultName::Parse(request.vault().name()));
  if (request.update_mask().paths().empty()) errors.Add("update_mask", "must name what to change");
  KW_RETURN_IF_ERROR(errors.ToStatus());
  const auto work = [&](storage::Transaction& tx, absl::Time now) -> absl::StatusOr<v1::Vault> {
    KW_ASSIGN_OR_RETURN(Vault vault, FindLiveVault(tx, *name));
    KW_RETURN_IF_ERROR(CheckEtag(vault, request.vault().etag()));
    FieldErrors path_errors;
    for (const std::string& path : request.update_mask().paths()) {
      ApplyPath(path, request.vault(), vault, path_errors);
    }
    KW_RETURN_IF_ERROR(path_errors.ToStatus());
    vault.update_time = now;
    ++vault.revision;
    KW_RETURN_IF_ERROR(VaultStore(tx).Update(vault));
    KW_RETURN_IF_ERROR(publisher_.Publish(tx, call, kVaultUpdated, ToEvent(vault)));
    return Show(tx, vault);
  };
  return changes_.Grant<v1::Vault>(call, request, work);
}

absl::StatusOr<v1::DeleteVaultResponse> VaultsHandler::Delete(
    const server::CallContext& call, const v1::DeleteVaultRequest& request) {
  KW_ASSIGN_OR_RETURN(const VaultName name, ReadVaultName("name", request.name()));
  const auto work = [&](storage::Transaction& tx,
                        absl::Time now) -> absl::StatusOr<v1::DeleteVaultResponse> {
    KW_ASSIGN_OR_RETURN(Vault vault, FindVault(tx, name));
    KW_RETURN_IF_ERROR(CheckEtag(vault, request.etag()));
    const bool changes = !vault.deleted();
    if (changes) {
      vault.delete_time = now;
      vault.purge_time = now + vault.retention();
      vault.update_time = now;
      ++vault.revision;
    }
    v1::DeleteVaultResponse answer;
    KW_RETURN_IF_ERROR(
        CheckUsages(tx, UsageScope::Of(name), name.ToString(), request, changes, answer));
    KW_ASSIGN_OR_RETURN(*answer.mutable_vault(), Show(tx, vault));
    if (request.validate_only()) return answer;
    answer.mutable_delivery();
    if (changes) {
      KW_RETURN_IF_ERROR(VaultStore(tx).Update(vault));
      KW_RETURN_IF_ERROR(publisher_.Publish(tx, call, kVaultDeleted, ToEvent(vault)));
      tx.OnCommit([this, name] { key_ring_.ForgetAllOf(name.ToString()); });
    }
    return answer;
  };
  if (request.validate_only()) return changes_.Preview<v1::DeleteVaultResponse>(work);
  return changes_.Revoke<v1::DeleteVaultResponse>(call, request, work);
}

absl::StatusOr<v1::Vault> VaultsHandler::Recover(const server::CallContext& call,
                                                 const v1::RecoverVaultRequest& request) {
  KW_ASSIGN_OR_RETURN(const VaultName name, ReadVaultName("name", request.name()));
  const auto work = [&](storage::Transaction& tx, absl::Time now) -> absl::StatusOr<v1::Vault> {
    KW_ASSIGN_OR_RETURN(Vault vault, FindVault(tx, name));
    if (vault.purging) return VaultBeingPurged(name);
    if (vault.deleted()) {
      vault.delete_time = std::nullopt;
      vault.purge_time = std::nullopt;
      vault.update_time = now;
      ++vault.revision;
      KW_RETURN_IF_ERROR(VaultStore(tx).Update(vault));
      KW_RETURN_IF_ERROR(publisher_.Publish(tx, call, kVaultRecovered, ToEvent(vault)));
    }
    return Show(tx, vault);
  };
  return changes_.Grant<v1::Vault>(call, request, work);
}

}  // namespace keyward::key_vault
