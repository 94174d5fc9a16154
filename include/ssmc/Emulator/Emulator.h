//===- Emulator.h - The CPU device ----------------------------------------===//
//
// Runs the GPU kernels of a bundle on the CPU, from the very LLVM IR that
// becomes PTX: one fiber per GPU thread, with barriers and warp operations as
// meeting points. It is the device of machines without a GPU and, with its
// checks on, the test bed that finds races, divergent barriers and bad memory
// accesses. This header is free of LLVM.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_EMULATOR_EMULATOR_H
#define SSMC_EMULATOR_EMULATOR_H

#include "ssmc/Runtime/Device.h"
#include <cstdint>
#include <memory>

namespace ssmc::emulator {

struct EmulatorOptions {
  /// Check every memory access and meeting point of the kernels (10 to 100
  /// times slower). A fault is StatusCode::Invalid from launch(); the device
  /// stays usable.
  bool check = false;
  /// Worker threads, the calling one included; 0 means one per hardware thread.
  unsigned threads = 0;
  /// Run the blocks of each grid in an order drawn from `seed`.
  bool shuffleBlocks = false;
  uint64_t seed = 0;
};

/// Opens the CPU device. Its addresses are host addresses.
Result<std::unique_ptr<runtime::Device>>
createCpuDevice(const EmulatorOptions &options = {});

} // namespace ssmc::emulator

#endif // SSMC_EMULATOR_EMULATOR_H
