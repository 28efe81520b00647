#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_TENANT_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_TENANT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/managed_identity/names.h"

namespace keyward::managed_identity {

// A directory: principals are registered in one and do not leave it. A value.
struct Tenant {
  TenantName name;
  std::string display_name;
  absl::Time create_time;
};

// What resources belong to, and what moves from tenant to tenant with them. A value.
struct Subscription {
  SubscriptionName name;
  TenantName tenant;
  std::string display_name;
  absl::Time create_time;
  absl::Time update_time;
  // The sequence of the last event about it.
  int64_t last_event = 0;
};

// A name for people: at most 256 characters of UTF-8, no control characters. INVALID_ARGUMENT
// naming `field` otherwise.
absl::StatusOr<std::string> ParseDisplayName(absl::string_view text, absl::string_view field);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_TENANT_H_
