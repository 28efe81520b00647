#ifndef KEYWARD_SERVICES_KEY_VAULT_MESSAGE_BUDGET_H_
#define KEYWARD_SERVICES_KEY_VAULT_MESSAGE_BUDGET_H_

#include <atomic>
#include <cstdint>

namespace keyward::key_vault {

// How many more messages this process may seal under a key before it must ask the database again
// (message_limit.h). Starts with none. Thread-safe.
class MessageBudget {
 public:
  // Takes one; false if there is none.
  bool Take() {
    int64_t left = left_.load(std::memory_order_relaxed);
    while (left > 0) {
      if (left_.compare_exchange_weak(left, left - 1, std::memory_order_relaxed)) return true;
    }
    return false;
  }

  void Add(int64_t messages) { left_.fetch_add(messages, std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> left_{0};
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_MESSAGE_BUDGET_H_
