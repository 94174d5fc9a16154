//===- NamedBarrierTest.cpp - Barriers of some warps of a block -----------===//
//
// Warps in a ring pass numbers on: each waits for the warp before it, which
// announces its arrival and goes on, adds 1 and passes the sum to the next.
//
//===----------------------------------------------------------------------===//

#include "Bench.h"

using namespace ssmc;
using namespace ssmc::emulator;
using namespace ssmc::emulator::test;

namespace {

constexpr int kWarps = 4;
constexpr int kRounds = 5;

struct Ring {
  std::string wait = "  call void "
                     "@llvm.nvvm.barrier.cta.sync.aligned.count(i32 %before, "
                     "i32 64)\n";
  std::string arrive = "  call void "
                       "@llvm.nvvm.barrier.cta.arrive.aligned.count(i32 %w, "
                       "i32 64)\n";
  // What a warp does after it has passed its sums on.
  std::string after;
  // What warp 0 does before the last sums are taken, which those of the last
  // warp announce.
  std::string last = "  call void "
                     "@llvm.nvvm.barrier.cta.sync.aligned.count(i32 3, i32 "
                     "64)\n";

  [[nodiscard]] std::string text() const {
    return kernel("ptr addrspace(1) %data", R"(
  %w = lshr i32 %x, 5
  %w3 = add i32 %w, 3
  %before = and i32 %w3, 3
  %g = getelementptr i32, ptr addrspace(1) %data, i32 %lane
  %own = getelementptr [32 x i32], ptr addrspace(3) @slots, i32 %w, i32 %lane
  %from = getelementptr [32 x i32], ptr addrspace(3) @slots, i32 %before, i32 %lane
  %isLast = icmp eq i32 %w, 3
  br i1 %isLast, label %prime, label %loop
prime:
  %first = load i32, ptr addrspace(1) %g
  store i32 %first, ptr addrspace(3) %own
)" + arrive + R"(
  br label %loop
loop:
  %r = phi i32 [ 0, %entry ], [ 0, %prime ], [ %r1, %loop ]
)" + wait + R"(
  %v = load i32, ptr addrspace(3) %from
  %sum = add i32 %v, 1
  store i32 %sum, ptr addrspace(3) %own
)" + arrive + after + R"(
  %r1 = add i32 %r, 1
  %more = icmp ult i32 %r1, 5
  br i1 %more, label %loop, label %end
end:
  %isFirst = icmp eq i32 %w, 0
  br i1 %isFirst, label %take, label %done
take:
)" + last + R"(
  %result = load i32, ptr addrspace(3) %from
  store i32 %result, ptr addrspace(1) %g
  br label %done
done:
  ret void)",
                  "@slots = internal addrspace(3) global [4 x [32 x i32]] "
                  "undef");
  }
};

std::vector<int32_t> counting() {
  std::vector<int32_t> values(32);
  for (int i = 0; i < 32; ++i)
    values[i] = 100 * i;
  return values;
}

Status runChecked(const Ring &ring) {
  Bench bench;
  auto data = bench.upload(counting());
  return bench.run(ring.text(), 1, kWarps * 32, {data});
}

} // namespace

TEST(NamedBarrier, ARingPassesSumsOn) {
  for (bool check : {true, false}) {
    Bench bench(checked(check));
    auto data = bench.upload(counting());
    expectOk(bench.run(Ring().text(), 1, kWarps * 32, {data}));
    std::vector<int32_t> expected = counting();
    for (int32_t &value : expected)
      value += kWarps * kRounds;
    EXPECT_EQ(bench.download<int32_t>(data, 32), expected);
  }
}

TEST(NamedBarrier, WritingAfterArrivalRaces) {
  Ring ring;
  ring.after = "  store i32 7, ptr addrspace(3) %own\n";
  expectFault(runChecked(ring), {"shared-memory race", "'slots'"});
}

TEST(NamedBarrier, OrdersNoWarpButThoseThatMeet) {
  // Warps 0 and 1 meet; warp 2 does not, and writes what they write.
  expectFault(
      runOnBuffer(
          "  %w = lshr i32 %x, 5\n"
          "  %isThird = icmp eq i32 %w, 2\n"
          "  %slot = getelementptr i32, ptr addrspace(3) @slot, i32 %lane\n"
          "  br i1 %isThird, label %write, label %meet\n"
          "meet:\n"
          "  call void @llvm.nvvm.barrier.cta.sync.aligned.count(i32 1, "
          "i32 64)\n"
          "  br label %write\n"
          "write:\n"
          "  store i32 %w, ptr addrspace(3) %slot\n",
          96, "@slot = internal addrspace(3) global [32 x i32] undef"),
      {"shared-memory race", "'slot'"});
}

TEST(NamedBarrier, NobodyArrives) {
  Ring ring;
  ring.arrive = "";
  expectFault(runChecked(ring), {"the block is stuck", "wait at a barrier"});
}

TEST(NamedBarrier, NobodyTakesTheLastArrival) {
  Ring ring;
  ring.last = "";
  expectFault(runChecked(ring), {"shared-memory race"});
  expectFault(
      runOnBuffer(
          "  call void @llvm.nvvm.barrier.cta.arrive.aligned.count(i32 2, "
          "i32 64)\n",
          32 + 64),
      {"has ended with 32 of 64 threads come to barrier 2"});
}

TEST(NamedBarrier, NumbersOfThreadsThatCannotBe) {
  auto sync = [](const std::string &id, const std::string &count) {
    return "  call void @llvm.nvvm.barrier.cta.sync.aligned.count(i32 " + id +
           ", i32 " + count + ")\n";
  };
  expectFault(runOnBuffer(sync("1", "40"), 64),
              {"is for 40 threads", "multiple of 32"});
  expectFault(runOnBuffer(sync("1", "96"), 64),
              {"at most the 64 of the block"});
  expectFault(runOnBuffer(sync("16", "64"), 64), {"barrier 16 does not exist"});
  expectFault(runOnBuffer("  %w = lshr i32 %x, 5\n  %c = mul i32 %w, 32\n"
                          "  %n = add i32 %c, 64\n" +
                              sync("1", "%n"),
                          96),
              {"is for 96 threads here, and for 64"});
}
