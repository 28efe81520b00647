#ifndef KEYWARD_SERVICES_KEY_VAULT_TESTING_STORE_LATENCY_H_
#define KEYWARD_SERVICES_KEY_VAULT_TESTING_STORE_LATENCY_H_

#include "absl/time/time.h"

namespace keyward::key_vault::testing {

// How long calls take in two stores of different size, in one run and in turns, so that whatever
// else the machine does bears on both alike, and both in memory. Medians of very many calls, as
// callers meet them: over mutual TLS, access policy and audit entry included.
struct StoreLatency {
  struct Pair {
    absl::Duration few;
    absl::Duration many;
    double ratio() const { return absl::FDivDuration(many, few); }
  };
  // GetKey of keys that are drawn from all of them.
  Pair get;
  // UnwrapKey with keys that lie apart among the others.
  Pair unwrap;
};

// Makes a store with `few` keys and one with `many` and compares them by `calls` calls of each
// kind. A fault of the set-up ends the program.
StoreLatency CompareStores(int few, int many, int calls);

}  // namespace keyward::key_vault::testing

#endif  // KEYWARD_SERVICES_KEY_VAULT_TESTING_STORE_LATENCY_H_
