// vault.million_keys: how long GetKey and UnwrapKey take in a store of a million keys, beside how
// long they take in one of a thousand, measured in turns in the same run. A line of JSON each. The
// ratio is to be 1.2 at most.

#include <iostream>
#include <string>

#include "absl/time/time.h"
#include "nlohmann/json.hpp"
#include "services/key_vault/testing/store_latency.h"

namespace keyward::bench {
namespace {

constexpr int kFew = 1'000;
constexpr int kMany = 1'000'000;
constexpr int kCalls = 5'000;

void Print(const std::string& name, const key_vault::testing::StoreLatency::Pair& latency) {
  std::cout << nlohmann::json{{"name", "vault.million_keys." + name},
                              {"value", absl::ToDoubleMicroseconds(latency.many)},
                              {"unit", "us"},
                              {"limit", absl::ToDoubleMicroseconds(latency.few)},
                              {"ratio", latency.ratio()}}
                   .dump()
            << std::endl;
}

}  // namespace
}  // namespace keyward::bench

int main() {
  const auto latency = keyward::key_vault::testing::CompareStores(
      keyward::bench::kFew, keyward::bench::kMany, keyward::bench::kCalls);
  keyward::bench::Print("get", latency.get);
  keyward::bench::Print("unwrap", latency.unwrap);
  return 0;
}
