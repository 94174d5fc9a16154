//===- Bench.h - Runs kernels given as LLVM IR text -----------------------===//
//
// A device, its buffers and one kernel at a time: what every test of the
// emulator needs.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TEST_UNIT_EMULATOR_BENCH_H
#define SSMC_TEST_UNIT_EMULATOR_BENCH_H

#include "ssmc/Emulator/Bitcode.h"
#include "ssmc/Emulator/Emulator.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"
#include <gtest/gtest.h>

namespace ssmc::emulator::test {

/// Bitcode of `ir`, for NVPTX. Empty, with a test failure, if it does not
/// parse.
inline std::string assemble(const std::string &ir) {
  llvm::LLVMContext context;
  llvm::SMDiagnostic error;
  auto module = llvm::parseAssemblyString(
      "target triple = \"nvptx64-nvidia-cuda\"\n" + ir, error, context);
  std::string bitcode;
  llvm::raw_string_ostream stream(bitcode);
  if (!module) {
    error.print("test", stream);
    ADD_FAILURE() << bitcode;
    return {};
  }
  llvm::WriteBitcodeToFile(*module, stream);
  return bitcode;
}

/// A kernel "k" with `body`, in which %x, %lane and %cta are already there.
inline std::string kernel(const std::string &params, const std::string &body,
                          const std::string &globals = {}) {
  return globals + "\ndefine ptx_kernel void @k(" + params + ") {\n" +
         "entry:\n"
         "  %x = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()\n"
         "  %lane = call i32 @llvm.nvvm.read.ptx.sreg.laneid()\n"
         "  %cta = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()\n" +
         body + "\n}\n";
}

inline EmulatorOptions checked(bool check = true, unsigned threads = 1) {
  EmulatorOptions options;
  options.check = check;
  options.threads = threads;
  return options;
}

class Bench {
public:
  explicit Bench(const EmulatorOptions &options = checked())
      : device(std::move(*createCpuDevice(options))) {}

  runtime::DevicePtr allocate(size_t bytes) {
    auto pointer = device->allocate(bytes);
    EXPECT_TRUE(pointer.ok()) << pointer.status().message();
    return *pointer;
  }
  template <typename T>
  runtime::DevicePtr upload(const std::vector<T> &values) {
    runtime::DevicePtr pointer = allocate(values.size() * sizeof(T));
    Status status =
        device->copyToDevice(pointer, values.data(), values.size() * sizeof(T));
    EXPECT_TRUE(status.ok()) << status.message();
    return pointer;
  }
  template <typename T>
  std::vector<T> download(runtime::DevicePtr pointer, size_t count) {
    std::vector<T> values(count);
    Status status =
        device->copyToHost(values.data(), pointer, count * sizeof(T));
    EXPECT_TRUE(status.ok()) << status.message();
    return values;
  }

  /// Loads the kernel "k" of `ir`.
  Status load(const std::string &ir, uint32_t dynamicSharedBytes = 0) {
    auto loaded =
        loadBitcode(*device, assemble(ir), {{"k", dynamicSharedBytes}});
    if (!loaded.ok())
      return loaded.status();
    kernels = std::move(*loaded);
    return {};
  }
  Status launch(std::array<uint32_t, 3> grid, std::array<uint32_t, 3> block,
                const std::vector<uint64_t> &args) {
    runtime::LaunchParams params;
    params.grid = grid;
    params.block = block;
    params.args = args;
    return device->launch(*kernels, params);
  }
  Status launch(uint32_t grid, uint32_t block,
                const std::vector<uint64_t> &args) {
    return launch({grid, 1, 1}, {block, 1, 1}, args);
  }
  /// Loads, then launches.
  Status run(const std::string &ir, uint32_t grid, uint32_t block,
             const std::vector<uint64_t> &args) {
    SSMC_TRY(load(ir));
    return launch(grid, block, args);
  }

  std::unique_ptr<runtime::Device> device;
  std::unique_ptr<runtime::LoadedKernels> kernels;
};

/// Runs `body` with an uploaded buffer of 64 ints as %data.
inline Status runOnBuffer(const std::string &body, uint32_t threads = 32,
                          const std::string &globals = {}, bool check = true) {
  Bench bench(checked(check));
  auto data = bench.upload(std::vector<int32_t>(64, 3));
  return bench.run(
      kernel("ptr addrspace(1) %data", body + "\n  ret void", globals), 1,
      threads, {data});
}

inline void expectOk(const Status &status) {
  EXPECT_TRUE(status.ok()) << status.message();
}

/// Expects a fault whose message has all of `parts`.
inline void expectFault(const Status &status,
                        const std::vector<std::string> &parts) {
  EXPECT_EQ(status.code(), StatusCode::Invalid);
  for (const std::string &part : parts)
    EXPECT_NE(status.message().find(part), std::string::npos)
        << "no \"" << part << "\" in: " << status.message();
}

} // namespace ssmc::emulator::test

#endif // SSMC_TEST_UNIT_EMULATOR_BENCH_H
