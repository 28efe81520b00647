#ifndef KEYWARD_SERVICES_ENCRYPTION_TIERS_H_
#define KEYWARD_SERVICES_ENCRYPTION_TIERS_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace keyward::encryption {

// A pricing tier.
struct Tier {
  absl::string_view name;
  // Whether its accounts can have a customer-managed key. Those of others have no encryption
  // settings at all.
  bool customer_managed_keys;
};

// The catalogue, in the order in which it is listed.
absl::Span<const Tier> Tiers();

// The tier of that name; null if there is none.
const Tier* FindTier(absl::string_view name);

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_TIERS_H_
