#ifndef KEYWARD_TESTS_MISSION_LOSSES_H_
#define KEYWARD_TESTS_MISSION_LOSSES_H_

#include <vector>

#include "absl/status/statusor.h"
#include "keyward/encryption/v1/access.pb.h"
#include "keyward/events/v1/events.pb.h"
#include "tests/mission/customer.h"

namespace keyward::mission {

// One way to take a customer's access to their key away.
struct Loss {
  encryption::v1::Cause cause;
  // What an operator does, in words.
  const char* what;
  // Does it; returns how far it had gone when the call returned.
  absl::StatusOr<events::v1::Delivery> (*take_away)(Customer&);
};

// All of them; the first is IDENTITY_DISABLED.
const std::vector<Loss>& Losses();

}  // namespace keyward::mission

#endif  // KEYWARD_TESTS_MISSION_LOSSES_H_
