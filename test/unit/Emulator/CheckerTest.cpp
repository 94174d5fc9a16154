//===- CheckerTest.cpp - Right kernels under checks -----------------------===//
//
// The patterns that real kernels use must not be mistaken for faults.
//
//===----------------------------------------------------------------------===//

#include "Bench.h"

using namespace ssmc;
using namespace ssmc::emulator;
using namespace ssmc::emulator::test;

namespace {

// Runs with and without checks on several workers; both must give `expected`.
void expectResult(const std::string &ir, uint32_t grid, uint32_t block,
                  const std::vector<int32_t> &input,
                  const std::vector<int32_t> &expected) {
  for (bool check : {true, false})
    for (unsigned threads : {1u, 3u}) {
      Bench bench(checked(check, threads));
      auto in = bench.upload(input);
      auto out = bench.allocate(expected.size() * 4);
      expectOk(bench.run(ir, grid, block, {in, out}));
      EXPECT_EQ(bench.download<int32_t>(out, expected.size()), expected);
    }
}

std::vector<int32_t> counting(size_t count) {
  std::vector<int32_t> values(count);
  for (size_t i = 0; i < count; ++i)
    values[i] = static_cast<int32_t>(i + 1);
  return values;
}

} // namespace

TEST(Checker, BlockScanWithWarpTotalsInShared) {
  // Inclusive scan of 128 numbers: shuffles within warps, their totals through
  // shared memory.
  std::string body = "  %g = getelementptr i32, ptr addrspace(1) %in, i32 %x\n"
                     "  %s0 = load i32, ptr addrspace(1) %g\n";
  for (int i = 0; i < 5; ++i) {
    std::string k = std::to_string(i), next = std::to_string(i + 1);
    body += "  %h" + k +
            " = call {i32, i1} @llvm.nvvm.shfl.sync.up.i32p(i32 "
            "-1, i32 %s" +
            k + ", i32 " + std::to_string(1 << i) + ", i32 0)\n  %u" + k +
            " = extractvalue {i32, i1} %h" + k + ", 0\n  %q" + k +
            " = extractvalue {i32, i1} %h" + k + ", 1\n  %z" + k +
            " = select i1 %q" + k + ", i32 %u" + k + ", i32 0\n  %s" + next +
            " = add i32 %s" + k + ", %z" + k + "\n";
  }
  body += R"(
  %w = lshr i32 %x, 5
  %last = icmp eq i32 %lane, 31
  br i1 %last, label %put, label %meet
put:
  %slot = getelementptr i32, ptr addrspace(3) @totals, i32 %w
  store i32 %s5, ptr addrspace(3) %slot
  br label %meet
meet:
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  br label %loop
loop:
  %k = phi i32 [ 0, %meet ], [ %k1, %more ]
  %sum = phi i32 [ %s5, %meet ], [ %sum1, %more ]
  %go = icmp ult i32 %k, %w
  br i1 %go, label %more, label %done
more:
  %t = getelementptr i32, ptr addrspace(3) @totals, i32 %k
  %v = load i32, ptr addrspace(3) %t
  %sum1 = add i32 %sum, %v
  %k1 = add i32 %k, 1
  br label %loop
done:
  %p = getelementptr i32, ptr addrspace(1) %out, i32 %x
  store i32 %sum, ptr addrspace(1) %p
  ret void)";
  std::vector<int32_t> expected(128);
  for (int i = 0; i < 128; ++i)
    expected[i] = (i + 1) * (i + 2) / 2;
  expectResult(kernel("ptr addrspace(1) %in, ptr addrspace(1) %out", body,
                      "@totals = internal addrspace(3) global [4 x i32] undef"),
               1, 128, counting(128), expected);
}

TEST(Checker, DoubleBufferedCopies) {
  // Four tiles of 64 ints go through two stages: while one is summed up, the
  // next is on its way.
  std::string ir = kernel("ptr addrspace(1) %in, ptr addrspace(1) %out", R"(
  %ga = mul i32 %cta, 256
  %g0 = add i32 %ga, %x
  %src0 = getelementptr i32, ptr addrspace(1) %in, i32 %g0
  %dst0 = getelementptr [2 x [64 x i32]], ptr addrspace(3) @tile, i32 0, i32 0, i32 %x
  call void @llvm.nvvm.cp.async.ca.shared.global.4(ptr addrspace(3) %dst0, ptr addrspace(1) %src0)
  call void @llvm.nvvm.cp.async.commit.group()
  br label %loop
loop:
  %k = phi i32 [ 0, %entry ], [ %k1, %next ]
  %sum = phi i32 [ 0, %entry ], [ %sum1, %next ]
  %k1 = add i32 %k, 1
  %stage = and i32 %k, 1
  %has = icmp ult i32 %k1, 4
  br i1 %has, label %issue, label %wait
issue:
  %other = and i32 %k1, 1
  %o = mul i32 %k1, 64
  %gi = add i32 %g0, %o
  %src = getelementptr i32, ptr addrspace(1) %in, i32 %gi
  %dst = getelementptr [2 x [64 x i32]], ptr addrspace(3) @tile, i32 0, i32 %other, i32 %x
  call void @llvm.nvvm.cp.async.ca.shared.global.4(ptr addrspace(3) %dst, ptr addrspace(1) %src)
  br label %wait
wait:
  call void @llvm.nvvm.cp.async.commit.group()
  call void @llvm.nvvm.cp.async.wait.group(i32 1)
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  %m = sub i32 63, %x
  %f = getelementptr [2 x [64 x i32]], ptr addrspace(3) @tile, i32 0, i32 %stage, i32 %m
  %v = load i32, ptr addrspace(3) %f
  %sum1 = add i32 %sum, %v
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  br label %next
next:
  br i1 %has, label %loop, label %done
done:
  %ob = mul i32 %cta, 64
  %oi = add i32 %ob, %x
  %p = getelementptr i32, ptr addrspace(1) %out, i32 %oi
  store i32 %sum1, ptr addrspace(1) %p
  ret void)",
                          "@tile = internal addrspace(3) global "
                          "[2 x [64 x i32]] undef");
  std::vector<int32_t> expected(8 * 64);
  for (int block = 0; block < 8; ++block)
    for (int x = 0; x < 64; ++x)
      for (int k = 0; k < 4; ++k)
        expected[block * 64 + x] += block * 256 + k * 64 + 64 - x;
  expectResult(ir, 8, 64, counting(8 * 256), expected);
}

TEST(Checker, SharedHistogramByAtomics) {
  std::string ir = kernel("ptr addrspace(1) %in, ptr addrspace(1) %out", R"(
  %first = icmp ult i32 %x, 8
  br i1 %first, label %clear, label %meet
clear:
  %c = getelementptr i32, ptr addrspace(3) @bins, i32 %x
  store i32 0, ptr addrspace(3) %c
  br label %meet
meet:
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  %g = getelementptr i32, ptr addrspace(1) %in, i32 %x
  %v = load i32, ptr addrspace(1) %g
  %bin = and i32 %v, 7
  %b = getelementptr i32, ptr addrspace(3) @bins, i32 %bin
  %old = atomicrmw add ptr addrspace(3) %b, i32 1 monotonic
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  br i1 %first, label %put, label %end
put:
  %r = getelementptr i32, ptr addrspace(3) @bins, i32 %x
  %n = load i32, ptr addrspace(3) %r
  %p = getelementptr i32, ptr addrspace(1) %out, i32 %x
  store i32 %n, ptr addrspace(1) %p
  br label %end
end:
  ret void)",
                          "@bins = internal addrspace(3) global [8 x i32] "
                          "undef");
  expectResult(ir, 1, 256, counting(256), std::vector<int32_t>(8, 32));
}

TEST(Checker, LocalArraysAndBlockCopies) {
  // A private array, filled by memcpy from global memory and read through a
  // pointer whose space is not known.
  std::string ir = kernel("ptr addrspace(1) %in, ptr addrspace(1) %out", R"(
  %local = alloca [4 x i32]
  %o = mul i32 %x, 4
  %g = getelementptr i32, ptr addrspace(1) %in, i32 %o
  call void @llvm.memcpy.p0.p1.i64(ptr align 4 %local, ptr addrspace(1) align 4 %g, i64 16, i1 false)
  %i = and i32 %x, 3
  %odd = trunc i32 %x to i1
  %a = getelementptr i32, ptr %local, i32 %i
  %gen = addrspacecast ptr addrspace(1) %g to ptr
  %p = select i1 %odd, ptr %a, ptr %gen
  %v = load i32, ptr %p
  %q = getelementptr i32, ptr addrspace(1) %out, i32 %x
  store i32 %v, ptr addrspace(1) %q
  ret void)");
  std::vector<int32_t> expected(8);
  for (int x = 0; x < 8; ++x)
    expected[x] = x * 4 + (x & 1 ? x & 3 : 0) + 1;
  expectResult(ir, 1, 8, counting(32), expected);
}

TEST(Checker, MaskedAccessesTouchTheirLanesOnly) {
  std::string ir = kernel("ptr addrspace(1) %in, ptr addrspace(1) %out", R"(
  %v = call <4 x i32> @llvm.masked.load.v4i32.p1(ptr addrspace(1) align 4 %in, <4 x i1> <i1 true, i1 true, i1 false, i1 false>, <4 x i32> zeroinitializer)
  call void @llvm.masked.store.v4i32.p1(<4 x i32> %v, ptr addrspace(1) align 4 %out, <4 x i1> <i1 true, i1 true, i1 false, i1 false>)
  ret void)");
  expectResult(ir, 1, 1, counting(2), {1, 2});
}

TEST(Checker, BlocksDoNotSeeOneAnothersSharedMemory) {
  // Reads what only the block before could have written.
  std::string ir = kernel("ptr addrspace(1) %in, ptr addrspace(1) %out", R"(
  %first = icmp eq i32 %cta, 0
  br i1 %first, label %write, label %read
write:
  store i32 7, ptr addrspace(3) @cell
  ret void
read:
  %v = load i32, ptr addrspace(3) @cell
  store i32 %v, ptr addrspace(1) %out
  ret void)",
                          "@cell = internal addrspace(3) global i32 undef");
  Bench bench;
  auto data = bench.upload<int32_t>({0});
  expectFault(bench.run(ir, 2, 1, {data, data}),
              {"block (1,0,0)", "never written in this block"});
}
