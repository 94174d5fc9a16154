//===- Compile.h - From bitcode to host code ------------------------------===//

#ifndef SSMC_LIB_EMULATOR_COMPILE_H
#define SSMC_LIB_EMULATOR_COMPILE_H

#include "Kernel.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

namespace ssmc::emulator {

struct CompileRequest {
  llvm::MemoryBufferRef bitcode;
  /// The kernel in the bitcode, and the name of its host function.
  std::string kernel;
  std::string symbol;
  bool check = false;
  uint32_t dynamicSharedBytes = 0;
};

/// Compiles one kernel to a host object file and fills in `info` but for
/// name and entry. Thread-safe: it shares nothing.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
compileKernel(const CompileRequest &request, Kernel &info);

} // namespace ssmc::emulator

#endif // SSMC_LIB_EMULATOR_COMPILE_H
