//===- Kernel.h - A kernel compiled for the host --------------------------===//

#ifndef SSMC_LIB_EMULATOR_KERNEL_H
#define SSMC_LIB_EMULATOR_KERNEL_H

#include "Abi.h"
#include <array>
#include <string>
#include <vector>

namespace ssmc::emulator {

/// One shared array of a kernel, at an offset from the block's shared memory.
struct SharedVariable {
  /// For messages: escaped.
  std::string name;
  uint32_t offset = 0;
  uint32_t bytes = 0;
};

struct Kernel {
  /// For messages: escaped.
  std::string name;
  KernelEntry entry = nullptr;
  uint32_t numParams = 0;
  /// Whether threads wait for one another or queue copies, so that each needs
  /// a fiber. If not, `entry` runs all threads of a block in a loop.
  bool needsFibers = false;
  /// The block's extents if the kernel fixes them, else zeros.
  std::array<uint32_t, 3> requiredBlock = {};
  /// Room for all shared variables, and for red zones between them if checked.
  uint32_t sharedBytes = 0;
  /// By offset.
  std::vector<SharedVariable> shared;
};

} // namespace ssmc::emulator

#endif // SSMC_LIB_EMULATOR_KERNEL_H
