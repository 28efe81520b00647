#ifndef KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_HIERARCHY_H_
#define KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_HIERARCHY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/auth/resource_hierarchy.h"
#include "services/encryption/account_directory.h"
#include "services/encryption/replica.h"

namespace keyward::encryption {

// What lies above an account: its subscription, and the tenant that this is in. Thread-safe.
class AccountHierarchy final : public auth::ResourceHierarchy {
 public:
  // Both must outlive this.
  AccountHierarchy(const AccountDirectory& directory, const Replica& replica)
      : directory_(directory), replica_(replica) {}

  absl::StatusOr<std::vector<std::string>> Ancestors(absl::string_view resource) override;

 private:
  const AccountDirectory& directory_;
  const Replica& replica_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_HIERARCHY_H_
