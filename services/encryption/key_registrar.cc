#include "services/encryption/key_registrar.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "common/status/status_macros.h"
#include "common/storage/fault_point.h"
#include "services/encryption/account_store.h"
#include "services/encryption/key_registration_store.h"
#include "services/encryption/work_store.h"

namespace keyward::encryption {
namespace {

// The longest that a plan is on its way.
constexpr absl::Duration kPlanTime = absl::Minutes(1);

// The version that the account is under; empty if under none.
absl::StatusOr<std::string> BoundVersion(storage::Transaction& tx, const AccountName& name) {
  KW_ASSIGN_OR_RETURN(const std::optional<Account> account, FindAccount(tx, name));
  if (!account.has_value() || !account->binding.has_value()) return std::string();
  return account->binding->version;
}

// What is gone from key_vault needs no registration.
absl::Status UnlessGone(const absl::Status& status) {
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

}  // namespace

absl::Status KeyRegistrar::Register(const server::CallContext& call, const AccountName& account,
                                    const std::string& version) {
  const absl::Time until = clock_.Now() + kPlanTime;
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_RETURN_IF_ERROR(NoteRegistration(tx, account, {version, until}));
    // In case the plan comes to nothing.
    return RequestWork(tx, account, AccountWork::Kind::kSettleKeyUsages, "", until);
  }));
  KW_FAULT_POINT("encryption.usage_noted");
  KW_RETURN_IF_ERROR(UnlessGone(client_.RegisterUsage(call, version, account.ToString())));
  KW_FAULT_POINT("encryption.usage_registered");
  return absl::OkStatus();
}

absl::Status KeyRegistrar::BindingChanged(storage::Transaction& tx, const AccountName& account) {
  KW_RETURN_IF_ERROR(EndPlans(tx, account));
  KW_RETURN_IF_ERROR(
      RequestWork(tx, account, AccountWork::Kind::kSettleKeyUsages, "", clock_.Now()));
  tx.OnCommit([this] { work_.Wake(); });
  return absl::OkStatus();
}

absl::Status KeyRegistrar::Settle(const server::CallContext& call, const AccountName& account) {
  std::string bound;
  std::vector<KeyRegistration> noted;
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(bound, BoundVersion(tx, account));
    if (!bound.empty()) KW_RETURN_IF_ERROR(NoteRegistration(tx, account, {bound}));
    KW_ASSIGN_OR_RETURN(noted, RegistrationsOf(tx, account));
    return absl::OkStatus();
  }));
  if (!bound.empty()) {
    KW_RETURN_IF_ERROR(UnlessGone(client_.RegisterUsage(call, bound, account.ToString())));
    KW_FAULT_POINT("encryption.usage_registered_anew");
  }
  absl::Time planned_until = absl::InfinitePast();
  for (const KeyRegistration& registration : noted) {
    if (registration.version == bound) continue;
    if (registration.planned_until > clock_.Now()) {
      planned_until = std::max(planned_until, registration.planned_until);
      continue;
    }
    KW_RETURN_IF_ERROR(Release(call, account, registration.version));
  }
  if (planned_until == absl::InfinitePast()) return absl::OkStatus();
  return database_.Write([&](storage::Transaction& tx) {
    return RequestWork(tx, account, AccountWork::Kind::kSettleKeyUsages, "", planned_until);
  });
}

absl::Status KeyRegistrar::Release(const server::CallContext& call, const AccountName& account,
                                   const std::string& version) {
  KW_RETURN_IF_ERROR(UnlessGone(client_.ReleaseUsage(call, version, account.ToString())));
  KW_FAULT_POINT("encryption.usage_released");
  return database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(const std::string bound, BoundVersion(tx, account));
    // Whoever put it there has asked for it to be settled anew.
    return bound == version ? absl::OkStatus() : ForgetRegistration(tx, account, version);
  });
}

}  // namespace keyward::encryption
