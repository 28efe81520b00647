#include "services/model_deployment/access_gate.h"

#include <utility>

#include "common/status/status_macros.h"
#include "services/model_deployment/errors.h"

namespace keyward::model_deployment {

absl::StatusOr<int64_t> AccessGate::Check() const {
  absl::ReaderMutexLock lock(&mutex_);
  if (account_.verdict == encryption::v1::VERDICT_DENIED) {
    return AccessDenied(account_.name, account_.denial, account_.message);
  }
  if (account_.verdict != encryption::v1::VERDICT_ACCESSIBLE || !fresh_(account_.key_source)) {
    return AccessUnverified(account_.name);
  }
  return account_.epoch;
}

absl::Status AccessGate::Confirm(int64_t epoch) const {
  KW_ASSIGN_OR_RETURN(int64_t now, Check());
  if (now == epoch) return absl::OkStatus();
  // Lost and given back meanwhile: what was begun before must not come out now, but may be begun
  // again.
  absl::ReaderMutexLock lock(&mutex_);
  return AccessUnverified(account_.name);
}

bool AccessGate::denied() const {
  absl::ReaderMutexLock lock(&mutex_);
  return account_.verdict == encryption::v1::VERDICT_DENIED;
}

void AccessGate::Set(Account account) {
  absl::MutexLock lock(&mutex_);
  account_ = std::move(account);
}

void AccessGates::Set(const Account& account) {
  absl::MutexLock lock(&mutex_);
  std::shared_ptr<AccessGate>& gate = gates_[account.name];
  if (gate == nullptr) {
    gate = std::make_shared<AccessGate>(account, fresh_);
  } else {
    gate->Set(account);
  }
}

absl::StatusOr<AccessPass> AccessGates::Enter(absl::string_view account) const {
  std::shared_ptr<AccessGate> gate = Find(account);
  if (gate == nullptr) return AccountUnknown(account);
  KW_ASSIGN_OR_RETURN(int64_t epoch, gate->Check());
  return AccessPass(std::move(gate), epoch);
}

bool AccessGates::Denied(absl::string_view account) const {
  std::shared_ptr<AccessGate> gate = Find(account);
  return gate != nullptr && gate->denied();
}

std::shared_ptr<AccessGate> AccessGates::Find(absl::string_view account) const {
  absl::ReaderMutexLock lock(&mutex_);
  auto found = gates_.find(account);
  return found == gates_.end() ? nullptr : found->second;
}

}  // namespace keyward::model_deployment
