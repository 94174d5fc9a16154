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

/// LLVM intrinsics that become a library call, of which a GPU has none; as an
/// op of their own or called by name.
static bool needsLibrary(Operation *op) {
  static const llvm::StringSet<> functions = {
      "exp",  "exp10", "log",   "log2",   "log10", "pow",  "powi",
      "sin",  "cos",   "tan",   "tanh",   "sinh",  "cosh", "asin",
      "acos", "atan",  "atan2", "sincos", "ldexp", "frexp"};
  if (isa<LLVM::FRemOp>(op))
    return true;
  StringRef name = op->getName().getStringRef();
  if (auto call = dyn_cast<LLVM::CallIntrinsicOp>(op)) {
    // "llvm.exp.f32"
    name = call.getIntrin();
    return name.consume_front("llvm.") &&
           functions.contains(name.take_until([](char c) { return c == '.'; }));
  }
  return name.consume_front("llvm.intr.") && functions.contains(name);
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
        op->emitError(
            "is inline assembly, which the CPU device cannot run; use "
            "an intrinsic");
        good = false;
      } else if (needsLibrary(op)) {
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
