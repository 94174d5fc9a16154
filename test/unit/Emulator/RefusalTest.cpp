//===- RefusalTest.cpp - Kernels that the CPU device cannot run -----------===//

#include "Bench.h"

using namespace ssmc;
using namespace ssmc::emulator;
using namespace ssmc::emulator::test;

namespace {

void expectRefused(const std::string &ir,
                   const std::vector<std::string> &parts) {
  Bench bench(checked(false));
  expectFault(bench.load(ir), parts);
}

} // namespace

TEST(Refusal, UnknownIntrinsicsAreNamed) {
  expectRefused(kernel("", R"(
  %a = call i32 @llvm.nvvm.activemask()
  %b = call float @llvm.nvvm.add.rz.f(float 1.0, float 2.0)
  ret void)"),
                {"kernel 'k'", "llvm.nvvm.activemask", "llvm.nvvm.add.rz.f"});
}

TEST(Refusal, InlineAssembly) {
  expectRefused(kernel("", R"(
  call void asm sideeffect "membar.gl;", ""()
  ret void)"),
                {"inline assembly"});
}

TEST(Refusal, Libdevice) {
  expectRefused("declare float @__nv_expf(float)\n" + kernel("", R"(
  %a = call float @__nv_expf(float 1.0)
  ret void)"),
                {"__nv_expf", "libdevice"});
}

TEST(Refusal, UndefinedFunction) {
  expectRefused("declare void @other()\n" + kernel("", R"(
  call void @other()
  ret void)"),
                {"undefined function other"});
}

TEST(Refusal, Recursion) {
  expectRefused("define void @again(i32 %n) {\n"
                "  %m = sub i32 %n, 1\n"
                "  %c = icmp eq i32 %m, 0\n"
                "  br i1 %c, label %a, label %b\n"
                "a:\n  ret void\n"
                "b:\n  call void @again(i32 %m)\n  ret void\n}\n" +
                    kernel("", R"(
  call void @again(i32 %x)
  ret void)"),
                {"calls again recursively"});
}

TEST(Refusal, MissingKernel) {
  expectRefused("define ptx_kernel void @other() {\n  ret void\n}\n",
                {"kernel 'k'", "does not define it"});
}

TEST(Refusal, TooMuchStaticSharedMemory) {
  expectRefused(kernel("", R"(
  store i8 1, ptr addrspace(3) @big
  ret void)",
                       "@big = internal addrspace(3) global [49153 x i8] "
                       "undef"),
                {"more than 49152 bytes of static shared memory"});
}

TEST(Refusal, TooMuchDynamicSharedMemory) {
  Bench bench;
  std::string ir = kernel("", R"(
  store i8 1, ptr addrspace(3) @smem
  ret void)",
                          "@smem = external addrspace(3) global [0 x i8]");
  expectOk(bench.load(ir, 227 * 1024));
  expectFault(bench.load(ir, 227 * 1024 + 1), {"232449 bytes"});
}

TEST(Refusal, DeviceVariables) {
  expectRefused(kernel("", R"(
  store i8 1, ptr addrspace(1) @state
  ret void)",
                       "@state = internal addrspace(1) global i8 0"),
                {"'state'", "address space 1"});
}

TEST(Refusal, TooMuchLocalMemory) {
  expectRefused(kernel("ptr %p", R"(
  %big = alloca [60000 x i8]
  store ptr %big, ptr %p
  ret void)"),
                {"local memory"});
}

TEST(Refusal, ParametersInMemory) {
  expectRefused(kernel("ptr byval([16 x i8]) %p", "  ret void"),
                {"parameter 0", "by value"});
}

TEST(Refusal, DamagedBitcode) {
  Bench bench;
  std::string bitcode = assemble(kernel("", "  ret void"));
  for (size_t size : {size_t(0), size_t(3), size_t(64), bitcode.size() - 8}) {
    auto loaded = loadBitcode(
        *bench.device, llvm::StringRef(bitcode).take_front(size), {{"k", 0}});
    EXPECT_EQ(loaded.status().code(), StatusCode::Invalid) << size;
  }
}

TEST(Refusal, TooManyThreads) {
  EmulatorOptions options;
  options.threads = 1025;
  EXPECT_EQ(createCpuDevice(options).status().code(), StatusCode::Usage);
}
