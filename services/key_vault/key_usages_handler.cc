#include "services/key_vault/key_usages_handler.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/status/field_errors.h"
#include "common/status/status_macros.h"
#include "common/storage/page_token.h"
#include "services/key_vault/errors.h"
#include "services/key_vault/fields.h"
#include "services/key_vault/key_store.h"
#include "services/key_vault/key_usage_store.h"
#include "services/key_vault/lookup.h"
#include "services/key_vault/messages.h"
#include "services/key_vault/names.h"
#include "services/key_vault/vault_store.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;

struct NamedUsage {
  KeyVersionName version;
  std::string user;
};

// The fields that both requests have.
template <typename Request>
absl::StatusOr<NamedUsage> ReadUsage(const Request& request, FieldErrors& errors) {
  std::optional<KeyVersionName> version =
      errors.Take("name", KeyVersionName::Parse(request.name()));
  std::string user = ReadUser("user", request.user(), errors);
  KW_RETURN_IF_ERROR(errors.ToStatus());
  return NamedUsage{*std::move(version), std::move(user)};
}

// Whatever is not purged can be used again one day, and is found.
absl::Status CheckVersionExists(storage::Transaction& tx, const KeyVersionName& name) {
  KW_ASSIGN_OR_RETURN(const Vault vault, FindVault(tx, name.vault()));
  if (vault.purging) return VaultNotFound(name.vault());
  KW_ASSIGN_OR_RETURN(const std::optional<Key> key, KeyStore(tx).Find(name.key()));
  if (!key.has_value()) return KeyNotFound(name.key());
  return FindVersion(tx, name).status();
}

}  // namespace

absl::StatusOr<v1::KeyUsage> KeyUsagesHandler::Register(
    const server::CallContext& call, const v1::RegisterKeyUsageRequest& request) {
  FieldErrors errors;
  const std::string description = ReadDescription("description", request.description(), errors);
  KW_ASSIGN_OR_RETURN(const NamedUsage named, ReadUsage(request, errors));
  const absl::Time now = absl::FromUnixMicros(absl::ToUnixMicros(clock_.Now()));
  const KeyUsage usage{.version = named.version,
                       .user = named.user,
                       .service = call.caller.name,
                       .description = description,
                       .create_time = now};
  v1::KeyUsage answer;
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_RETURN_IF_ERROR(CheckVersionExists(tx, usage.version));
    KeyUsageStore usages(tx);
    KW_RETURN_IF_ERROR(usages.Register(usage));
    KW_ASSIGN_OR_RETURN(const std::optional<KeyUsage> registered,
                        usages.Find(usage.version, usage.service, usage.user));
    answer = ToMessage(*registered);
    return absl::OkStatus();
  }));
  call.Note("key_version", usage.version.ToString());
  call.Note("user", usage.user);
  return answer;
}

absl::StatusOr<v1::ReleaseKeyUsageResponse> KeyUsagesHandler::Release(
    const server::CallContext& call, const v1::ReleaseKeyUsageRequest& request) {
  FieldErrors errors;
  KW_ASSIGN_OR_RETURN(const NamedUsage named, ReadUsage(request, errors));
  v1::ReleaseKeyUsageResponse answer;
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KeyUsageStore usages(tx);
    KW_RETURN_IF_ERROR(usages.Release(named.version, call.caller.name, named.user));
    KW_ASSIGN_OR_RETURN(
        const int64_t remaining,
        usages.Count(UsageScope::Of(KeyReference{named.version.key(), named.version.id()})));
    answer.set_remaining_count(remaining);
    return absl::OkStatus();
  }));
  call.Note("key_version", named.version.ToString());
  call.Note("user", named.user);
  return answer;
}

absl::StatusOr<v1::ListKeyUsagesResponse> KeyUsagesHandler::List(
    const server::CallContext&, const v1::ListKeyUsagesRequest& request) {
  KW_ASSIGN_OR_RETURN(const KeyReference parent, ReadKeyReference("parent", request.parent()));
  KW_ASSIGN_OR_RETURN(const storage::Page page, storage::ParsePage(request));
  std::vector<KeyUsage> usages;
  v1::ListKeyUsagesResponse answer;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_RETURN_IF_ERROR(FindKey(tx, parent.key).status());
    if (!parent.version.empty()) {
      KW_ASSIGN_OR_RETURN(const KeyVersionName version,
                          KeyVersionName::FromId(parent.key, parent.version));
      KW_RETURN_IF_ERROR(FindVersion(tx, version).status());
    }
    KeyUsageStore store(tx);
    const UsageScope scope = UsageScope::Of(parent);
    KW_ASSIGN_OR_RETURN(usages, store.List(scope, page.after, page.limit()));
    KW_ASSIGN_OR_RETURN(const int64_t count, store.Count(scope));
    answer.set_total_count(count);
    return absl::OkStatus();
  }));
  answer.set_next_page_token(storage::CutPage(request, page, usages, KeyUsageStore::SortKey));
  for (const KeyUsage& usage : usages) *answer.add_usages() = ToMessage(usage);
  return answer;
}

}  // namespace keyward::key_vault
