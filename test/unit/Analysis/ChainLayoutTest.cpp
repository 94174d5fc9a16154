//===- ChainLayoutTest.cpp - A warp of a chained scan ---------------------===//
//
// Places of all that a warp keeps do not overlap, and what a benchmark's
// schedules rely on holds: their accesses meet no bank twice.
//
//===----------------------------------------------------------------------===//

#include "ssmc/Analysis/ChainLayout.h"
#include <gtest/gtest.h>
#include <set>

using namespace ssmc;

namespace {

ChainShape shapeOf(int64_t lanes, int64_t width, int64_t steps) {
  return {lanes,
          width,
          steps,
          /*warps=*/4,
          /*dstate=*/16,
          /*sharedRows=*/2,
          /*sharedValues=*/2};
}

TEST(ChainLayoutTest, LanesAreOnceEachChannelAndShareOfStates) {
  for (int64_t lanes : {1, 2, 4, 8, 16, 32}) {
    ChainLayout layout(shapeOf(lanes, 1, 8));
    std::set<std::pair<int64_t, int64_t>> seen;
    for (int64_t lane = 0; lane < ChainLayout::kWarpSize; ++lane) {
      int64_t channel = layout.channelLaneOf(lane);
      int64_t states = layout.stateLaneOf(lane);
      EXPECT_LT(channel, layout.channelLanes());
      EXPECT_LT(states, lanes);
      EXPECT_TRUE(seen.emplace(channel, states).second) << lanes << " " << lane;
    }
  }
}

TEST(ChainLayoutTest, SharesOfStatesDifferByLaneDistance) {
  for (int64_t lanes : {2, 4, 8, 16, 32}) {
    ChainLayout layout(shapeOf(lanes, 1, 8));
    for (int64_t bit = 1; bit < lanes; bit *= 2)
      for (int64_t lane = 0; lane < ChainLayout::kWarpSize; ++lane) {
        int64_t other = lane ^ layout.laneDistance(bit);
        EXPECT_EQ(layout.stateLaneOf(lane) ^ bit, layout.stateLaneOf(other));
        EXPECT_EQ(layout.channelLaneOf(lane), layout.channelLaneOf(other));
      }
  }
}

TEST(ChainLayoutTest, PlacesDoNotOverlap) {
  for (int64_t lanes : {1, 2, 4, 16, 32})
    for (int64_t width : {1, 2})
      for (int64_t steps : {2, 6, 8, 16}) {
        if (steps % lanes != 0 && lanes % steps != 0)
          continue;
        ChainShape shape = shapeOf(lanes, width, steps);
        ChainLayout layout(shape);
        std::set<int64_t> used;
        auto take = [&](int64_t word) {
          EXPECT_TRUE(used.insert(word).second)
              << lanes << " " << width << " " << steps << " " << word;
          EXPECT_LT(word, layout.words());
        };
        for (int64_t rows = 0; rows < shape.sharedRows; ++rows)
          for (int64_t i = 0; i < steps * shape.dstate; ++i)
            take(layout.rowsAt(rows) + i);
        for (int64_t c = 0; lanes > 1 && c < layout.channels(); ++c)
          for (int64_t step = 0; step < steps; ++step)
            for (int64_t value = 0; value < shape.sharedValues; ++value)
              take(layout.valueAt(c, step, value));
        int64_t states = width * layout.statesPerLane();
        for (int64_t i = 0; i < states * ChainLayout::kWarpSize; ++i)
          take(layout.slotsAt() + i);
        // Accesses of 16 bytes begin at multiples of them.
        EXPECT_EQ(layout.slotsAt() % 4, 0);
        EXPECT_EQ(layout.words() % 4, 0);
      }
}

/// A store of 16 bytes a lane takes 4 passes, a load that pairs of lanes share
/// 2 (measured on an H200).
TEST(ChainLayoutTest, ValuesOfBenchmarkSchedulesMeetNoBankTwice) {
  EXPECT_EQ(ChainLayout(shapeOf(2, 1, 8)).valuePasses(), 2 * 4 + 4 * 2);
  EXPECT_EQ(ChainLayout(shapeOf(2, 1, 16)).valuePasses(), 4 * 4 + 8 * 2);
  EXPECT_EQ(ChainLayout(shapeOf(4, 1, 8)).valuePasses(), 1 * 4 + 4 * 2);
  EXPECT_EQ(ChainLayout(shapeOf(4, 1, 16)).valuePasses(), 2 * 4 + 8 * 2);
  EXPECT_EQ(ChainLayout(shapeOf(1, 1, 8)).valuePasses(), 0);
}

TEST(ChainLayoutTest, NothingIsKeptThatNothingNeeds) {
  ChainLayout layout({/*lanes=*/1, /*width=*/1, /*steps=*/8, /*warps=*/1,
                      /*dstate=*/16, /*sharedRows=*/0, /*sharedValues=*/2});
  EXPECT_EQ(layout.words(), 0);
}

} // namespace
