//===- KernelTransformOps.cpp - What the ops of a strategy do -------------===//

// With assertions, this header calls functions that the packaged libraries,
// which are compiled without, do not have.
#ifndef NDEBUG
#define NDEBUG
#include "mlir/Dialect/Transform/IR/TransformDialect.h"
#undef NDEBUG
#include <cassert>
#endif

#include "dialect/Kernel/KernelTransformOps.h"
#include "mlir/IR/Verifier.h"
#include "ssmc/Transforms/Fusion.h"

using namespace mlir;
using namespace ssmc;
using namespace ssmc::kernel;

using Effects = SmallVectorImpl<MemoryEffects::EffectInstance>;

/// What `fuse` does to each op of the handle.
static DiagnosedSilenceableFailure
forEachTarget(Value target, transform::TransformState &state,
              llvm::function_ref<void(Operation *)> fuse) {
  for (Operation *root : state.getPayloadOps(target))
    fuse(root);
  return DiagnosedSilenceableFailure::success();
}

DiagnosedSilenceableFailure
FuseMapsOp::apply(transform::TransformRewriter &rewriter,
                  transform::TransformResults &,
                  transform::TransformState &state) {
  return forEachTarget(getTarget(), state,
                       [&](Operation *root) { fuseMaps(rewriter, root); });
}

DiagnosedSilenceableFailure
FuseProducersOp::apply(transform::TransformRewriter &rewriter,
                       transform::TransformResults &,
                       transform::TransformState &state) {
  return forEachTarget(getTarget(), state, [&](Operation *root) {
    fuseProducers(rewriter, root, getInto());
  });
}

DiagnosedSilenceableFailure
FuseConsumersOp::apply(transform::TransformRewriter &rewriter,
                       transform::TransformResults &,
                       transform::TransformState &state) {
  return forEachTarget(getTarget(), state,
                       [&](Operation *root) { fuseConsumers(rewriter, root); });
}

DiagnosedSilenceableFailure
FuseWindowsOp::apply(transform::TransformRewriter &rewriter,
                     transform::TransformResults &,
                     transform::TransformState &state) {
  return forEachTarget(getTarget(), state,
                       [&](Operation *root) { fuseWindows(rewriter, root); });
}

DiagnosedSilenceableFailure
SetScheduleOp::apply(transform::TransformRewriter &rewriter,
                     transform::TransformResults &,
                     transform::TransformState &state) {
  for (Operation *op : state.getPayloadOps(getTarget())) {
    auto kernel = dyn_cast<KernelOpInterface>(op);
    if (!kernel) {
      DiagnosedDefiniteFailure failure =
          emitDefiniteFailure("expects kernels, got '")
          << op->getName() << "'; match them first, as with "
          << "transform.match.operation_name in a transform.foreach_match";
      failure.attachNote(op->getLoc()) << "this op";
      return failure;
    }
    rewriter.modifyOpInPlace(op,
                             [&] { kernel.setScheduleAttr(getSchedule()); });
    if (failed(mlir::verify(op, /*verifyRecursively=*/false)))
      return emitDefiniteFailure("cannot give '")
             << op->getName() << "' the schedule " << getSchedule();
  }
  return DiagnosedSilenceableFailure::success();
}

void FuseMapsOp::getEffects(Effects &effects) {
  transform::onlyReadsHandle(getTargetMutable(), effects);
  transform::modifiesPayload(effects);
}
void FuseProducersOp::getEffects(Effects &effects) {
  transform::onlyReadsHandle(getTargetMutable(), effects);
  transform::modifiesPayload(effects);
}
void FuseConsumersOp::getEffects(Effects &effects) {
  transform::onlyReadsHandle(getTargetMutable(), effects);
  transform::modifiesPayload(effects);
}
void FuseWindowsOp::getEffects(Effects &effects) {
  transform::onlyReadsHandle(getTargetMutable(), effects);
  transform::modifiesPayload(effects);
}
void SetScheduleOp::getEffects(Effects &effects) {
  transform::onlyReadsHandle(getTargetMutable(), effects);
  transform::modifiesPayload(effects);
}

namespace {
class KernelTransformExtension
    : public transform::TransformDialectExtension<KernelTransformExtension> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(KernelTransformExtension)

  void init() {
    declareDependentDialect<KernelDialect>();
    registerTransformOps<
#define GET_OP_LIST
#include "dialect/Kernel/KernelTransformOps.cpp.inc"
        >();
  }
};
} // namespace

#define GET_OP_CLASSES
#include "dialect/Kernel/KernelTransformOps.cpp.inc"

void ssmc::kernel::registerTransformExtension(DialectRegistry &registry) {
  registry.addExtensions<KernelTransformExtension>();
}
