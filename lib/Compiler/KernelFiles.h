//===- KernelFiles.h - One file for each kernel ---------------------------===//
//
// What `--dump-to` writes of each kernel and `--override` puts in its place.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_LIB_COMPILER_KERNELFILES_H
#define SSMC_LIB_COMPILER_KERNELFILES_H

#include "mlir/IR/BuiltinOps.h"
#include "ssmc/Pipelines/Pipelines.h"
#include "ssmc/Support/Status.h"
#include <functional>
#include <map>

namespace ssmc {

/// The kernels of a module as texts that can be put back. At the phases gpu and
/// nvvm "gpu/NAME.mlir" or "nvvm/NAME.mlir": a gpu.module with the kernel and
/// what it refers to. At ptx "ptx/NAME.ARCH.ptx": the kernel's entry. Empty at
/// the phases before.
std::map<std::string, std::string> printKernels(mlir::ModuleOp module,
                                                Phase phase);

/// Files that stand in the place of kernels.
class Overrides {
public:
  /// Reads every file of `directory`, for a compilation from `from` to `to`:
  ///
  ///     NAME.mlir      the kernel NAME, as a gpu.func or an llvm.func
  ///     NAME.ARCH.ptx  its entry in the PTX for ARCH
  ///     ARCH.ptx       all of the PTX for ARCH
  ///
  /// Fails for any other file, and for one whose phase is not passed.
  /// `checkText` sees each MLIR text before it is parsed.
  mlir::LogicalResult
  read(mlir::MLIRContext *context, llvm::StringRef directory, Phase from,
       Phase to,
       llvm::function_ref<Status(llvm::StringRef text, llvm::StringRef path)>
           checkText);

  /// Puts in what belongs to this phase. Emits an error where there is no such
  /// kernel or target, or where its parameters differ.
  mlir::LogicalResult apply(mlir::ModuleOp module, Phase phase);

private:
  struct Kernel {
    std::string path;
    mlir::OwningOpRef<mlir::ModuleOp> module;
  };
  struct Text {
    std::string path;
    std::string text;
  };

  mlir::LogicalResult addKernel(mlir::MLIRContext *context,
                                llvm::StringRef path, llvm::StringRef name,
                                std::string text, Phase from, Phase to);
  mlir::LogicalResult replaceKernel(mlir::ModuleOp module, llvm::StringRef name,
                                    Kernel &kernel);
  mlir::LogicalResult replacePtx(mlir::ModuleOp module);

  /// By phase, then by name.
  std::map<Phase, std::map<std::string, Kernel>> kernels;
  /// By what stands before ".ptx": "sm_90" or "scan_0.sm_90".
  std::map<std::string, Text> ptx;
};

} // namespace ssmc

#endif // SSMC_LIB_COMPILER_KERNELFILES_H
