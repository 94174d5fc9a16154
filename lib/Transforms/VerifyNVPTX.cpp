//===- VerifyNVPTX.cpp - Refuse what NVPTX cannot select ------------------===//

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "ssmc/Transforms/Passes.h"
#include "llvm/ADT/StringSet.h"

namespace ssmc {
#define GEN_PASS_DEF_GPUVERIFYNVPTXPASS
#include "ssmc/Transforms/Passes.h.inc"
} // namespace ssmc

using namespace mlir;

/// LLVM intrinsics that become a library call, of which a GPU has none.
static bool needsLibrary(StringRef op) {
  static const llvm::StringSet<> names = {
      "llvm.intr.exp",   "llvm.intr.exp10", "llvm.intr.log",
      "llvm.intr.log2",  "llvm.intr.log10", "llvm.intr.pow",
      "llvm.intr.powi",  "llvm.intr.sin",   "llvm.intr.cos",
      "llvm.intr.tan",   "llvm.intr.tanh",  "llvm.intr.sinh",
      "llvm.intr.cosh",  "llvm.intr.asin",  "llvm.intr.acos",
      "llvm.intr.atan",  "llvm.intr.atan2", "llvm.intr.sincos",
      "llvm.intr.ldexp", "llvm.intr.frexp", "llvm.frem"};
  return names.contains(op);
}

namespace {
struct GPUVerifyNVPTXPass final
    : ssmc::impl::GPUVerifyNVPTXPassBase<GPUVerifyNVPTXPass> {
  void runOnOperation() override {
    gpu::GPUModuleOp module = getOperation();
    bool good = true;
    module.walk([&](Operation *op) {
      if (auto call = dyn_cast<LLVM::CallOp>(op)) {
        std::optional<StringRef> callee = call.getCallee();
        auto function =
            callee ? module.lookupSymbol<LLVM::LLVMFuncOp>(*callee) : nullptr;
        if (function && !function.isExternal())
          return;
        op->emitError("calls ")
            << (callee ? *callee : "a function pointer")
            << ", which no kernel defines; the hardware has no instruction for "
               "it";
        good = false;
      } else if (isa<LLVM::InlineAsmOp>(op)) {
        op->emitError("is inline assembly, which the CPU device cannot run; use "
                      "an intrinsic");
        good = false;
      } else if (needsLibrary(op->getName().getStringRef())) {
        op->emitError("has no instruction on the hardware; run gpu-expand-math "
                      "before the conversion to LLVM");
        good = false;
      }
    });
    if (!good)
      signalPassFailure();
  }
};
} // namespace
