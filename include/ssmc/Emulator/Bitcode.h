//===- Bitcode.h - Kernels for the CPU device without a bundle ------------===//
//
// The emulator's door for code that holds LLVM IR rather than a bundle.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_EMULATOR_BITCODE_H
#define SSMC_EMULATOR_BITCODE_H

#include "ssmc/Runtime/Device.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <string>

namespace ssmc::emulator {

struct KernelSource {
  /// The function's name in the module.
  std::string name;
  /// Bytes behind the module's `[0 x T]` shared array, if it has one.
  uint32_t dynamicSharedBytes = 0;
};

/// Compiles kernels for `device`, which must come from createCpuDevice().
/// `bitcode` holds one module for NVPTX before code generation; it is not used
/// after the call. Launches name kernels by their index in `kernels`.
Result<std::unique_ptr<runtime::LoadedKernels>>
loadBitcode(runtime::Device &device, llvm::StringRef bitcode,
            llvm::ArrayRef<KernelSource> kernels);

} // namespace ssmc::emulator

#endif // SSMC_EMULATOR_BITCODE_H
