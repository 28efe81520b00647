#include "tests/bench/load.h"

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"

namespace keyward::bench {
namespace {

// What the calls of one measurement share.
struct Load {
  Load(int in_flight, absl::Time end_time, const AsyncCall& async_call)
      : end(end_time), call(async_call), idle(in_flight) {}

  const absl::Time end;
  const AsyncCall& call;
  std::atomic<int64_t> succeeded{0};
  std::atomic<bool> failed{false};
  absl::BlockingCounter idle;

  void StartNext() {
    if (failed || absl::Now() >= end) {
      idle.DecrementCount();
      return;
    }
    call([this](bool ok) {
      if (ok) {
        ++succeeded;
      } else {
        failed = true;
      }
      StartNext();
    });
  }
};

}  // namespace

absl::StatusOr<Halves> SplitCores() {
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  if (cores < 2) return absl::FailedPreconditionError("needs two cores");
  return Halves{{0, cores / 2}, {cores / 2, cores}};
}

double PerSecond(int threads, absl::Duration duration, const std::function<bool()>& operation) {
  std::atomic<int64_t> done{0};
  std::atomic<bool> failed{false};
  const absl::Time start = absl::Now();
  std::vector<std::thread> workers;
  for (int i = 0; i < threads; ++i) {
    workers.emplace_back([&] {
      while (!failed && absl::Now() - start < duration) {
        if (operation()) {
          ++done;
        } else {
          failed = true;
        }
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  return failed ? -1 : static_cast<double>(done) / absl::ToDoubleSeconds(absl::Now() - start);
}

double CallsPerSecond(int in_flight, absl::Duration duration, const AsyncCall& call) {
  const absl::Time start = absl::Now();
  Load load(in_flight, start + duration, call);
  for (int i = 0; i < in_flight; ++i) load.StartNext();
  load.idle.Wait();
  const double elapsed = absl::ToDoubleSeconds(absl::Now() - start);
  return load.failed ? -1 : static_cast<double>(load.succeeded) / elapsed;
}

}  // namespace keyward::bench
