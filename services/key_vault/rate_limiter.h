#ifndef KEYWARD_SERVICES_KEY_VAULT_RATE_LIMITER_H_
#define KEYWARD_SERVICES_KEY_VAULT_RATE_LIMITER_H_

#include <cstddef>
#include <list>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "keyward/keyvault/v1/keys.pb.h"
#include "services/key_vault/names.h"

namespace keyward::key_vault {

// How fast this replica answers.
struct RateLimits {
  // For each vault, and for each principal in all vaults: operations a second, an operation with
  // RSA of 2048 bits counting as one (OperationWeight).
  double vault_operations = 100'000;
  double principal_operations = 100'000;
  // For each vault: keys and versions that are made, a second.
  double vault_key_creations = 10'000;
};

// What an operation with a key of that type counts as: those with RSA of 3072 and 4096 bits are
// worth 4 and 8, as in Azure Key Vault.
double OperationWeight(keyvault::v1::KeyType type);

// Limits how much each vault and each principal asks of one replica: a token bucket each, which
// holds what ten seconds allow, in memory alone. What was refused does not count. Buckets that are
// full are forgotten; there are never more than `capacity`. Thread-safe.
class RateLimiter {
 public:
  static constexpr absl::Duration kWindow = absl::Seconds(10);
  static constexpr size_t kDefaultCapacity = 100'000;

  RateLimiter(const clock::Clock& clock, const RateLimits& limits,
              size_t capacity = kDefaultCapacity)
      : clock_(clock), limits_(limits), capacity_(capacity) {}

  // RESOURCE_EXHAUSTED (LIMIT_EXCEEDED), with what was exceeded and when to try again, unless both
  // the vault and the principal may have operations that weigh so much.
  absl::Status TakeOperations(const VaultName& vault, absl::string_view principal, double weight);
  // The same for making one key or version.
  absl::Status TakeKeyCreation(const VaultName& vault);

  // How many buckets there are.
  size_t size() const;

 private:
  struct Bucket {
    std::string name;
    double tokens;
    absl::Duration refilled;
  };
  struct Limit {
    // For the caller, as "operations of the vault".
    absl::string_view what;
    std::string subject;
    double per_second;
  };

  // The bucket as it is now.
  Bucket& Find(const Limit& limit, absl::Duration now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ForgetFull(absl::Duration now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Check(const Limit& limit, const Bucket& bucket, double weight) const;

  const clock::Clock& clock_;
  const RateLimits limits_;
  const size_t capacity_;
  mutable absl::Mutex mutex_;
  // The one used last comes first.
  std::list<Bucket> buckets_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, std::list<Bucket>::iterator> index_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_RATE_LIMITER_H_
