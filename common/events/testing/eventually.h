#ifndef KEYWARD_COMMON_EVENTS_TESTING_EVENTUALLY_H_
#define KEYWARD_COMMON_EVENTS_TESTING_EVENTUALLY_H_

#include <functional>

namespace keyward::events::testing {

// Waits until `condition` holds; false if it does not for a long time.
bool Eventually(const std::function<bool()>& condition);

}  // namespace keyward::events::testing

#endif  // KEYWARD_COMMON_EVENTS_TESTING_EVENTUALLY_H_
