#include "services/key_vault/access_policies_handler.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/field_errors.h"
#include "common/status/status_macros.h"
#include "services/key_vault/access_policy.h"
#include "services/key_vault/dangling.h"
#include "services/key_vault/errors.h"
#include "services/key_vault/event_types.h"
#include "services/key_vault/fields.h"
#include "services/key_vault/lookup.h"
#include "services/key_vault/messages.h"
#include "services/key_vault/names.h"
#include "services/key_vault/vault_store.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using Request = v1::UpdateAccessPolicyRequest;

struct PolicyUpdate {
  VaultName vault;
  Request::Kind kind;
  AccessPolicy::Entries entries;
};

absl::StatusOr<PolicyUpdate> ReadUpdate(const Request& request) {
  FieldErrors errors;
  std::optional<VaultName> vault = errors.Take("vault", VaultName::Parse(request.vault()));
  if (request.kind() == Request::KIND_UNSPECIFIED) {
    errors.Add("kind", "must be KIND_ADD, KIND_REPLACE or KIND_REMOVE");
  }
  AccessPolicy::Entries entries = ReadPolicyEntries("entries", request.entries(), errors);
  if (entries.empty() && request.kind() != Request::KIND_REPLACE) {
    errors.Add("entries", "must hold at least one entry");
  }
  KW_RETURN_IF_ERROR(errors.ToStatus());
  return PolicyUpdate{*std::move(vault), request.kind(), std::move(entries)};
}

AccessPolicy Apply(const PolicyUpdate& update, const AccessPolicy& policy) {
  switch (update.kind) {
    case Request::KIND_ADD:
      return policy.With(update.entries);
    case Request::KIND_REMOVE:
      return policy.Without(update.entries);
    default:
      return AccessPolicy(update.entries);
  }
}

// For the audit log; the event of the change has all of a long one.
std::string Describe(const PolicyChange& change) {
  constexpr int kMost = 20;
  std::string text;
  int described = 0;
  for (const auto& [principal, permissions] : change.changed) {
    if (described == kMost) {
      absl::StrAppend(&text, "; and ", change.changed.size() - kMost, " more");
      break;
    }
    absl::StrAppend(&text, described == 0 ? "" : "; ", principal, ": ",
                    absl::StrJoin(Names(permissions), " "));
    ++described;
  }
  return text;
}

}  // namespace

absl::StatusOr<v1::UpdateAccessPolicyResponse> AccessPoliciesHandler::Update(
    const server::CallContext& call, const Request& request) {
  KW_ASSIGN_OR_RETURN(const PolicyUpdate update, ReadUpdate(request));
  const auto work = [&](storage::Transaction& tx,
                        absl::Time now) -> absl::StatusOr<v1::UpdateAccessPolicyResponse> {
    VaultStore vaults(tx);
    KW_ASSIGN_OR_RETURN(Vault vault, FindLiveVault(tx, update.vault));
    if (const std::string etag = ToEtag(vault.revision);
        !request.etag().empty() && request.etag() != etag) {
      return VaultEtagMismatch(vault.name, etag);
    }
    KW_ASSIGN_OR_RETURN(const AccessPolicy before, vaults.FindPolicy(vault.name));
    const AccessPolicy after = Apply(update, before);
    if (after.entries().size() > kMaxPolicyEntries) {
      return TooManyPolicyEntries(vault.name, after.entries().size());
    }
    const PolicyChange change = Compare(before, after);
    if (!change.changed.empty()) {
      vault.update_time = now;
      ++vault.revision;
    }
    v1::UpdateAccessPolicyResponse answer;
    *answer.mutable_vault() = ToMessage(vault, after);
    MarkDangling(principals_, *answer.mutable_vault());
    if (request.validate_only()) return answer;
    // A removal that finds nothing to remove may be one sent again to wait for the first.
    if (change.takes_away || update.kind != Request::KIND_ADD) answer.mutable_delivery();
    if (!change.changed.empty()) {
      KW_RETURN_IF_ERROR(vaults.Update(vault));
      KW_RETURN_IF_ERROR(vaults.SetPolicyEntries(vault.name, change.changed));
      KW_RETURN_IF_ERROR(
          publisher_.Publish(tx, call, kVaultAccessPolicyChanged, ToEvent(vault, change)));
      call.Note("policy", Describe(change));
    }
    return answer;
  };
  if (request.validate_only()) return changes_.Preview<v1::UpdateAccessPolicyResponse>(work);
  return changes_.Revoke<v1::UpdateAccessPolicyResponse>(call, request, work);
}

}  // namespace keyward::key_vault
