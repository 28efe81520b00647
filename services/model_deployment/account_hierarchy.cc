#include "services/model_deployment/account_hierarchy.h"

#include <optional>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status/status_macros.h"
#include "services/model_deployment/account_store.h"
#include "services/model_deployment/names.h"

namespace keyward::model_deployment {

absl::StatusOr<std::vector<std::string>> AccountHierarchy::Ancestors(absl::string_view resource) {
  std::vector<std::string> ancestors = {std::string(resource)};
  std::vector<absl::string_view> parts = absl::StrSplit(resource, '/');
  // Every owner's name is a name with one collection and id less.
  bool is_in_account =
      parts.size() >= 2 && parts.size() % 2 == 0 &&
      AccountName::Parse("", absl::StrJoin(parts.begin(), parts.begin() + 2, "/")).ok();
  if (is_in_account) {
    for (size_t size = parts.size() - 2; size >= 2; size -= 2) {
      ancestors.push_back(
          absl::StrJoin(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(size), "/"));
    }
    std::optional<Account> account;
    std::string name = ancestors.back();
    KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
      KW_ASSIGN_OR_RETURN(account, FindAccount(tx, name));
      return absl::OkStatus();
    }));
    if (account.has_value()) {
      ancestors.push_back(account->subscription);
      ancestors.push_back(account->tenant);
    }
  }
  ancestors.push_back("/");
  return ancestors;
}

}  // namespace keyward::model_deployment
