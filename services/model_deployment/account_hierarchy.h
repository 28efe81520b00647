#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_ACCOUNT_HIERARCHY_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_ACCOUNT_HIERARCHY_H_

#include <string>
#include <vector>

#include "common/auth/resource_hierarchy.h"
#include "common/storage/database.h"

namespace keyward::model_deployment {

// What lies above a resource: the collections' owners by its name, up to the account, then the
// account's subscription and tenant as encryption's feed told of them. Thread-safe.
class AccountHierarchy final : public auth::ResourceHierarchy {
 public:
  explicit AccountHierarchy(storage::Database& database) : database_(database) {}

  absl::StatusOr<std::vector<std::string>> Ancestors(absl::string_view resource) override;

 private:
  storage::Database& database_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_ACCOUNT_HIERARCHY_H_
