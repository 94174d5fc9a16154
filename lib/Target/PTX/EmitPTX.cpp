//===- EmitPTX.cpp - The pass from kernels to PTX -------------------------===//

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "ssmc/Target/PTX.h"
#include "ssmc/Target/Passes.h"

namespace ssmc {
#define GEN_PASS_DEF_GPUEMITPTXPASS
#include "ssmc/Target/Passes.h.inc"
} // namespace ssmc

using namespace mlir;
using namespace ssmc;

/// Bytes of the shared variables that a kernel names.
static int64_t sharedBytes(LLVM::LLVMFuncOp kernel, gpu::GPUModuleOp module) {
  constexpr unsigned kShared = 3;
  DataLayout layout(module);
  llvm::SmallDenseSet<Operation *> seen;
  int64_t bytes = 0;
  kernel.walk([&](LLVM::AddressOfOp op) {
    auto global = module.lookupSymbol<LLVM::GlobalOp>(op.getGlobalName());
    if (global && global.getAddrSpace() == kShared &&
        seen.insert(global).second)
      bytes += layout.getTypeSize(global.getType()).getFixedValue();
  });
  return bytes;
}

/// What the bundle needs to know of each kernel.
static ArrayAttr kernelTable(gpu::GPUModuleOp module) {
  Builder b(module.getContext());
  SmallVector<Attribute> table;
  for (auto kernel : module.getOps<LLVM::LLVMFuncOp>()) {
    auto block = kernel->getAttrOfType<DenseI32ArrayAttr>(
        NVVM::NVVMDialect::getMaxntidAttrName());
    if (!kernel->hasAttr(NVVM::NVVMDialect::getKernelFuncAttrName()) || !block)
      continue;
    table.push_back(b.getDictionaryAttr({
        b.getNamedAttr("name", kernel.getSymNameAttr()),
        b.getNamedAttr("block", block),
        b.getNamedAttr("parameters",
                       b.getI64IntegerAttr(kernel.getNumArguments())),
        b.getNamedAttr("shared_bytes",
                       b.getI64IntegerAttr(sharedBytes(kernel, module))),
    }));
  }
  return b.getArrayAttr(table);
}

namespace {
struct GPUEmitPTXPass final : ssmc::impl::GPUEmitPTXPassBase<GPUEmitPTXPass> {
  using Base::Base;

  void runOnOperation() override {
    for (auto module :
         llvm::make_early_inc_range(getOperation().getOps<gpu::GPUModuleOp>()))
      if (failed(emit(module)))
        return signalPassFailure();
  }

  LogicalResult emit(gpu::GPUModuleOp module) {
    Builder b(&getContext());
    llvm::Expected<std::string> bitcodeText = emitBitcode(module);
    if (!bitcodeText)
      return module.emitError(llvm::toString(bitcodeText.takeError()));
    SmallVector<Attribute> objects;
    auto addObject = [&](Attribute target, gpu::CompilationTarget format,
                         StringRef text) {
      objects.push_back(gpu::ObjectAttr::get(&getContext(), target, format,
                                             b.getStringAttr(text), nullptr,
                                             nullptr));
    };
    for (const std::string &arch : targets) {
      llvm::Expected<std::string> ptx = emitPTX(*bitcodeText, arch);
      if (!ptx)
        return module.emitError(llvm::toString(ptx.takeError()));
      addObject(NVVM::NVVMTargetAttr::get(&getContext(), 3,
                                          "nvptx64-nvidia-cuda", arch),
                gpu::CompilationTarget::Assembly, *ptx);
    }
    if (bitcode)
      addObject(NVVM::NVVMTargetAttr::get(&getContext()),
                gpu::CompilationTarget::Offload, *bitcodeText);
    if (objects.empty())
      return module.emitError("expects a target architecture or bitcode");

    OpBuilder builder(module);
    auto binary =
        gpu::BinaryOp::create(builder, module.getLoc(), module.getName(),
                              nullptr, b.getArrayAttr(objects));
    binary->setAttr("kernel.table", kernelTable(module));
    module.erase();
    return success();
  }
};
} // namespace
