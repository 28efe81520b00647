#ifndef KEYWARD_SERVICES_ENCRYPTION_VERSION_FOLLOWER_H_
#define KEYWARD_SERVICES_ENCRYPTION_VERSION_FOLLOWER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "services/encryption/account_directory.h"
#include "services/encryption/key_examiner.h"
#include "services/encryption/rekeyer.h"

namespace keyward::encryption {

// Takes accounts that follow the newest version of their key over to it. Until that has happened,
// and if it cannot, the version in use goes on to work. Thread-safe.
class VersionFollower {
 public:
  // All must outlive this.
  VersionFollower(storage::Database& database, const AccountDirectory& directory,
                  KeyExaminer& examiner, Rekeyer& rekeyer)
      : database_(database), directory_(directory), examiner_(examiner), rekeyer_(rekeyer) {}

  // OK also if there is nothing to do: the account does not follow, is at the newest version, or
  // has no access. CUSTOMER_KEY_RULES_BROKEN if the newest version is not fit;
  // DEPENDENCY_UNAVAILABLE or ACCESS_UNVERIFIED if it is worth another try.
  absl::Status Follow(const server::CallContext& call, const AccountName& name,
                      const std::string& caused_by);

 private:
  // Whether it is done; if not, something has changed meanwhile.
  absl::StatusOr<bool> FollowOnce(const server::CallContext& call, const AccountName& name,
                                  const std::string& caused_by);

  storage::Database& database_;
  const AccountDirectory& directory_;
  KeyExaminer& examiner_;
  Rekeyer& rekeyer_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_VERSION_FOLLOWER_H_
