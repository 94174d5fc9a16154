//===- PTX.h - From kernels in the LLVM dialect to PTX --------------------===//

#ifndef SSMC_TARGET_PTX_H
#define SSMC_TARGET_PTX_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "llvm/Support/Error.h"
#include <string>

namespace ssmc {

/// What a kernel's `passthrough` attribute names where its loops' addresses are
/// to be kept whole, at the cost of more registers in some: strength reduction
/// takes them apart (lib/Target/PTX/HoldAddresses.h).
inline constexpr llvm::StringLiteral kHoldAddressesAttr = "ssmc-hold-addresses";

/// Architectures that LLVM's NVPTX knows and this project generates code for:
/// sm_80 and above.
llvm::Error checkTarget(llvm::StringRef arch);

/// Translates a module of LLVM-dialect kernels to LLVM bitcode, for NVPTX but
/// before any optimization.
llvm::Expected<std::string> emitBitcode(mlir::gpu::GPUModuleOp module);

/// Compiles bitcode of emitBitcode() to PTX text for one architecture.
llvm::Expected<std::string> emitPTX(llvm::StringRef bitcode,
                                    llvm::StringRef arch);

} // namespace ssmc

#endif // SSMC_TARGET_PTX_H
