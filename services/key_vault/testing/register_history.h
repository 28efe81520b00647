#ifndef KEYWARD_SERVICES_KEY_VAULT_TESTING_REGISTER_HISTORY_H_
#define KEYWARD_SERVICES_KEY_VAULT_TESTING_REGISTER_HISTORY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace keyward::key_vault::testing {

// When a call was made and when it had returned, on one clock, and what it wrote or read. It took
// effect at some moment from the one to the other, both included. A plain value.
struct RegisterCall {
  int64_t invoked = 0;
  int64_t returned = 0;
  bool value = false;
};

// What happened to one switch, such as a grant that is given and taken: who wrote it, one call
// after the other, and what others read of it at the same time. A switch of which all this can be
// told in some order, each call at a moment at which it ran, is linearizable. Histories of several
// switches are linearizable if each one is, so that each can be checked for itself. A plain value.
struct RegisterHistory {
  bool initial = true;
  // In their order; no two overlap.
  std::vector<RegisterCall> writes;
  // In any order.
  std::vector<RegisterCall> reads;

  enum class Promise {
    // The whole of the above.
    kLinearizable,
    // Only that a write counts from its return on. While it runs, readers at different places may
    // hear of it one after the other: reads are not compared with each other.
    kOnReturn,
  };

  // The first read for which there is no such order; nothing if the promise was kept. Exact: since
  // writes are in a known order, it is enough to give each read, in the order of their beginnings,
  // the earliest write that it may have read and that is no older than what was read before it.
  std::optional<RegisterCall> FirstImpossibleRead(Promise promise = Promise::kLinearizable) const;
};

}  // namespace keyward::key_vault::testing

#endif  // KEYWARD_SERVICES_KEY_VAULT_TESTING_REGISTER_HISTORY_H_
