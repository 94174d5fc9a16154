//===- Fusion.h - Moving kernels into the regions of others ---------------===//
//
// Each function looks at all kernels in `root`, itself included, and moves what
// it can. It leaves a remark of the category kernel-fuse for each kernel that
// moved, and for each that was looked at and stays, with the reason.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TRANSFORMS_FUSION_H
#define SSMC_TRANSFORMS_FUSION_H

#include "dialect/Kernel/KernelDialect.h"
#include "mlir/IR/PatternMatch.h"

namespace ssmc {

/// Moves each kernel.map into the one kernel.map that reads its result.
void fuseMaps(mlir::RewriterBase &rewriter, mlir::Operation *root);

/// Moves each kernel.map into the one kernel.scan that reads its result: with n
/// (`into` Transition) or without (Step). Ops that need no input with n go to
/// the step region. A decay that turns out to be exp2 of something is said as
/// its logarithm from then on.
void fuseProducers(mlir::RewriterBase &rewriter, mlir::Operation *root,
                   kernel::Destination into);

/// Moves each kernel.map into the epilogue of the kernel.scan or kernel.window
/// whose result it alone reads.
void fuseConsumers(mlir::RewriterBase &rewriter, mlir::Operation *root);

/// Moves each kernel.window into the step region of the one kernel.scan that
/// reads its result, where the window's input becomes shifted inputs.
void fuseWindows(mlir::RewriterBase &rewriter, mlir::Operation *root);

} // namespace ssmc

#endif // SSMC_TRANSFORMS_FUSION_H
