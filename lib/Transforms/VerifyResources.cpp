//===- VerifyResources.cpp - Refuse kernels that do not fit ---------------===//

#include "dialect/Kernel/KernelDialect.h"
#include "mlir/Analysis/DataLayoutAnalysis.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "ssmc/Analysis/TargetModel.h"
#include "ssmc/Transforms/Passes.h"

namespace ssmc {
#define GEN_PASS_DEF_KERNELVERIFYRESOURCESPASS
#include "ssmc/Transforms/Passes.h.inc"
} // namespace ssmc

using namespace mlir;
using namespace ssmc;
using NVVM::NVVMDialect;

namespace {

/// What a kernel takes, whichever dialect it is in.
struct Resources {
  int64_t threads = 1;
  int64_t sharedBytes = 0;
  int64_t parameterBytes = 0;
  /// Registers a thread and blocks an SM that are asked for; 0 where nothing
  /// is.
  int64_t registers = 0;
  int64_t blocks = 0;
};

int64_t product(ArrayRef<int32_t> extents) {
  int64_t result = 1;
  for (int32_t extent : extents)
    result *= extent;
  return result;
}

int64_t integerAttr(Operation *op, StringRef name) {
  auto attr = op->getAttrOfType<IntegerAttr>(name);
  return attr ? attr.getInt() : 0;
}

/// Bytes of a type that has a size; pointers are of 8 bytes and memrefs are
/// passed as pointers.
int64_t bytesOf(const DataLayout &layout, Type type) {
  if (isa<MemRefType, IndexType>(type))
    return 8;
  return layout.getTypeSize(type).getFixedValue();
}

/// Bytes of the shared variables that an LLVM kernel names.
int64_t sharedGlobals(LLVM::LLVMFuncOp kernel, const DataLayout &layout) {
  llvm::SmallDenseSet<Operation *> seen;
  int64_t bytes = 0;
  kernel.walk([&](LLVM::AddressOfOp address) {
    auto global = SymbolTable::lookupNearestSymbolFrom<LLVM::GlobalOp>(
        address, address.getGlobalNameAttr());
    if (global &&
        global.getAddrSpace() == unsigned(NVVM::NVVMMemorySpace::Shared) &&
        seen.insert(global).second)
      bytes += bytesOf(layout, global.getType());
  });
  return bytes;
}

Resources resourcesOf(FunctionOpInterface kernel, const DataLayout &layout) {
  Resources resources;
  DenseI32ArrayAttr block;
  if (auto function = dyn_cast<gpu::GPUFuncOp>(kernel.getOperation())) {
    block = function.getKnownBlockSizeAttr();
    for (BlockArgument shared : function.getWorkgroupAttributions()) {
      auto type = cast<MemRefType>(shared.getType());
      resources.sharedBytes +=
          type.getNumElements() * bytesOf(layout, type.getElementType());
    }
  } else {
    block = kernel->getAttrOfType<DenseI32ArrayAttr>(
        NVVMDialect::getMaxntidAttrName());
    resources.sharedBytes =
        sharedGlobals(cast<LLVM::LLVMFuncOp>(kernel.getOperation()), layout);
  }
  if (block)
    resources.threads = product(block.asArrayRef());
  for (Type type : kernel.getArgumentTypes())
    resources.parameterBytes += bytesOf(layout, type);
  resources.registers = integerAttr(kernel, NVVMDialect::getMaxnregAttrName());
  resources.blocks = integerAttr(kernel, NVVMDialect::getMinctasmAttrName());
  return resources;
}

LogicalResult verifyKernel(FunctionOpInterface kernel, const Resources &needed,
                           StringRef arch, const TargetModel &target) {
  if (needed.threads > target.threadsPerBlock)
    return kernel->emitError("has ")
           << needed.threads << " threads in a block, but a block of " << arch
           << " can have " << target.threadsPerBlock
           << "; give its schedule fewer threads";
  if (needed.sharedBytes > target.staticSharedPerBlock)
    return kernel->emitError("declares ")
           << needed.sharedBytes << " bytes of shared memory, but a block of "
           << arch << " can declare " << target.staticSharedPerBlock
           << "; give its schedule smaller tiles or fewer threads";
  if (needed.parameterBytes > target.parameterBytes)
    return kernel->emitError("takes ")
           << needed.parameterBytes << " bytes of parameters, but a kernel of "
           << arch << " can take " << target.parameterBytes
           << "; fuse less into it, or make sizes and strides static";
  int64_t blocks = std::max<int64_t>(needed.blocks, 1);
  int64_t threads = blocks * needed.threads;
  if (blocks > target.blocksPerSM || threads > target.threadsPerSM)
    return kernel->emitError("asks for ")
           << blocks << " blocks of " << needed.threads
           << " threads on an SM, but one of " << arch << " holds "
           << target.blocksPerSM << " blocks and " << target.threadsPerSM
           << " threads; lower nvvm.minctasm";
  if (threads * needed.registers > target.registersPerSM)
    return kernel->emitError("asks for ")
           << needed.registers << " registers for each of " << threads
           << " threads on an SM, but one of " << arch << " has "
           << target.registersPerSM
           << " registers; lower nvvm.maxnreg or nvvm.minctasm";
  return success();
}

/// Grids that no sizes of a call can make smaller.
LogicalResult verifyGrid(kernel::LaunchOp launch) {
  constexpr int64_t limits[3] = {INT32_MAX, 65535, 65535};
  for (auto [dim, expr] : llvm::enumerate(launch.getGrid().getResults())) {
    auto extent = dyn_cast<AffineConstantExpr>(expr);
    if (extent && extent.getValue() > limits[dim])
      return launch.emitError("launches ")
             << extent.getValue() << " blocks along " << "xyz"[dim]
             << ", but devices take " << limits[dim]
             << "; use more threads a block, or smaller inputs";
  }
  return success();
}

struct KernelVerifyResourcesPass final
    : ssmc::impl::KernelVerifyResourcesPassBase<KernelVerifyResourcesPass> {
  using KernelVerifyResourcesPassBase::KernelVerifyResourcesPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    const DataLayout &layout =
        getAnalysis<DataLayoutAnalysis>().getAtOrAbove(module);
    module.walk([&](FunctionOpInterface function) {
      if (function->hasAttr(gpu::GPUDialect::getKernelFuncAttrName()) ||
          function->hasAttr(NVVMDialect::getKernelFuncAttrName()))
        check(function, layout);
    });
    module.walk([&](kernel::LaunchOp launch) {
      if (failed(verifyGrid(launch)))
        signalPassFailure();
    });
  }

  void check(FunctionOpInterface kernel, const DataLayout &layout) {
    Resources needed = resourcesOf(kernel, layout);
    for (const std::string &arch : targets) {
      const TargetModel *target = getTargetModel(arch);
      if (!target) {
        kernel->emitError("cannot be checked for the unknown target '")
            << arch << "'; expected sm_80 or newer";
        return signalPassFailure();
      }
      // One target that it does not fit is enough.
      if (failed(verifyKernel(kernel, needed, arch, *target)))
        return signalPassFailure();
    }
  }
};

} // namespace
