//===- KernelToGPU.cpp - Emit kernels and launch plans --------------------===//

#include "PlanBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "ssmc/Conversion/Passes.h"

namespace ssmc {
#define GEN_PASS_DEF_CONVERTKERNELTOGPUPASS
#include "ssmc/Conversion/Passes.h.inc"
} // namespace ssmc

using namespace mlir;
using namespace ssmc;

static constexpr StringRef kKernels = "kernels";

namespace {
struct ConvertKernelToGPUPass final
    : ssmc::impl::ConvertKernelToGPUPassBase<ConvertKernelToGPUPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    WalkResult unscheduled = module.walk([](kernel::KernelOpInterface op) {
      if (op.getScheduleAttr())
        return WalkResult::advance();
      op->emitError("has no schedule; run kernel-assign-schedules first");
      return WalkResult::interrupt();
    });
    if (unscheduled.wasInterrupted() || module.lookupSymbol(kKernels)) {
      if (!unscheduled.wasInterrupted())
        module.emitError("already has a symbol @") << kKernels;
      return signalPassFailure();
    }

    OpBuilder builder(module.getBodyRegion());
    builder.setInsertionPointToEnd(module.getBody());
    auto kernels = gpu::GPUModuleOp::create(builder, module.getLoc(), kKernels);
    module->setAttr(gpu::GPUDialect::getContainerModuleAttrName(),
                    builder.getUnitAttr());
    KernelCache cache(kernels);
    for (auto function :
         llvm::make_early_inc_range(module.getOps<func::FuncOp>())) {
      if (failed(PlanBuilder(function, cache, kKernels).build()))
        return signalPassFailure();
      StringAttr name = function.getNameAttr();
      auto plan = cast<kernel::PlanOp>(function->getPrevNode());
      function.erase();
      plan.setSymNameAttr(name);
    }
  }
};
} // namespace
