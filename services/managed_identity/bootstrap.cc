#include "services/managed_identity/bootstrap.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/auth/spiffe_id.h"
#include "common/status/status_macros.h"
#include "services/managed_identity/installation_store.h"
#include "services/managed_identity/names.h"
#include "services/managed_identity/role_change.h"

namespace keyward::managed_identity {
namespace {

constexpr char kSetting[] = "bootstrap_administrator";

absl::Status CheckOperator(const std::string& spiffe_id, absl::string_view trust_domain) {
  const absl::StatusOr<auth::Caller> caller = auth::CallerFromSpiffeId(spiffe_id, trust_domain);
  if (caller.ok() && caller->kind == auth::Caller::Kind::kOperator) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--bootstrap_administrator must be the SPIFFE ID of an operator, such as "
                   "spiffe://",
                   trust_domain, "/operator/alice; got \"", spiffe_id, "\""));
}

}  // namespace

absl::StatusOr<BootstrapResult> BootstrapAdministrator(const Changes& changes,
                                                       const std::string& spiffe_id,
                                                       absl::string_view trust_domain) {
  if (!spiffe_id.empty()) KW_RETURN_IF_ERROR(CheckOperator(spiffe_id, trust_domain));
  BootstrapResult result;
  KW_RETURN_IF_ERROR(changes.CommitUnasked([&](Change& change) -> absl::Status {
    KW_ASSIGN_OR_RETURN(const std::optional<std::string> settled,
                        FindInstallationSetting(change.tx(), kSetting));
    if (settled.has_value() || spiffe_id.empty()) {
      const bool ignored = !spiffe_id.empty() && spiffe_id != settled;
      result = {.administrator = settled.value_or(""), .made = false, .ignored = ignored};
      return absl::OkStatus();
    }
    KW_ASSIGN_OR_RETURN(const ResourcePath root, ResourcePath::Parse("/", "scope"));
    KW_RETURN_IF_ERROR(
        AssignRole(change, spiffe_id, identity::v1::ROLE_ADMINISTRATOR, root).status());
    KW_RETURN_IF_ERROR(InsertInstallationSetting(change.tx(), kSetting, spiffe_id, change.now()));
    result = {.administrator = spiffe_id, .made = true};
    return absl::OkStatus();
  }));
  return result;
}

}  // namespace keyward::managed_identity
