#ifndef KEYWARD_COMMON_AUTH_PRINCIPAL_TABLE_H_
#define KEYWARD_COMMON_AUTH_PRINCIPAL_TABLE_H_

#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/auth/principal_records.h"

namespace keyward::auth {

// The records of a PrincipalDirectory in memory, for answers without I/O. Thread-safe.
class PrincipalTable {
 public:
  // Takes a record over, unless the one that stands is as new or newer.
  void Set(const PrincipalRecord& record);

  // The key with this id, if `issuer` published it.
  std::optional<crypto::EcPublicKey> FindSigningKey(absl::string_view issuer,
                                                    absl::string_view key_id) const;

  // The principal, if there ever was one with this id; its not_before counts deleted roles in.
  std::optional<Principal> FindPrincipal(absl::string_view id) const;

  // Whether a role of `principal` on one of `scopes` contains the permission.
  bool HoldsPermission(absl::string_view principal, absl::string_view permission,
                       absl::Span<const std::string> scopes) const;

 private:
  void SetKeys(const SigningKeySet& keys) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SetPrincipal(const Principal& principal) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SetGrant(const RoleGrant& grant) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  SigningKeySet keys_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, Principal> principals_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, RoleGrant> grants_ ABSL_GUARDED_BY(mutex_);
  // By principal: the names of the grants that stand; and when a role of it was last taken away.
  absl::flat_hash_map<std::string, absl::flat_hash_set<std::string>> grants_of_
      ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, absl::Time> roles_lost_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyward::auth

#endif  // KEYWARD_COMMON_AUTH_PRINCIPAL_TABLE_H_
