#include "services/key_vault/testing/register_history.h"

#include <algorithm>
#include <cstddef>
#include <queue>
#include <utility>

namespace keyward::key_vault::testing {
namespace {

// By when it ended: what was read then, as the number of writes that had taken effect.
using Read = std::pair<int64_t, size_t>;
using EarliestFirst = std::priority_queue<Read, std::vector<Read>, std::greater<Read>>;

}  // namespace

std::optional<RegisterCall> RegisterHistory::FirstImpossibleRead(Promise promise) const {
  std::vector<RegisterCall> ordered = reads;
  std::sort(ordered.begin(), ordered.end(),
            [](const RegisterCall& a, const RegisterCall& b) { return a.invoked < b.invoked; });
  EarliestFirst running;
  // How many writes, at least, had taken effect for a read that begins now.
  size_t least = 0;
  for (const RegisterCall& read : ordered) {
    while (least < writes.size() && writes[least].returned < read.invoked) ++least;
    while (!running.empty() && running.top().first < read.invoked) {
      least = std::max(least, running.top().second);
      running.pop();
    }
    size_t seen = least;
    const auto value = [&] { return seen == 0 ? initial : writes[seen - 1].value; };
    while (value() != read.value) {
      if (seen == writes.size() || writes[seen].invoked > read.returned) return read;
      ++seen;
    }
    if (promise == Promise::kLinearizable) running.emplace(read.returned, seen);
  }
  return std::nullopt;
}

}  // namespace keyward::key_vault::testing
