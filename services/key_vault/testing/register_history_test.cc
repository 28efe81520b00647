#include "services/key_vault/testing/register_history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace keyward::key_vault::testing {
namespace {

bool IsLinearizable(const RegisterHistory& history) {
  return !history.FirstImpossibleRead().has_value();
}

// Access is taken from 10 to 20 and given back from 30 to 40.
RegisterHistory TakenAndGivenBack(std::vector<RegisterCall> reads) {
  return {.initial = true, .writes = {{10, 20, false}, {30, 40, true}}, .reads = std::move(reads)};
}

TEST(RegisterHistoryTest, ReadsApartFromWritesReadTheLastWrite) {
  EXPECT_TRUE(IsLinearizable(TakenAndGivenBack({{1, 5, true}, {22, 25, false}, {45, 50, true}})));
  EXPECT_FALSE(IsLinearizable(TakenAndGivenBack({{1, 5, false}})));
  EXPECT_FALSE(IsLinearizable(TakenAndGivenBack({{22, 25, true}})));
  EXPECT_FALSE(IsLinearizable(TakenAndGivenBack({{45, 50, false}})));
}

TEST(RegisterHistoryTest, ReadsDuringAWriteReadEither) {
  EXPECT_TRUE(IsLinearizable(TakenAndGivenBack({{12, 15, true}, {12, 15, false}})));
  EXPECT_TRUE(IsLinearizable(TakenAndGivenBack({{5, 60, false}, {5, 60, true}})));
}

TEST(RegisterHistoryTest, AReadThatBeganBeforeTheLossMayStillSucceed) {
  EXPECT_TRUE(IsLinearizable(TakenAndGivenBack({{9, 29, true}, {20, 29, true}})));
  EXPECT_FALSE(IsLinearizable(TakenAndGivenBack({{21, 29, true}})));
}

TEST(RegisterHistoryTest, NobodyReadsTheOldOnceSomebodyHasReadTheNew) {
  EXPECT_FALSE(IsLinearizable(TakenAndGivenBack({{11, 13, false}, {14, 16, true}})));
  EXPECT_TRUE(IsLinearizable(TakenAndGivenBack({{11, 15, false}, {14, 16, true}})));
  // Also if both took long, and if it was given back in between for all that one can tell.
  EXPECT_FALSE(IsLinearizable(TakenAndGivenBack({{11, 13, false}, {14, 29, true}})));
  EXPECT_TRUE(IsLinearizable(TakenAndGivenBack({{11, 13, false}, {14, 30, true}})));
}

TEST(RegisterHistoryTest, AWriteThatCountsOnReturnMayBeHeardOfInAnyOrderUntilThen) {
  const auto kept = [](std::vector<RegisterCall> reads) {
    return !TakenAndGivenBack(std::move(reads))
                .FirstImpossibleRead(RegisterHistory::Promise::kOnReturn)
                .has_value();
  };
  EXPECT_TRUE(kept({{11, 13, false}, {14, 16, true}}));
  EXPECT_FALSE(kept({{21, 29, true}}));
  EXPECT_FALSE(kept({{41, 42, false}}));
}

TEST(RegisterHistoryTest, NamesTheReadThatCannotBe) {
  const auto impossible = TakenAndGivenBack({{1, 5, true}, {23, 25, true}}).FirstImpossibleRead();
  ASSERT_TRUE(impossible.has_value());
  EXPECT_EQ(impossible->invoked, 23);
}

// Tries every order of all calls.
bool SomeOrderExplains(const RegisterHistory& history) {
  struct Call : RegisterCall {
    bool writes = false;
  };
  std::vector<Call> calls;
  for (const RegisterCall& write : history.writes) calls.push_back({write, true});
  for (const RegisterCall& read : history.reads) calls.push_back({read, false});
  std::vector<size_t> order(calls.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  do {
    bool value = history.initial;
    bool explains = true;
    for (size_t i = 0; explains && i < order.size(); ++i) {
      const Call& call = calls[order[i]];
      for (size_t j = i + 1; j < order.size(); ++j) {
        if (calls[order[j]].returned < call.invoked) explains = false;
      }
      if (call.writes) value = call.value;
      if (!call.writes && call.value != value) explains = false;
    }
    if (explains) return true;
  } while (std::next_permutation(order.begin(), order.end()));
  return false;
}

TEST(RegisterHistoryTest, AgreesWithTryingEveryOrder) {
  std::mt19937 random(4);
  const auto roll = [&](int sides) { return static_cast<int64_t>(random() % sides); };
  int possible = 0;
  constexpr int kHistories = 3'000;
  for (int i = 0; i < kHistories; ++i) {
    RegisterHistory history{.initial = roll(2) == 0, .writes = {}, .reads = {}};
    int64_t time = roll(4);
    for (int64_t writes = roll(4); writes > 0; --writes) {
      const int64_t end = time + roll(4);
      history.writes.push_back({time, end, roll(2) == 0});
      time = end + 1 + roll(3);
    }
    for (int64_t reads = 1 + roll(4); reads > 0; --reads) {
      const int64_t start = roll(16);
      history.reads.push_back({start, start + roll(6), roll(2) == 0});
    }
    const bool expected = SomeOrderExplains(history);
    ASSERT_EQ(IsLinearizable(history), expected) << "history " << i;
    possible += expected ? 1 : 0;
  }
  // Both kinds were among them.
  EXPECT_GT(possible, kHistories / 10);
  EXPECT_LT(possible, kHistories - kHistories / 10);
}

}  // namespace
}  // namespace keyward::key_vault::testing
