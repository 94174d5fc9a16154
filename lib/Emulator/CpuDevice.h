//===- CpuDevice.h - The CPU as a device ----------------------------------===//

#ifndef SSMC_LIB_EMULATOR_CPUDEVICE_H
#define SSMC_LIB_EMULATOR_CPUDEVICE_H

#include "Block.h"
#include "WorkerPool.h"
#include "ssmc/Emulator/Bitcode.h"
#include "ssmc/Emulator/Emulator.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/MemoryBufferRef.h"
#include <random>

namespace ssmc::emulator {

/// Kernels compiled for this process.
class CpuKernels : public runtime::LoadedKernels {
public:
  struct Item {
    Kernel kernel;
    /// How long a block took lately, to tell which grids are worth waking the
    /// other workers for.
    double nanosPerBlock = 100000;
  };

  std::vector<Item> items;
  /// Owns the code; empty when there are no kernels.
  std::unique_ptr<llvm::orc::LLJIT> jit;
};

class CpuDevice : public runtime::Device {
public:
  explicit CpuDevice(const EmulatorOptions &options);

  std::string description() const override;
  Result<uint64_t> freeMemory() override;
  Result<runtime::DevicePtr> allocate(size_t bytes) override;
  void free(runtime::DevicePtr pointer) override;
  Status copyToDevice(runtime::DevicePtr target, const void *source,
                      size_t bytes) override;
  Status copyToHost(void *target, runtime::DevicePtr source,
                    size_t bytes) override;
  Status copyOnDevice(runtime::DevicePtr target, runtime::DevicePtr source,
                      size_t bytes) override;
  Status fillZero(runtime::DevicePtr target, size_t bytes) override;
  Result<std::unique_ptr<runtime::LoadedKernels>>
  load(const runtime::BundleView &bundle) override;
  bool wantsSeparateTemporaries() const override { return options_.check; }
  Status launch(runtime::LoadedKernels &kernels,
                const runtime::LaunchParams &params) override;
  Status synchronize() override;

  Result<std::unique_ptr<runtime::LoadedKernels>>
  loadBitcode(llvm::MemoryBufferRef bitcode,
              llvm::ArrayRef<KernelSource> sources);

private:
  Status runBlocks(const Kernel &kernel, const runtime::LaunchParams &params,
                   uint64_t blocks, unsigned workers);

  EmulatorOptions options_;
  DeviceMemory memory_;
  WorkerPool pool_;
  /// One for each worker.
  std::vector<std::unique_ptr<Block>> blocks_;
  std::mt19937_64 random_;
};

} // namespace ssmc::emulator

#endif // SSMC_LIB_EMULATOR_CPUDEVICE_H
