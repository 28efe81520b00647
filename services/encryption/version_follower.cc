#include "services/encryption/version_follower.h"

#include <optional>

#include "common/status/status_macros.h"
#include "services/encryption/errors.h"

namespace keyward::encryption {
namespace {

constexpr int kAttempts = 3;

}  // namespace

absl::Status VersionFollower::Follow(const server::CallContext& call, const AccountName& name,
                                     const std::string& caused_by) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    KW_ASSIGN_OR_RETURN(const bool done, FollowOnce(call, name, caused_by));
    if (done) return absl::OkStatus();
  }
  return ChangedMeanwhile(name);
}

absl::StatusOr<bool> VersionFollower::FollowOnce(const server::CallContext& call,
                                                 const AccountName& name,
                                                 const std::string& caused_by) {
  KW_ASSIGN_OR_RETURN(const AccountPtr account, directory_.Find(name));
  if (!account->customer_managed() || !account->binding->follows_newest ||
      account->access.denied()) {
    return true;
  }
  const Binding& binding = *account->binding;
  KW_ASSIGN_OR_RETURN(const KeyFacts facts,
                      examiner_.Examine(call, *account, binding.key, account->user(),
                                        binding.principal, KeyFacts::Purpose::kBind));
  if (facts.inspection.version == binding.version) return true;
  KW_ASSIGN_OR_RETURN(const CustomerKeyName key, CustomerKeyName::Parse(binding.key, "key"));
  KW_ASSIGN_OR_RETURN(
      const Rekeyer::Plan plan,
      rekeyer_.PlanCustomerKey(call, account, key, account->user(), binding.principal));
  bool held = false;
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(const std::optional<Account> rekeyed,
                        rekeyer_.Commit(tx, plan, {call.correlation_id, caused_by}));
    held = rekeyed.has_value();
    return absl::OkStatus();
  }));
  return held;
}

}  // namespace keyward::encryption
