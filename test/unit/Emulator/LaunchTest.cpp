//===- LaunchTest.cpp - Grids, blocks, registers and memory ---------------===//

#include "Bench.h"

using namespace ssmc;
using namespace ssmc::emulator;
using namespace ssmc::emulator::test;

namespace {

// Writes each special register of each thread.
std::string registersKernel(const std::string &between) {
  std::string body;
  const char *registers[] = {"tid.x",    "tid.y",    "tid.z",   "ctaid.x",
                             "ctaid.y",  "ctaid.z",  "ntid.x",  "ntid.y",
                             "ntid.z",   "nctaid.x", "laneid",  "warpid",
                             "warpsize", "nctaid.y", "nctaid.z"};
  int n = 0;
  for (const char *name : registers)
    body += "  %r" + std::to_string(n++) + " = call i32 " +
            "@llvm.nvvm.read.ptx.sreg." + name + "()\n";
  body += between;
  body += R"(
  %row = mul i32 %r2, %r7
  %row1 = add i32 %row, %r1
  %at0 = mul i32 %row1, %r6
  %index = add i32 %at0, %r0
  %plane = mul i32 %r5, %r13
  %plane1 = add i32 %plane, %r4
  %cta0 = mul i32 %plane1, %r9
  %cta1 = add i32 %cta0, %r3
  %bx = mul i32 %r6, %r7
  %threads = mul i32 %bx, %r8
  %first = mul i32 %cta1, %threads
  %global = add i32 %first, %index
  %slot = mul i32 %global, 15
)";
  for (int i = 0; i < n; ++i) {
    std::string k = std::to_string(i);
    body += "  %s" + k + " = add i32 %slot, " + k + "\n  %p" + k +
            " = getelementptr i32, ptr addrspace(1) %out, i32 %s" + k +
            "\n  store i32 %r" + k + ", ptr addrspace(1) %p" + k + "\n";
  }
  return kernel("ptr addrspace(1) %out", body + "  ret void");
}

void expectRegisters(const std::vector<int32_t> &values) {
  size_t at = 0;
  for (int cz = 0; cz < 2; ++cz)
    for (int cy = 0; cy < 3; ++cy)
      for (int cx = 0; cx < 2; ++cx) {
        int linear = 0;
        for (int z = 0; z < 2; ++z)
          for (int y = 0; y < 5; ++y)
            for (int x = 0; x < 7; ++x, ++linear, at += 15) {
              std::vector<int32_t> expected = {
                  x, y, z,           cx,          cy, cz, 7, 5,
                  2, 2, linear % 32, linear / 32, 32, 3,  2};
              std::vector<int32_t> found(values.begin() + at,
                                         values.begin() + at + 15);
              ASSERT_EQ(found, expected);
            }
      }
}

void checkRegisters(const std::string &between, bool check) {
  Bench bench(checked(check));
  size_t count = 12 * 70 * 15;
  auto out = bench.allocate(count * 4);
  expectOk(bench.load(registersKernel(between)));
  expectOk(bench.launch({2, 3, 2}, {7, 5, 2}, {out}));
  expectRegisters(bench.download<int32_t>(out, count));
}

const char *kBarrier =
    "  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)\n";

// Reverses each block's elements through shared memory, rounds times.
std::string reverseKernel() {
  return kernel("ptr addrspace(1) %data, i64 %rounds", R"(
  %n = call i32 @llvm.nvvm.read.ptx.sreg.ntid.x()
  %first = mul i32 %cta, %n
  %i = add i32 %first, %x
  %p = getelementptr i32, ptr addrspace(1) %data, i32 %i
  %slot = getelementptr [256 x i32], ptr addrspace(3) @tile, i32 0, i32 %x
  %last = sub i32 %n, 1
  %other = sub i32 %last, %x
  %from = getelementptr [256 x i32], ptr addrspace(3) @tile, i32 0, i32 %other
  br label %loop
loop:
  %k = phi i64 [ 0, %entry ], [ %k1, %loop ]
  %v = load i32, ptr addrspace(1) %p
  store i32 %v, ptr addrspace(3) %slot
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  %w = load i32, ptr addrspace(3) %from
  %w1 = add i32 %w, 1
  store i32 %w1, ptr addrspace(1) %p
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  %k1 = add i64 %k, 1
  %more = icmp ult i64 %k1, %rounds
  br i1 %more, label %loop, label %done
done:
  ret void)",
                "@tile = internal addrspace(3) global [256 x i32] undef, "
                "align 16");
}

std::vector<int32_t> reversed(const EmulatorOptions &options) {
  Bench bench(options);
  std::vector<int32_t> values(64 * 256);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<int32_t>(i * 7);
  auto data = bench.upload(values);
  expectOk(bench.run(reverseKernel(), 64, 256, {data, 3}));
  auto found = bench.download<int32_t>(data, values.size());
  for (size_t i = 0; i < values.size(); ++i)
    EXPECT_EQ(found[i], values[i / 256 * 256 + 255 - i % 256] + 3);
  return found;
}

} // namespace

TEST(Launch, RegistersWithoutFibers) { checkRegisters("", false); }
TEST(Launch, RegistersWithoutFibersChecked) { checkRegisters("", true); }
TEST(Launch, RegistersWithFibers) { checkRegisters(kBarrier, false); }
TEST(Launch, RegistersWithFibersChecked) { checkRegisters(kBarrier, true); }

TEST(Launch, SharedMemoryIsPerBlockOnManyWorkers) {
  auto serial = reversed(checked(false, 1));
  EXPECT_EQ(reversed(checked(false, 4)), serial);
  EXPECT_EQ(reversed(checked(true, 4)), serial);
  EmulatorOptions shuffled = checked(false, 3);
  shuffled.shuffleBlocks = true;
  shuffled.seed = 11;
  EXPECT_EQ(reversed(shuffled), serial);
}

TEST(Launch, BlockOrderDependsOnTheSeedOnly) {
  // Each block appends its number to a list.
  std::string ir = kernel("ptr addrspace(1) %list, ptr addrspace(1) %count", R"(
  %at = atomicrmw add ptr addrspace(1) %count, i32 1 monotonic
  %p = getelementptr i32, ptr addrspace(1) %list, i32 %at
  store i32 %cta, ptr addrspace(1) %p
  ret void)");
  auto order = [&](bool shuffle, uint64_t seed) {
    EmulatorOptions options = checked(false, 1);
    options.shuffleBlocks = shuffle;
    options.seed = seed;
    Bench bench(options);
    auto list = bench.allocate(100 * 4);
    auto count = bench.upload<int32_t>({0});
    expectOk(bench.run(ir, 100, 1, {list, count}));
    return bench.download<int32_t>(list, 100);
  };
  std::vector<int32_t> ascending(100);
  for (int i = 0; i < 100; ++i)
    ascending[i] = i;
  EXPECT_EQ(order(false, 5), ascending);
  auto drawn = order(true, 5);
  EXPECT_EQ(order(true, 5), drawn);
  EXPECT_NE(drawn, ascending);
  EXPECT_NE(order(true, 6), drawn);
  std::sort(drawn.begin(), drawn.end());
  EXPECT_EQ(drawn, ascending);
}

TEST(Launch, DynamicSharedMemoryLiesBehindStatic) {
  Bench bench;
  auto out = bench.allocate(64 * 4);
  std::string ir = kernel("ptr addrspace(1) %out", R"(
  %a = getelementptr i32, ptr addrspace(3) @fixed, i32 %x
  store i32 %x, ptr addrspace(3) %a
  %b = getelementptr i32, ptr addrspace(3) @smem, i32 %x
  %twice = mul i32 %x, 2
  store i32 %twice, ptr addrspace(3) %b
  %va = load i32, ptr addrspace(3) %a
  %vb = load i32, ptr addrspace(3) %b
  %sum = add i32 %va, %vb
  %p = getelementptr i32, ptr addrspace(1) %out, i32 %x
  store i32 %sum, ptr addrspace(1) %p
  ret void)",
                          "@fixed = internal addrspace(3) global [64 x i32] "
                          "undef, align 4\n"
                          "@smem = external addrspace(3) global [0 x i8], "
                          "align 128");
  expectOk(bench.load(ir, 256));
  expectOk(bench.launch(1, 64, {out}));
  EXPECT_EQ(bench.download<int32_t>(out, 64)[21], 63);
  expectFault(bench.load(ir, 0), {"'smem'", "0 bytes of dynamic"});
  expectOk(bench.load(ir, 128));
  expectFault(bench.launch(1, 64, {out}), {"shared write", "'smem'"});
}

TEST(Launch, AtomicsOfAllBlocksAddUp) {
  Bench bench(checked(true, 4));
  auto count = bench.upload<int32_t>({0});
  auto sum = bench.upload<float>({0});
  expectOk(
      bench.run(kernel("ptr addrspace(1) %count, ptr addrspace(1) %sum", R"(
  %a = atomicrmw add ptr addrspace(1) %count, i32 1 syncscope("device") monotonic
  %b = atomicrmw fadd ptr addrspace(1) %sum, float 1.0 monotonic
  call void @llvm.nvvm.membar.gl()
  ret void)"),
                100, 64, {count, sum}));
  EXPECT_EQ(bench.download<int32_t>(count, 1)[0], 6400);
  EXPECT_EQ(bench.download<float>(sum, 1)[0], 6400.0f);
}

TEST(Launch, ScalarsOfEachWidthArrive) {
  Bench bench;
  auto out = bench.allocate(8 * 4);
  expectOk(bench.run(kernel("ptr %out, i64 %a, i32 %b, i8 %c, float %d", R"(
  %s1 = getelementptr i64, ptr %out, i32 1
  %s2 = getelementptr i64, ptr %out, i32 2
  %s3 = getelementptr i64, ptr %out, i32 3
  store i64 %a, ptr %out
  %b64 = zext i32 %b to i64
  store i64 %b64, ptr %s1
  %c64 = zext i8 %c to i64
  store i64 %c64, ptr %s2
  %d64 = fptoui float %d to i64
  store i64 %d64, ptr %s3
  ret void)"),
                     1, 1,
                     {out, 0x123456789abcdef0, 0x9abcdef0, 0x1f0, 0x40e00000}));
  EXPECT_EQ(bench.download<uint64_t>(out, 4),
            (std::vector<uint64_t>{0x123456789abcdef0, 0x9abcdef0, 0xf0, 7}));
}

TEST(Launch, HelpersAndConstantTablesWork) {
  Bench bench;
  auto out = bench.allocate(4 * 4);
  expectOk(bench.run(kernel("ptr addrspace(1) %out", R"(
  %v = call i32 @lookup(i32 %x)
  %p = getelementptr i32, ptr addrspace(1) %out, i32 %x
  store i32 %v, ptr addrspace(1) %p
  ret void)",
                            R"(
@table = internal addrspace(4) constant [4 x i32] [i32 5, i32 6, i32 7, i32 8]
define i32 @lookup(i32 %i) noinline {
  %p = getelementptr [4 x i32], ptr addrspace(4) @table, i32 0, i32 %i
  %v = load i32, ptr addrspace(4) %p
  ret i32 %v
})"),
                     1, 4, {out}));
  EXPECT_EQ(bench.download<int32_t>(out, 4),
            (std::vector<int32_t>{5, 6, 7, 8}));
}

TEST(Launch, RefusesWhatNoGpuTakes) {
  Bench bench;
  expectOk(bench.load(kernel("i64 %a", "  ret void")));
  expectOk(bench.launch(1, 1024, {0}));
  expectOk(bench.launch({0, 1, 1}, {1, 1, 1}, {0}));
  expectFault(bench.launch(1, 1, {}), {"0 arguments", "1 parameters"});
  expectFault(bench.launch(1, 1025, {0}), {"block extent 0 is 1025"});
  expectFault(bench.launch({1, 1, 1}, {32, 32, 2}, {0}), {"2048 threads"});
  expectFault(bench.launch({1, 1, 1}, {1, 1, 65}, {0}), {"extent 2 is 65"});
  expectFault(bench.launch({1, 0x10000, 1}, {1, 1, 1}, {0}), {"grid extent 1"});
  runtime::LaunchParams params;
  params.kernel = 1;
  expectFault(bench.device->launch(*bench.kernels, params), {"kernel 1"});
}

TEST(Launch, FixedBlockSizeIsChecked) {
  Bench bench;
  std::string ir = "define ptx_kernel void @k() \"nvvm.reqntid\"=\"64,2\" {\n"
                   "  ret void\n}\n";
  expectOk(bench.load(ir));
  expectOk(bench.launch({1, 1, 1}, {64, 2, 1}, {}));
  expectFault(bench.launch(1, 64, {}), {"extent 1 is 1", "compiled for 2"});
}

TEST(Launch, HostCopiesAreBounded) {
  Bench bench(checked(false));
  auto buffer = bench.allocate(100);
  char bytes[200] = {};
  expectOk(bench.device->copyToDevice(buffer + 50, bytes, 50));
  expectFault(bench.device->copyToDevice(buffer + 50, bytes, 51),
              {"at byte 50 of the 100-byte buffer"});
  expectFault(bench.device->copyToHost(bytes, buffer - 1, 4),
              {"1 bytes before"});
  expectFault(bench.device->fillZero(buffer + 100, 1), {"0 bytes after"});
  expectFault(bench.device->copyOnDevice(buffer, 0, 8), {"source of a copy"});
  bench.device->free(buffer);
  expectFault(bench.device->fillZero(buffer, 1), {"no buffers"});
  EXPECT_EQ(bench.device->allocate(0).status().code(), StatusCode::Invalid);
  EXPECT_EQ(bench.device->allocate(SIZE_MAX).status().code(),
            StatusCode::Device);
  EXPECT_EQ(buffer % 256, 0u);
}
