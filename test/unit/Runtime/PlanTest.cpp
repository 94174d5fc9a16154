//===- PlanTest.cpp - Entries at given sizes ------------------------------===//

#include "ssmc/Runtime/Plan.h"
#include "Support/TestBundle.h"
#include <gtest/gtest.h>
#include <random>

using namespace ssmc;
using namespace ssmc::runtime;
using namespace ssmc::runtime::test;
using bundle::ExprOp;

namespace {

/// The first entry of a bundle at `dims`.
Result<EntryPlan> planFirst(const TestBundle &bundle,
                            std::vector<uint64_t> dims) {
  auto view = bundle.view();
  return planEntry(*view, *view->body().entries()->Get(0), std::move(dims));
}

TEST(PlanTest, EvaluatesAnEntry) {
  auto view = toyModel().view();
  Result<EntryPlan> plan =
      planEntry(*view, *view->findEntry("prefill"), {2, 100, 3});
  ASSERT_TRUE(plan.ok()) << plan.status().message();
  EXPECT_EQ(plan->buffers[0].bytes, 800u);
  EXPECT_EQ(plan->buffers[1].shape, (std::vector<uint64_t>{2, 3, 8}));
  // "copied" (800 bytes) and "sums" (16 bytes) live at the same time.
  EXPECT_EQ(plan->buffers[4].arenaOffset, 0u);
  EXPECT_EQ(plan->buffers[5].arenaOffset, 1024u);
  EXPECT_EQ(plan->arenaBytes, 1280u);
  const auto &copy = std::get<CopyPlan>(plan->steps[0]);
  EXPECT_EQ(copy.bytes, 800u);
  const auto &sum = std::get<LaunchPlan>(plan->steps[1]);
  EXPECT_EQ(sum.grid, (std::array<uint32_t, 3>{2, 1, 1}));
  EXPECT_EQ(sum.scalars, std::vector<uint64_t>{100});
}

TEST(PlanTest, CostOfALaunch) {
  TestBundle bundle = toyFunction();
  auto costAt = [&](uint64_t n) {
    Result<EntryPlan> plan = planFirst(bundle, {n, 1});
    EXPECT_TRUE(plan.ok()) << plan.status().message();
    return std::get<LaunchPlan>(plan->steps[0]).cost;
  };
  EXPECT_FALSE(costAt(5));
  bundle.entries[0].steps[0].cost = {dim(0) * constant(8), constant(2),
                                     dim(0) * constant(1ull << 63)};
  ASSERT_TRUE(costAt(1));
  EXPECT_EQ(costAt(1)->bytes, 8u);
  EXPECT_EQ(costAt(1)->mufu, 2u);
  EXPECT_EQ(costAt(1)->fma, 1ull << 63);
  // More than 64 bits hold refuses no call.
  EXPECT_FALSE(costAt(2));
}

TEST(PlanTest, RefusesWrongCountOfDims) {
  EXPECT_FALSE(planFirst(toyFunction(), {1}).ok());
  EXPECT_FALSE(planFirst(toyFunction(), {1, 2, 3}).ok());
}

TEST(PlanTest, RefusesSizesThatOverflow) {
  for (uint64_t n :
       {uint64_t{1} << 31, uint64_t{1} << 32, uint64_t{1} << 63, UINT64_MAX}) {
    Result<EntryPlan> plan = planFirst(toyFunction(), {n, uint64_t{1} << 32});
    ASSERT_FALSE(plan.ok()) << n;
    EXPECT_TRUE(contains(plan.status().message(), "entry 'double'"));
  }
}

TEST(PlanTest, ChecksTheGrid) {
  struct Case {
    int extent;
    uint64_t value;
    bool good;
  };
  const Case cases[] = {
      {0, 1, true},           {0, INT32_MAX, true},   {0, 1ull << 31, false},
      {0, 1ull << 32, false}, {0, 1ull << 63, false}, {0, UINT64_MAX, false},
      {1, 65535, true},       {1, 65536, false},      {2, 65535, true},
      {2, 65536, false},      {1, 1ull << 32, false}, {2, UINT64_MAX, false},
  };
  for (const Case &test : cases) {
    TestBundle bundle = toyFunction();
    bundle.entries[0].steps[0].grid[test.extent] = constant(test.value);
    Result<EntryPlan> plan = planFirst(bundle, {1, 1});
    EXPECT_EQ(plan.ok(), test.good) << test.extent << " " << test.value;
    if (!plan.ok()) {
      EXPECT_TRUE(contains(plan.status().message(),
                           "step 0 (kernel 'toy_double'): grid extent"))
          << plan.status().message();
    }
  }
}

TEST(PlanTest, AnEmptyGridLaunchesNothing) {
  TestBundle bundle = toyFunction();
  // Too large in another direction does not matter then.
  bundle.entries[0].steps[0].grid[1] = constant(65536);
  Result<EntryPlan> plan = planFirst(bundle, {0, 5});
  ASSERT_TRUE(plan.ok()) << plan.status().message();
  EXPECT_EQ(std::get<LaunchPlan>(plan->steps[0]).grid[0], 0u);
}

TEST(PlanTest, ChecksOffsets) {
  struct Case {
    uint64_t offset;
    bool good;
  };
  // The buffer has 4 x 4 bytes; its end is a legal address of nothing.
  for (const Case &test : {Case{0, true}, Case{4, true}, Case{16, true},
                           Case{2, false}, Case{17, false}, Case{20, false},
                           Case{1ull << 31, false}, Case{1ull << 32, false},
                           Case{1ull << 63, false}, Case{UINT64_MAX, false}}) {
    TestBundle bundle = toyFunction();
    bundle.entries[0].steps[0].pointers[1].offset = constant(test.offset);
    EXPECT_EQ(planFirst(bundle, {2, 2}).ok(), test.good) << test.offset;
  }
}

TEST(PlanTest, ChecksCopies) {
  struct Case {
    uint64_t source, target, bytes;
    bool good;
  };
  for (const Case &test :
       {Case{0, 0, 16, true}, Case{0, 0, 17, false}, Case{4, 0, 12, true},
        Case{8, 0, 12, false}, Case{0, 8, 12, false},
        Case{0, 0, UINT64_MAX, false}, Case{16, 16, 0, true}}) {
    TestBundle bundle = toyFunction();
    TestStep &step = bundle.entries[0].steps[0];
    step.action = bundle::StepAction::Copy;
    step.pointers = {{0, constant(test.source)}, {1, constant(test.target)}};
    step.scalars = {constant(test.bytes)};
    EXPECT_EQ(planFirst(bundle, {2, 2}).ok(), test.good)
        << test.source << " " << test.target << " " << test.bytes;
  }
}

TEST(PlanTest, RefusesACopyOntoItself) {
  for (auto [target, good] : {std::pair{8, true}, std::pair{4, false}}) {
    TestBundle bundle = toyFunction();
    TestStep &step = bundle.entries[0].steps[0];
    step.action = bundle::StepAction::Copy;
    step.pointers = {{1, constant(0)}, {1, constant(target)}};
    step.scalars = {constant(8)};
    EXPECT_EQ(planFirst(bundle, {2, 2}).ok(), good) << target;
  }
}

/// Whether two requests that live at the same time share bytes.
bool overlaps(const std::vector<ArenaRequest> &requests,
              const ArenaLayout &layout) {
  for (size_t a = 0; a < requests.size(); ++a)
    for (size_t b = 0; b < a; ++b)
      if (requests[a].firstStep <= requests[b].lastStep &&
          requests[b].firstStep <= requests[a].lastStep &&
          layout.offsets[a] < layout.offsets[b] + requests[b].bytes &&
          layout.offsets[b] < layout.offsets[a] + requests[a].bytes)
        return true;
  return false;
}

TEST(ArenaTest, NothingAliveOverlaps) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::vector<ArenaRequest> requests(random() % 40);
    uint64_t total = 0;
    for (ArenaRequest &request : requests) {
      request.bytes = random() % 5 == 0 ? 0 : random() % 5000;
      request.firstStep = random() % 20;
      request.lastStep = request.firstStep + random() % 5;
      total += (request.bytes + 255) / 256 * 256;
    }
    Result<ArenaLayout> layout = layOutArena(requests);
    ASSERT_TRUE(layout.ok());
    EXPECT_FALSE(overlaps(requests, *layout)) << "round " << round;
    EXPECT_LE(layout->bytes, total);
    for (size_t i = 0; i < requests.size(); ++i) {
      EXPECT_EQ(layout->offsets[i] % kArenaAlignment, 0u);
      EXPECT_LE(layout->offsets[i] + requests[i].bytes, layout->bytes);
    }
  }
}

TEST(ArenaTest, ReusesWhatIsDead) {
  // A chain in which each block lives for two steps needs room for two.
  std::vector<ArenaRequest> chain;
  for (uint32_t i = 0; i < 100; ++i)
    chain.push_back({1024, i, i + 1});
  EXPECT_EQ(layOutArena(chain)->bytes, 2048u);
}

TEST(ArenaTest, FillsGaps) {
  // 0: [0, 1024) in step 0-2; 1: above it; 2: takes the place of 0 in step 3.
  std::vector<ArenaRequest> requests = {{1024, 0, 2}, {512, 0, 5}, {600, 3, 5}};
  Result<ArenaLayout> layout = layOutArena(requests);
  EXPECT_EQ(layout->offsets, (std::vector<uint64_t>{0, 1024, 0}));
  EXPECT_EQ(layout->bytes, 1536u);
}

TEST(ArenaTest, RefusesMoreThanAddressesReach) {
  EXPECT_FALSE(layOutArena({{UINT64_MAX, 0, 0}}).ok());
  EXPECT_FALSE(layOutArena({{1ull << 63, 0, 0}, {1ull << 63, 0, 0}}).ok());
  EXPECT_TRUE(layOutArena({{1ull << 63, 0, 0}, {1ull << 63, 1, 1}}).ok());
}

} // namespace
