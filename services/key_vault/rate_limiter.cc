#include "services/key_vault/rate_limiter.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/key_vault/errors.h"

namespace keyward::key_vault {
namespace {

constexpr absl::string_view kVaultOperations = "operations of the vault";
constexpr absl::string_view kPrincipalOperations = "operations of the principal";
constexpr absl::string_view kVaultKeyCreations = "key creations of the vault";

double Most(double per_second) { return per_second * absl::ToDoubleSeconds(RateLimiter::kWindow); }

}  // namespace

double OperationWeight(keyvault::v1::KeyType type) {
  switch (type) {
    case keyvault::v1::KEY_TYPE_RSA_3072:
      return 4;
    case keyvault::v1::KEY_TYPE_RSA_4096:
      return 8;
    default:
      return 1;
  }
}

absl::Status RateLimiter::TakeOperations(const VaultName& vault, absl::string_view principal,
                                         double weight) {
  const Limit of_vault{kVaultOperations, vault.ToString(), limits_.vault_operations};
  const Limit of_principal{kPrincipalOperations, std::string(principal),
                           limits_.principal_operations};
  const absl::Duration now = clock_.MonotonicNow();
  absl::MutexLock lock(&mutex_);
  Bucket& first = Find(of_vault, now);
  Bucket& second = Find(of_principal, now);
  ForgetFull(now);
  KW_RETURN_IF_ERROR(Check(of_vault, first, weight));
  KW_RETURN_IF_ERROR(Check(of_principal, second, weight));
  first.tokens -= weight;
  second.tokens -= weight;
  return absl::OkStatus();
}

absl::Status RateLimiter::TakeKeyCreation(const VaultName& vault) {
  const Limit limit{kVaultKeyCreations, vault.ToString(), limits_.vault_key_creations};
  const absl::Duration now = clock_.MonotonicNow();
  absl::MutexLock lock(&mutex_);
  Bucket& bucket = Find(limit, now);
  ForgetFull(now);
  KW_RETURN_IF_ERROR(Check(limit, bucket, 1));
  bucket.tokens -= 1;
  return absl::OkStatus();
}

RateLimiter::Bucket& RateLimiter::Find(const Limit& limit, absl::Duration now) {
  const double most = Most(limit.per_second);
  std::string name = absl::StrCat(limit.what, " ", limit.subject);
  const auto found = index_.find(name);
  if (found == index_.end()) {
    buckets_.push_front({name, most, now});
    index_[std::move(name)] = buckets_.begin();
    return buckets_.front();
  }
  buckets_.splice(buckets_.begin(), buckets_, found->second);
  Bucket& bucket = buckets_.front();
  bucket.tokens = std::min(
      most, bucket.tokens + absl::ToDoubleSeconds(now - bucket.refilled) * limit.per_second);
  bucket.refilled = now;
  return bucket;
}

// What was not used for twice the window is full.
void RateLimiter::ForgetFull(absl::Duration now) {
  // The two that are in use come first.
  while (buckets_.size() > 2) {
    const Bucket& oldest = buckets_.back();
    if (buckets_.size() <= capacity_ && now - oldest.refilled < 2 * kWindow) return;
    index_.erase(oldest.name);
    buckets_.pop_back();
  }
}

absl::Status RateLimiter::Check(const Limit& limit, const Bucket& bucket, double weight) const {
  // What weighs more than a bucket holds waits for a full one, and leaves it owing.
  const double needed = std::min(weight, Most(limit.per_second));
  if (bucket.tokens >= needed) return absl::OkStatus();
  const absl::Duration wait = absl::Seconds((needed - bucket.tokens) / limit.per_second);
  return LimitExceeded(limit.what, limit.subject, limit.per_second,
                       absl::Ceil(wait, absl::Milliseconds(1)));
}

size_t RateLimiter::size() const {
  absl::MutexLock lock(&mutex_);
  return buckets_.size();
}

}  // namespace keyward::key_vault
