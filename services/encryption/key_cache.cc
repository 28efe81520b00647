#include "services/encryption/key_cache.h"

#include <utility>

namespace keyward::encryption {

bool KeyCache::Good(const Entry& entry, const Account& account) const {
  return entry.tag == KeyTag::Of(account) &&
         clock_.MonotonicNow() - entry.taken < options_.lifetime;
}

std::shared_ptr<OpenKeys> KeyCache::Find(const Account& account) {
  absl::MutexLock lock(&mutex_);
  const auto found = entries_.find(account.name);
  if (found == entries_.end() || !Good(found->second, account)) return nullptr;
  found->second.used = true;
  return found->second.keys;
}

bool KeyCache::Has(const Account& account) const {
  absl::MutexLock lock(&mutex_);
  const auto found = entries_.find(account.name);
  return found != entries_.end() && Good(found->second, account);
}

void KeyCache::Put(const Account& account, std::shared_ptr<OpenKeys> keys, absl::Duration taken) {
  absl::MutexLock lock(&mutex_);
  // A loss changes the directory first and drops the entry then. Either it is seen here, or its
  // Drop comes after this.
  const AccountPtr now = directory_.Peek(account.name);
  if (now == nullptr || now->access.denied() || KeyTag::Of(*now) != KeyTag::Of(account)) return;
  entries_.insert_or_assign(account.name, Entry{KeyTag::Of(account), account.customer_managed(),
                                                std::move(keys), taken, false});
}

void KeyCache::Drop(const AccountName& account) {
  absl::MutexLock lock(&mutex_);
  entries_.erase(account);
}

void KeyCache::Clear() {
  absl::MutexLock lock(&mutex_);
  entries_.clear();
}

std::vector<AccountName> KeyCache::Sweep() {
  absl::MutexLock lock(&mutex_);
  const absl::Duration now = clock_.MonotonicNow();
  std::vector<AccountName> due;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const absl::Duration age = now - entry->second.taken;
    if (age >= options_.lifetime) {
      entry = entries_.erase(entry);
      continue;
    }
    if (age >= options_.refresh_after && entry->second.customer_managed && entry->second.used) {
      due.push_back(entry->first);
    }
    ++entry;
  }
  return due;
}

}  // namespace keyward::encryption
