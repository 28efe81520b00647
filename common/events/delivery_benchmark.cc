// How long a revoking call takes: publish, and wait until the event has been delivered.

#include <memory>

#include "benchmark/benchmark.h"
#include "common/clock/clock.h"
#include "common/events/testing/node.h"
#include "common/storage/testing/temporary_database.h"

namespace keyward::events {
namespace {

using storage::testing::TemporaryDatabase;
using testing::Eventually;
using testing::Node;

struct Chain {
  const std::unique_ptr<TemporaryDatabase> databases[3] = {
      TemporaryDatabase::Sqlite(), TemporaryDatabase::Sqlite(), TemporaryDatabase::Sqlite()};
  Node a{"a", databases[0]->url(), clock::RealClock()};
  Node b{"b", databases[1]->url(), clock::RealClock()};
  Node c{"c", databases[2]->url(), clock::RealClock()};
};

void Publish(benchmark::State& state) {
  Chain chain;
  for (auto _ : state) chain.a.Publish();
}
BENCHMARK(Publish)->Unit(benchmark::kMicrosecond)->UseRealTime();

void PublishAndDeliver(benchmark::State& state) {
  const int64_t hops = state.range(0);
  Chain chain;
  chain.b.Follow(chain.a, /*forward=*/hops == 2);
  if (hops == 2) chain.c.Follow(chain.b);
  Eventually([&] { return chain.b.follower("a").lease().fresh(); });
  if (hops == 2) Eventually([&] { return chain.c.follower("b").lease().fresh(); });
  for (auto _ : state) {
    if (!chain.a.feed().WaitForDelivery(chain.a.Publish()).ok()) state.SkipWithError("lost");
  }
}
BENCHMARK(PublishAndDeliver)->Arg(1)->Arg(2)->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace
}  // namespace keyward::events

BENCHMARK_MAIN();
