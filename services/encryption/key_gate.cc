#include "services/encryption/key_gate.h"

#include <algorithm>

#include "common/status/status_macros.h"
#include "services/encryption/errors.h"

namespace keyward::encryption {
namespace {

// For an unwrap that others wait for, too, the impatience of the first caller must not count.
constexpr absl::Duration kFlightTime = absl::Seconds(8);

}  // namespace

absl::Status KeyGate::Check(const Account& account) const {
  if (account.deleted()) return AccountDeleted(account);
  if (account.access.denied()) return AccessDenied(account);
  if (!account.customer_managed()) return absl::OkStatus();
  const absl::Status fresh = fresh_();
  if (!fresh.ok()) return AccessUnverified(account.name, fresh.message());
  return absl::OkStatus();
}

absl::StatusOr<AccountPtr> KeyGate::Standing(const AccountName& name) const {
  KW_ASSIGN_OR_RETURN(AccountPtr account, directory_.Find(name));
  KW_RETURN_IF_ERROR(Check(*account));
  return account;
}

absl::StatusOr<OpenAccount> KeyGate::Open(const server::CallContext& call,
                                          const AccountName& name) {
  KW_ASSIGN_OR_RETURN(AccountPtr account, Standing(name));
  std::shared_ptr<OpenKeys> keys = cache_.Find(*account);
  if (keys == nullptr) {
    KW_ASSIGN_OR_RETURN(keys, Load(call, *account, Accept::kCached));
  }
  return OpenAccount{std::move(account), std::move(keys)};
}

bool KeyGate::StillOpen(const OpenAccount& open) const {
  const absl::StatusOr<AccountPtr> now = directory_.Find(open.account->name);
  return now.ok() && KeyTag::Of(**now) == KeyTag::Of(*open.account) && Check(**now).ok();
}

absl::StatusOr<std::shared_ptr<OpenKeys>> KeyGate::Load(const server::CallContext& call,
                                                        const Account& account, Accept accept) {
  // Keys of another revision are other keys: whoever wants those must not get these.
  const std::pair<AccountName, int64_t> id = {account.name, account.revision};
  std::shared_ptr<Flight> flight;
  {
    absl::MutexLock lock(&mutex_);
    auto [found, first] = flights_.try_emplace(id);
    if (!first) {
      flight = found->second;
      const absl::Duration patience = std::min(call.deadline - clock_.Now(), kFlightTime);
      clock_.AwaitFor(mutex_, absl::Condition(&flight->landed), patience);
      if (flight->landed) return flight->keys;
      return AccessUnverified(account.name, "key_vault has not answered yet");
    }
    // Another caller's flight may have landed since this one looked into the cache.
    std::shared_ptr<OpenKeys> cached = accept == Accept::kCached ? cache_.Find(account) : nullptr;
    if (cached != nullptr) {
      flights_.erase(found);
      return cached;
    }
    flight = found->second = std::make_shared<Flight>();
  }
  absl::StatusOr<std::shared_ptr<OpenKeys>> keys = Fly(call, account);
  absl::MutexLock lock(&mutex_);
  flight->keys = keys;
  flight->landed = true;
  flights_.erase(id);
  return keys;
}

absl::StatusOr<std::shared_ptr<OpenKeys>> KeyGate::Fly(const server::CallContext& call,
                                                       const Account& account) {
  const absl::Duration taken = clock_.MonotonicNow();
  server::CallContext patient = call;
  patient.deadline = clock_.Now() + kFlightTime;
  KW_ASSIGN_OR_RETURN(AccountKey key, unlocker_.Unlock(patient, account));
  auto keys = std::make_shared<OpenKeys>(std::move(key));
  cache_.Put(account, keys, taken);
  return keys;
}

absl::Status KeyGate::Refresh(const server::CallContext& call, const AccountName& name) {
  KW_ASSIGN_OR_RETURN(const AccountPtr account, directory_.Find(name));
  KW_RETURN_IF_ERROR(Check(*account));
  return Load(call, *account, Accept::kNew).status();
}

absl::Status KeyGate::KeepsChanging(const AccountName& name) {
  return AccessUnverified(name, "its settings are being changed");
}

}  // namespace keyward::encryption
