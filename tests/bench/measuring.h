#ifndef KEYWARD_TESTS_BENCH_MEASURING_H_
#define KEYWARD_TESTS_BENCH_MEASURING_H_

#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "nlohmann/json.hpp"

namespace keyward::bench {

// The cores with numbers in [first, end).
struct Cores {
  int first;
  int end;
  int count() const { return end - first; }
};

// From now on this thread, and the threads and processes that it starts, run there only.
inline absl::Status RunOn(Cores cores) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int core = cores.first; core < cores.end; ++core) CPU_SET(core, &set);
  if (sched_setaffinity(0, sizeof(set), &set) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, "cannot choose cores");
}

inline double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// One line of JSON.
inline void Print(const std::string& name, const std::string& unit, double value, double limit) {
  std::cout << nlohmann::json{{"name", name},
                              {"value", static_cast<int64_t>(value)},
                              {"unit", unit},
                              {"limit", static_cast<int64_t>(limit)},
                              {"ratio", value / limit}}
                   .dump()
            << std::endl;
}

}  // namespace keyward::bench

#endif  // KEYWARD_TESTS_BENCH_MEASURING_H_
