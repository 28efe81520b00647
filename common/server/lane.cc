#include "common/server/lane.h"

#include <sched.h>

#include <thread>

namespace keyward::server {
namespace {

// Enough to keep the cores busy while a few wait for a read of the database.
constexpr int kWorkersPerCore = 2;
constexpr int kWorkersThatWait = 4;

int UsableCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return CPU_COUNT(&set);
  return static_cast<int>(std::thread::hardware_concurrency());
}

}  // namespace

int ComputingWorkers() { return kWorkersPerCore * UsableCores() + kWorkersThatWait; }

}  // namespace keyward::server
