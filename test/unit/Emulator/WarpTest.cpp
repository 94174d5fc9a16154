//===- WarpTest.cpp - Shuffles, votes, reductions, asynchronous copies ----===//

#include "Bench.h"

using namespace ssmc;
using namespace ssmc::emulator;
using namespace ssmc::emulator::test;

namespace {

// out[x] = the value that `body` computes as %v (i32).
std::vector<int32_t> perLane(const std::string &body, uint32_t threads,
                             bool check = true) {
  Bench bench(checked(check));
  auto out = bench.allocate(threads * 4);
  expectOk(bench.run(kernel("ptr addrspace(1) %out", body + R"(
  %p = getelementptr i32, ptr addrspace(1) %out, i32 %x
  store i32 %v, ptr addrspace(1) %p
  ret void)"),
                     1, threads, {out}));
  return bench.download<int32_t>(out, threads);
}

// What PTX says shfl.sync gives lane `lane` when lane i brings 100 + i.
std::pair<int, bool> shuffled(const std::string &mode, int lane, int b, int c) {
  int segment = c >> 8 & 31, clamp = c & 31;
  int limit = (lane & segment) | (clamp & ~segment);
  int source = mode == "up"     ? lane - b
               : mode == "down" ? lane + b
               : mode == "bfly" ? lane ^ b
                                : (lane & segment) | (b & ~segment);
  bool valid = mode == "up" ? source >= limit : source <= limit;
  return {100 + (valid ? source : lane), valid};
}

} // namespace

TEST(Warp, ShufflesFollowPtx) {
  // Each lane brings 100 + its number and stores twice what it gets, plus the
  // predicate where there is one.
  auto ir = [](const std::string &call) {
    return kernel("ptr addrspace(1) %out, i32 %b, i32 %c", R"(
  %a = add i32 %lane, 100
  %f = sitofp i32 %a to float
)" + call + R"(
  %h = mul i32 %i, 2
  %v = add i32 %h, %z
  %p = getelementptr i32, ptr addrspace(1) %out, i32 %x
  store i32 %v, ptr addrspace(1) %p
  ret void)");
  };
  for (const char *mode : {"up", "down", "bfly", "idx"}) {
    std::string name = std::string("@llvm.nvvm.shfl.sync.") + mode;
    for (bool predicate : {false, true}) {
      Bench bench;
      auto out = bench.allocate(64 * 4);
      expectOk(bench.load(
          ir(predicate ? "  %s = call {float, i1} " + name +
                             ".f32p(i32 -1, float %f, i32 %b, i32 %c)\n"
                             "  %g = extractvalue {float, i1} %s, 0\n"
                             "  %i = fptosi float %g to i32\n"
                             "  %q = extractvalue {float, i1} %s, 1\n"
                             "  %z = zext i1 %q to i32\n"
                       : "  %i = call i32 " + name +
                             ".i32(i32 -1, i32 %a, i32 %b, i32 %c)\n"
                             "  %z = add i32 0, 0\n")));
      for (int b : {0, 1, 3, 8, 16, 31})
        for (int c : {0x1f, 0x0, 0x181f, 0x1800, 0x1c1f, 0x1007}) {
          expectOk(bench.launch(1, 64, {out, uint64_t(b), uint64_t(c)}));
          auto found = bench.download<int32_t>(out, 64);
          for (int x = 0; x < 64; ++x) {
            auto [value, valid] = shuffled(mode, x % 32, b, c);
            ASSERT_EQ(found[x], value * 2 + (predicate && valid))
                << mode << " " << b << " " << c << " lane " << x;
          }
        }
    }
  }
}

TEST(Warp, ReductionByButterfly) {
  std::string body = "  %s0 = add i32 %lane, 1\n";
  for (int i = 0, offset = 16; offset; offset /= 2, ++i) {
    std::string k = std::to_string(i), next = std::to_string(i + 1);
    body += "  %o" + k +
            " = call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, "
            "i32 %s" +
            k + ", i32 " + std::to_string(offset) + ", i32 31)\n" + "  %s" +
            next + " = add i32 %s" + k + ", %o" + k + "\n";
  }
  body += "  %v = add i32 %s5, 0\n";
  for (bool check : {false, true})
    EXPECT_EQ(perLane(body, 128, check), std::vector<int32_t>(128, 528));
}

TEST(Warp, HalvesOfAWarpMeetSeparately) {
  // Lanes below 16 and above shuffle under masks of their own, in branches.
  auto values = perLane(R"(
  %low = icmp ult i32 %lane, 16
  br i1 %low, label %a, label %b
a:
  %va = call i32 @llvm.nvvm.shfl.sync.idx.i32(i32 65535, i32 %x, i32 3, i32 31)
  br label %join
b:
  %vb = call i32 @llvm.nvvm.shfl.sync.idx.i32(i32 -65536, i32 %x, i32 20, i32 31)
  br label %join
join:
  %v = phi i32 [ %va, %a ], [ %vb, %b ]
)",
                        32);
  for (int x = 0; x < 32; ++x)
    EXPECT_EQ(values[x], x < 16 ? 3 : 20);
}

TEST(Warp, PartialLastWarp) {
  auto values = perLane("  %v = call i32 @llvm.nvvm.shfl.sync.up.i32(i32 -1, "
                        "i32 %x, i32 1, i32 0)\n",
                        40);
  EXPECT_EQ(values[32], 32);
  EXPECT_EQ(values[39], 38);
}

TEST(Warp, Votes) {
  const char *compare = "  %odd = trunc i32 %lane to i1\n";
  auto vote = [&](const std::string &call) {
    return perLane(compare + call, 32)[7];
  };
  auto asInt = [](const std::string &name, const std::string &predicate) {
    return "  %c = call i1 @llvm.nvvm.vote." + name + ".sync(i32 -1, i1 " +
           predicate + ")\n  %v = zext i1 %c to i32\n";
  };
  EXPECT_EQ(vote("  %v = call i32 @llvm.nvvm.vote.ballot.sync(i32 -1, i1 %odd)"
                 "\n"),
            static_cast<int32_t>(0xaaaaaaaa));
  EXPECT_EQ(vote(asInt("any", "%odd")), 1);
  EXPECT_EQ(vote(asInt("any", "false")), 0);
  EXPECT_EQ(vote(asInt("all", "%odd")), 0);
  EXPECT_EQ(vote(asInt("all", "true")), 1);
  EXPECT_EQ(vote(asInt("uni", "%odd")), 0);
  EXPECT_EQ(vote(asInt("uni", "false")), 1);
}

TEST(Warp, Redux) {
  auto redux = [&](const std::string &op) {
    return perLane("  %a = sub i32 %lane, 5\n"
                   "  %v = call i32 @llvm.nvvm.redux.sync." +
                       op + "(i32 %a, i32 -1)\n",
                   32)[9];
  };
  EXPECT_EQ(redux("add"), 336);
  EXPECT_EQ(redux("min"), -5);
  EXPECT_EQ(redux("max"), 26);
  EXPECT_EQ(redux("umin"), 0);
  EXPECT_EQ(redux("umax"), -1);
  EXPECT_EQ(redux("and"), 0);
  EXPECT_EQ(redux("or"), -1);
  int expected = 0;
  for (int lane = 0; lane < 32; ++lane)
    expected ^= lane - 5;
  EXPECT_EQ(redux("xor"), expected);
}

TEST(Warp, SyncOrdersSharedMemoryOfAWarp) {
  for (bool check : {false, true}) {
    Bench bench(checked(check));
    auto out = bench.allocate(64 * 4);
    expectOk(bench.run(kernel("ptr addrspace(1) %out", R"(
  %s = getelementptr i32, ptr addrspace(3) @tile, i32 %x
  store i32 %x, ptr addrspace(3) %s
  call void @llvm.nvvm.bar.warp.sync(i32 -1)
  %other = xor i32 %x, 31
  %f = getelementptr i32, ptr addrspace(3) @tile, i32 %other
  %v = load i32, ptr addrspace(3) %f
  %p = getelementptr i32, ptr addrspace(1) %out, i32 %x
  store i32 %v, ptr addrspace(1) %p
  ret void)",
                              "@tile = internal addrspace(3) global "
                              "[64 x i32] undef"),
                       1, 64, {out}));
    EXPECT_EQ(bench.download<int32_t>(out, 64)[40], 55);
  }
}

TEST(Warp, ExitedLanesAreNotAwaitedUnchecked) {
  Bench bench(checked(false));
  auto out = bench.allocate(32 * 4);
  expectOk(bench.run(kernel("ptr addrspace(1) %out", R"(
  %leave = icmp uge i32 %lane, 20
  br i1 %leave, label %end, label %go
go:
  %v = call i32 @llvm.nvvm.shfl.sync.idx.i32(i32 -1, i32 %x, i32 2, i32 31)
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  %p = getelementptr i32, ptr addrspace(1) %out, i32 %x
  store i32 %v, ptr addrspace(1) %p
  br label %end
end:
  ret void)"),
                     1, 32, {out}));
  EXPECT_EQ(bench.download<int32_t>(out, 20), std::vector<int32_t>(20, 2));
}

TEST(Copies, LandAtTheirWait) {
  // Two groups of one copy each; the first wait leaves the second in flight.
  std::string ir = kernel("ptr addrspace(1) %in, ptr addrspace(1) %out", R"(
  %s0 = getelementptr [32 x i32], ptr addrspace(3) @a, i32 0, i32 %x
  %s1 = getelementptr [32 x i32], ptr addrspace(3) @b, i32 0, i32 %x
  %g0 = getelementptr i32, ptr addrspace(1) %in, i32 %x
  %g1 = getelementptr i32, ptr addrspace(1) %g0, i32 32
  store i32 -1, ptr addrspace(3) %s0
  store i32 -1, ptr addrspace(3) %s1
  call void @llvm.nvvm.cp.async.ca.shared.global.4(ptr addrspace(3) %s0, ptr addrspace(1) %g0)
  call void @llvm.nvvm.cp.async.commit.group()
  call void @llvm.nvvm.cp.async.ca.shared.global.4(ptr addrspace(3) %s1, ptr addrspace(1) %g1)
  call void @llvm.nvvm.cp.async.commit.group()
  %early = load volatile i32, ptr addrspace(3) %s0
  call void @llvm.nvvm.cp.async.wait.group(i32 1)
  %first = load volatile i32, ptr addrspace(3) %s0
  %second = load volatile i32, ptr addrspace(3) %s1
  call void @llvm.nvvm.cp.async.wait.all()
  %late = load volatile i32, ptr addrspace(3) %s1
  %i = mul i32 %x, 4
  %o = getelementptr i32, ptr addrspace(1) %out, i32 %i
  %o1 = getelementptr i32, ptr addrspace(1) %o, i32 1
  %o2 = getelementptr i32, ptr addrspace(1) %o, i32 2
  %o3 = getelementptr i32, ptr addrspace(1) %o, i32 3
  store i32 %early, ptr addrspace(1) %o
  store i32 %first, ptr addrspace(1) %o1
  store i32 %second, ptr addrspace(1) %o2
  store i32 %late, ptr addrspace(1) %o3
  ret void)",
                          "@a = internal addrspace(3) global [32 x i32] undef\n"
                          "@b = internal addrspace(3) global [32 x i32] undef");
  Bench bench(checked(false));
  std::vector<int32_t> values(64);
  for (int i = 0; i < 64; ++i)
    values[i] = i;
  auto in = bench.upload(values);
  auto out = bench.allocate(128 * 4);
  expectOk(bench.run(ir, 1, 32, {in, out}));
  auto found = bench.download<int32_t>(out, 128);
  EXPECT_EQ(std::vector<int32_t>(found.begin() + 20, found.begin() + 24),
            (std::vector<int32_t>{-1, 5, -1, 37}));
}

TEST(Copies, SixteenBytesAndZeroFill) {
  std::string ir = kernel("ptr addrspace(1) %in, ptr addrspace(1) %out", R"(
  call void @llvm.nvvm.cp.async.cg.shared.global.16.s(ptr addrspace(3) @a, ptr addrspace(1) %in, i32 6)
  call void @llvm.nvvm.cp.async.wait.all()
  %v = load <4 x i32>, ptr addrspace(3) @a, align 16
  store <4 x i32> %v, ptr addrspace(1) %out, align 16
  ret void)",
                          "@a = internal addrspace(3) global [4 x i32] undef, "
                          "align 16");
  for (bool check : {false, true}) {
    Bench bench(checked(check));
    auto in = bench.upload<uint8_t>({1, 2, 3, 4, 5, 6, 7, 8});
    auto out = bench.allocate(16);
    expectOk(bench.run(ir, 1, 1, {in, out}));
    EXPECT_EQ(
        bench.download<uint8_t>(out, 16),
        (std::vector<uint8_t>{1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  }
}
