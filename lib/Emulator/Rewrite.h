//===- Rewrite.h - From a GPU kernel to a host function -------------------===//
//
// Steps on LLVM IR, from a module as NVPTX code generation gets it to one that
// the host's code generator takes. What has no exact counterpart is an error
// that names it, never a guess.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_LIB_EMULATOR_REWRITE_H
#define SSMC_LIB_EMULATOR_REWRITE_H

#include "Kernel.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"

namespace ssmc::emulator {

/// Removes everything but the kernel `name`, its constants and its shared
/// memory, and inlines all that it calls. The module may still be for NVPTX.
llvm::Expected<llvm::Function *> isolateKernel(llvm::Module &module,
                                               llvm::StringRef name);

/// Turns `kernel`, as isolateKernel() leaves it, into the function `symbol` of
/// type KernelEntry, and fills in `info` but for name and entry.
llvm::Error rewriteForHost(llvm::Function &kernel, llvm::StringRef symbol,
                           bool check, uint32_t dynamicSharedBytes,
                           Kernel &info);

/// Inserts a call of ssmc_emu_access before every access to memory that is not
/// provably the thread's own. `thread` is the thread's registers.
void instrumentAccesses(llvm::Function &function, llvm::Value *thread);

/// The value of a call of llvm.nvvm.`name` where that is plain arithmetic, or
/// null where it is not.
llvm::Value *lowerMath(llvm::IRBuilder<> &builder, llvm::CallInst &call,
                       llvm::StringRef name);

/// Spells out conversions to bfloat in integer arithmetic: code generation
/// would call a function for each element.
void expandBFloatTruncation(llvm::Function &function);

/// A function that compiled kernels call, by its name in hostSymbols().
llvm::FunctionCallee hostFunction(llvm::Module &module, llvm::StringRef name);

} // namespace ssmc::emulator

#endif // SSMC_LIB_EMULATOR_REWRITE_H
