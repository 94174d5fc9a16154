//===- FaultTest.cpp - Planted bugs that the checks must find -------------===//
//
// Each test plants one bug in a kernel that is right without it.
//
//===----------------------------------------------------------------------===//

#include "Bench.h"

using namespace ssmc;
using namespace ssmc::emulator;
using namespace ssmc::emulator::test;

namespace {

const char *kBarrier =
    "  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)\n";

// Each thread puts a value into shared memory, takes its mirror image's, and
// does so twice; `first` to `third` separate the four steps.
std::string mirrorKernel(const std::string &first, const std::string &second,
                         const std::string &third) {
  return kernel("ptr addrspace(1) %data", R"(
  %i = xor i32 %x, 127
  %g = getelementptr i32, ptr addrspace(1) %data, i32 %x
  %own = getelementptr i32, ptr addrspace(3) @tile, i32 %x
  %other = getelementptr i32, ptr addrspace(3) @tile, i32 %i
  %a = load i32, ptr addrspace(1) %g
  store i32 %a, ptr addrspace(3) %own
)" + first + R"(
  %b = load i32, ptr addrspace(3) %other
)" + second + R"(
  %c = add i32 %b, 1
  store i32 %c, ptr addrspace(3) %own
)" + third + R"(
  %d = load i32, ptr addrspace(3) %other
  store i32 %d, ptr addrspace(1) %g
  ret void)",
                "@tile = internal addrspace(3) global [128 x i32] undef");
}

Status runMirror(const std::string &first, const std::string &second,
                 const std::string &third, size_t elements = 128) {
  Bench bench;
  auto data = bench.upload(std::vector<int32_t>(elements, 3));
  return bench.run(mirrorKernel(first, second, third), 1, 128, {data});
}

} // namespace

TEST(Fault, NoneInTheRightKernel) {
  expectOk(runMirror(kBarrier, kBarrier, kBarrier));
}

TEST(Fault, FirstBarrierRemoved) {
  expectFault(runMirror("", kBarrier, kBarrier),
              {"kernel 'k'", "block (0,0,0)", "'tile'", "never written"});
}

TEST(Fault, SecondBarrierRemoved) {
  expectFault(runMirror(kBarrier, "", kBarrier),
              {"shared-memory race", "'tile'", "with no barrier between"});
}

TEST(Fault, ThirdBarrierRemoved) {
  expectFault(runMirror(kBarrier, kBarrier, ""),
              {"shared-memory race", "'tile'", "with no barrier between"});
}

TEST(Fault, WarpSyncDoesNotReplaceABarrier) {
  std::string sync = "  call void @llvm.nvvm.bar.warp.sync(i32 -1)\n";
  expectFault(runMirror(kBarrier, sync, kBarrier), {"shared-memory race"});
}

TEST(Fault, ShuffleDoesNotOrderMemory) {
  expectFault(runOnBuffer(R"(
  %own = getelementptr i32, ptr addrspace(3) @tile, i32 %x
  store i32 %x, ptr addrspace(3) %own
  %s = call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %x, i32 1, i32 31)
  %from = getelementptr i32, ptr addrspace(3) @tile, i32 %s
  %v = load volatile i32, ptr addrspace(3) %from
)",
                          32,
                          "@tile = internal addrspace(3) global [32 x i32] "
                          "undef"),
              {"shared-memory race", "wrote it"});
}

TEST(Fault, PartialWarpSyncOrdersItsLanesOnly) {
  auto run = [](const std::string &mask) {
    return runOnBuffer(R"(
  %own = getelementptr i32, ptr addrspace(3) @tile, i32 %x
  store i32 %x, ptr addrspace(3) %own
  %low = icmp ult i32 %lane, 8
  br i1 %low, label %sync, label %end
sync:
  call void @llvm.nvvm.bar.warp.sync(i32 255)
  %s = xor i32 %x, )" + mask +
                           R"(
  %from = getelementptr i32, ptr addrspace(3) @tile, i32 %s
  %v = load volatile i32, ptr addrspace(3) %from
  br label %end
end:
)",
                       32,
                       "@tile = internal addrspace(3) global [32 x i32] undef");
  };
  expectOk(run("7"));
  EXPECT_FALSE(run("8").ok());
}

TEST(Fault, ShortBuffer) {
  expectFault(runMirror(kBarrier, kBarrier, kBarrier, 127),
              {"thread (127,0,0)", "global read of 4 bytes out of bounds",
               "0 bytes after the end of the 508-byte buffer"});
}

TEST(Fault, OverlapWithTheEndOfABuffer) {
  Bench bench;
  auto data = bench.allocate(62);
  expectOk(bench.device->fillZero(data, 62));
  expectFault(bench.run(kernel("ptr %data", R"(
  %p = getelementptr i32, ptr %data, i32 %x
  %v = load volatile i32, ptr %p
  ret void)"),
                        1, 16, {data}),
              {"thread (15,0,0)", "at byte 60 of the 62-byte buffer"});
}

TEST(Fault, WriteBeforeABuffer) {
  expectFault(runOnBuffer(R"(
  %p = getelementptr i32, ptr addrspace(1) %data, i32 -1
  store i32 1, ptr addrspace(1) %p)",
                          1),
              {"global write of 4 bytes", "4 bytes before the 256-byte"});
}

TEST(Fault, NullPointer) {
  expectFault(runOnBuffer("  %v = load volatile i32, ptr addrspace(1) "
                          "inttoptr (i64 16 to ptr addrspace(1))"),
              {"global read", "out of bounds"});
}

TEST(Fault, UseAfterFree) {
  Bench bench;
  auto kept = bench.allocate(64);
  auto data = bench.allocate(64);
  expectOk(bench.load(kernel("ptr %data", "  store i32 1, ptr %data\n"
                                          "  ret void")));
  expectOk(bench.launch(1, 1, {data}));
  bench.device->free(data);
  expectFault(bench.launch(1, 1, {data}), {"out of bounds"});
  expectOk(bench.launch(1, 1, {kept}));
}

TEST(Fault, SharedOutOfBounds) {
  const char *tiles = "@tile = internal addrspace(3) global [32 x i32] undef\n"
                      "@next = internal addrspace(3) global [32 x i32] undef";
  expectFault(runOnBuffer(R"(
  %p = getelementptr i32, ptr addrspace(3) @tile, i32 %x
  %q = getelementptr i32, ptr addrspace(3) @next, i32 %x
  store i32 1, ptr addrspace(3) %p
  store i32 1, ptr addrspace(3) %q)",
                          33, tiles),
              {"shared write of 4 bytes", "thread (32,0,0)",
               "0 bytes after the end of the 128-byte shared array 'tile'"});
  expectFault(runOnBuffer(R"(
  %p = getelementptr i8, ptr addrspace(3) @tile, i32 -4
  store i32 1, ptr addrspace(3) %p)",
                          1, tiles),
              {"4 bytes before the 128-byte shared array 'tile'"});
}

TEST(Fault, GenericPointersAreChecked) {
  expectFault(runOnBuffer(R"(
  %p = getelementptr i32, ptr addrspace(3) @tile, i32 %x
  %g = addrspacecast ptr addrspace(3) %p to ptr
  store i32 1, ptr %g)",
                          33,
                          "@tile = internal addrspace(3) global [32 x i32] "
                          "undef"),
              {"shared write", "'tile'"});
}

TEST(Fault, UninitialisedGlobalRead) {
  Bench bench;
  auto data = bench.allocate(64);
  expectOk(bench.device->fillZero(data, 60));
  std::string ir = kernel("ptr %data", R"(
  %p = getelementptr i32, ptr %data, i32 %x
  %v = load volatile i32, ptr %p
  ret void)");
  expectFault(
      bench.run(ir, 1, 16, {data}),
      {"thread (15,0,0)", "at byte 60 of the 64-byte buffer", "never written"});
  // What a copy brings is as unwritten as its source.
  auto target = bench.upload(std::vector<int32_t>(16, 1));
  expectOk(bench.device->copyOnDevice(target, data, 64));
  expectFault(bench.launch(1, 16, {target}), {"never written"});
  expectOk(bench.device->copyOnDevice(target, data, 60));
  expectOk(bench.launch(1, 15, {target}));
}

TEST(Fault, StoresInitialise) {
  Bench bench;
  auto data = bench.allocate(64);
  expectOk(bench.load(kernel("ptr %data", R"(
  %p = getelementptr i32, ptr %data, i32 %x
  store i32 %x, ptr %p
  %v = load volatile i32, ptr %p
  ret void)")));
  expectOk(bench.launch(1, 16, {data}));
}

TEST(Fault, Misaligned) {
  expectFault(
      runOnBuffer(R"(
  %p = getelementptr i8, ptr addrspace(1) %data, i32 8
  %v = load volatile <4 x i32>, ptr addrspace(1) %p, align 16)"),
      {"misaligned read of 16 bytes", "at byte 8", "alignment of 16 bytes"});
  expectFault(runOnBuffer(R"(
  %p = getelementptr i8, ptr addrspace(3) @tile, i32 2
  store i32 1, ptr addrspace(3) %p)",
                          1,
                          "@tile = internal addrspace(3) global [8 x i32] "
                          "undef"),
              {"misaligned write", "'tile'"});
}

TEST(Fault, MisalignedDoesNotCrashUnchecked) {
  expectOk(runOnBuffer(R"(
  %p = getelementptr i8, ptr addrspace(1) %data, i32 8
  %v = load <4 x i32>, ptr addrspace(1) %p, align 16
  %q = getelementptr i8, ptr addrspace(1) %data, i32 72
  store <4 x i32> %v, ptr addrspace(1) %q, align 16)",
                       1, "", false));
}

TEST(Fault, DivergentBarrier) {
  for (bool check : {false, true})
    expectFault(
        runOnBuffer(R"(
  %low = icmp ult i32 %x, 4
  br i1 %low, label %wait, label %shuffle
wait:
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  br label %end
shuffle:
  call void @llvm.nvvm.bar.warp.sync(i32 -1)
  br label %end
end:
)",
                    32, "", check),
        {"divergent", "4 threads wait at a barrier", "28 at a warp operation"});
}

TEST(Fault, BarrierAfterSomeThreadsEnded) {
  expectFault(runOnBuffer(R"(
  %low = icmp ult i32 %x, 4
  br i1 %low, label %wait, label %end
wait:
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  br label %end
end:
)"),
              {"divergent barrier", "4 threads", "have ended"});
}

TEST(Fault, TwoBarriersInTwoBranches) {
  expectFault(runOnBuffer(R"(
  %low = icmp ult i32 %x, 4
  br i1 %low, label %a, label %b
a:
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  store i32 1, ptr addrspace(1) %data
  br label %end
b:
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  br label %end
end:
)"),
              {"divergent barrier", "another barrier"});
}

TEST(Fault, NamedBarriersDoNotMeet) {
  for (bool check : {false, true})
    expectFault(runOnBuffer(R"(
  %w = lshr i32 %x, 5
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 %w)
)",
                            64, "", check),
                {"stuck", "64 threads wait at a barrier"});
  expectFault(
      runOnBuffer(
          "  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 16)"),
      {"barrier 16 does not exist"});
}

TEST(Fault, DivergentShuffle) {
  // Half of the warp stands at a shuffle that names all of it, the other at
  // another shuffle.
  expectFault(runOnBuffer(R"(
  %low = icmp ult i32 %x, 4
  br i1 %low, label %a, label %b
a:
  %va = call i32 @llvm.nvvm.shfl.sync.up.i32(i32 -1, i32 %x, i32 1, i32 0)
  store i32 %va, ptr addrspace(1) %data
  br label %end
b:
  %vb = call i32 @llvm.nvvm.shfl.sync.up.i32(i32 -1, i32 %lane, i32 2, i32 0)
  store i32 %vb, ptr addrspace(1) %data
  br label %end
end:
)"),
              {"divergent warp operation", "another one"});
}

TEST(Fault, ShuffleOfDifferentModes) {
  for (bool check : {false, true})
    expectFault(runOnBuffer(R"(
  %low = icmp ult i32 %x, 4
  br i1 %low, label %a, label %b
a:
  %va = call i32 @llvm.nvvm.shfl.sync.up.i32(i32 -1, i32 %x, i32 1, i32 0)
  store i32 %va, ptr addrspace(1) %data
  br label %end
b:
  %vb = call i32 @llvm.nvvm.shfl.sync.down.i32(i32 -1, i32 %x, i32 1, i32 31)
  store i32 %vb, ptr addrspace(1) %data
  br label %end
end:
)",
                            32, "", check),
                {"divergent warp operation"});
}

TEST(Fault, ShuffleNamesALaneThatEnded) {
  const char *body = R"(
  %low = icmp ult i32 %x, 4
  br i1 %low, label %go, label %end
go:
  %v = call i32 @llvm.nvvm.shfl.sync.up.i32(i32 -1, i32 %x, i32 1, i32 0)
  store i32 %v, ptr addrspace(1) %data
  br label %end
end:
)";
  expectFault(runOnBuffer(body), {"divergent warp operation", "has ended"});
}

TEST(Fault, ShuffleReadsALaneOutsideTheMask) {
  expectFault(runOnBuffer(R"(
  %low = icmp ult i32 %x, 4
  br i1 %low, label %go, label %end
go:
  %v = call i32 @llvm.nvvm.shfl.sync.idx.i32(i32 15, i32 %x, i32 9, i32 31)
  store i32 %v, ptr addrspace(1) %data
  br label %end
end:
)"),
              {"reads lane 9"});
}

TEST(Fault, MaskWithoutTheLaneItself) {
  for (bool check : {false, true})
    expectFault(runOnBuffer("  call void @llvm.nvvm.bar.warp.sync(i32 15)\n",
                            32, "", check),
                {"does not name the lane 4"});
}

TEST(Fault, CopyUsedBeforeItsWait) {
  auto run = [](const std::string &between, const std::string &after) {
    return runOnBuffer(R"(
  %s = getelementptr i32, ptr addrspace(3) @tile, i32 %x
  %g = getelementptr i32, ptr addrspace(1) %data, i32 %x
  store i32 0, ptr addrspace(3) %s
  call void @llvm.nvvm.cp.async.ca.shared.global.4(ptr addrspace(3) %s, ptr addrspace(1) %g)
  call void @llvm.nvvm.cp.async.commit.group()
)" + between + R"(
  %o = xor i32 %x, 1
  %f = getelementptr i32, ptr addrspace(3) @tile, i32 %o
  %v = load volatile i32, ptr addrspace(3) %f
)" + after,
                       32,
                       "@tile = internal addrspace(3) global [32 x i32] undef");
  };
  std::string wait = "  call void @llvm.nvvm.cp.async.wait.group(i32 0)\n";
  std::string early = "  call void @llvm.nvvm.cp.async.wait.group(i32 1)\n";
  expectOk(run(wait + kBarrier, ""));
  expectFault(run(kBarrier, wait), {"asynchronous copy", "in flight"});
  expectFault(run(early + kBarrier, wait), {"asynchronous copy", "in flight"});
  // Waiting alone shows the data to the waiting thread only.
  expectFault(run(wait, ""), {"'tile'"});
}

TEST(Fault, CopyFromOutOfBounds) {
  expectFault(runOnBuffer(R"(
  %g = getelementptr i32, ptr addrspace(1) %data, i32 62
  call void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) @tile, ptr addrspace(1) %g)
)",
                          1,
                          "@tile = internal addrspace(3) global [8 x i32] "
                          "undef, align 16"),
              {"asynchronous copy", "misaligned"});
  expectFault(runOnBuffer(R"(
  %g = getelementptr i32, ptr addrspace(1) %data, i32 64
  call void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) @tile, ptr addrspace(1) %g)
)",
                          1,
                          "@tile = internal addrspace(3) global [8 x i32] "
                          "undef, align 16"),
              {"asynchronous copy", "out of bounds"});
}

TEST(Fault, TheDeviceStaysUsable) {
  for (unsigned threads : {1u, 4u}) {
    Bench bench(checked(true, threads));
    auto good = bench.upload(std::vector<int32_t>(128, 3));
    auto tooShort = bench.upload(std::vector<int32_t>(100, 3));
    expectOk(bench.load(mirrorKernel(kBarrier, kBarrier, kBarrier)));
    for (int i = 0; i < 20; ++i) {
      expectFault(bench.launch(i + 1, 128, {tooShort}), {"out of bounds"});
      expectOk(bench.launch(1, 128, {good}));
    }
    EXPECT_EQ(bench.download<int32_t>(good, 1)[0], 3 + 20);
  }
}
