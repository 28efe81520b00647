#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_DIRECTORY_CATCH_UP_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_DIRECTORY_CATCH_UP_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/auth/principal_directory.h"
#include "common/storage/database.h"

namespace keyward::managed_identity {

// Keeps this replica's directory of principals, keys and roles as new as the database, which other
// replicas change too. Who asks for a caller's rights asks this first; it costs a look at the
// database, and so nobody acts here on what another replica has taken away. Thread-safe.
class DirectoryCatchUp {
 public:
  // Both must outlive this.
  DirectoryCatchUp(storage::Database& database, auth::PrincipalDirectory& directory)
      : database_(database), directory_(directory) {}

  // Returns once the directory knows all that was committed before the call. Errors are those of
  // the database; then nothing that the directory says may be believed.
  absl::Status CatchUp();

 private:
  absl::Status Follow() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  storage::Database& database_;
  auth::PrincipalDirectory& directory_;
  absl::Mutex mutex_;
  // The last event that the directory has seen; it reads the database as a whole at first.
  int64_t seen_ ABSL_GUARDED_BY(mutex_) = -1;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_DIRECTORY_CATCH_UP_H_
