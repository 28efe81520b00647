#include "common/storage/fault_point.h"

#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <string>

#include "absl/strings/numbers.h"

namespace keyward::storage {
namespace {

constexpr int kKilledExitCode = 137;

struct Armed {
  Armed() {
    const char* variable = getenv(kFaultPointVariable);
    if (variable == nullptr) return;
    name = variable;
    const size_t colon = name.find(':');
    if (colon == std::string::npos) return;
    int nth = 0;
    if (absl::SimpleAtoi(name.substr(colon + 1), &nth)) passages_left = nth;
    name.resize(colon);
  }

  std::string name;
  std::atomic<int> passages_left{1};
};

}  // namespace

void FaultPoint(std::string_view name) {
  static Armed& armed = *new Armed;
  if (armed.name.empty() || armed.name != name) return;
  if (--armed.passages_left == 0) _exit(kKilledExitCode);
}

}  // namespace keyward::storage
