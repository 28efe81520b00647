#ifndef KEYWARD_COMMON_AUTH_RESOURCE_HIERARCHY_H_
#define KEYWARD_COMMON_AUTH_RESOURCE_HIERARCHY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace keyward::auth {

// Knows what lies above a resource, so that a role on an ancestor counts. Each service implements
// it over its own store. Thread-safe.
class ResourceHierarchy {
 public:
  virtual ~ResourceHierarchy() = default;

  // The resource itself first, then upwards, such as {"vaults/v/keys/k", "vaults/v",
  // "subscriptions/s", "tenants/t", "/"}. For a resource that does not exist or a malformed name:
  // just {resource, "/"}. An error means that it could not be found out.
  virtual absl::StatusOr<std::vector<std::string>> Ancestors(absl::string_view resource) = 0;
};

// Every resource lies directly below the root. For services whose resources have no parents.
class FlatHierarchy final : public ResourceHierarchy {
 public:
  absl::StatusOr<std::vector<std::string>> Ancestors(absl::string_view resource) override {
    return std::vector<std::string>{std::string(resource), "/"};
  }
};

}  // namespace keyward::auth

#endif  // KEYWARD_COMMON_AUTH_RESOURCE_HIERARCHY_H_
