//===- Common.h - What the fusions share ----------------------------------===//

#ifndef SSMC_TRANSFORMS_FUSION_COMMON_H
#define SSMC_TRANSFORMS_FUSION_COMMON_H

#include "dialect/Kernel/KernelDialect.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"

namespace ssmc::fusion {

/// Why two kernels stay apart; none where they need not.
using Refusal = std::optional<std::string>;

/// Leaves a remark at `op`, which is about to move into `place`, as in "the
/// epilogue of kernel.scan", and gives `into` its location besides.
void remarkFused(mlir::Operation *op, mlir::Operation *into,
                 const llvm::Twine &place);
/// Leaves a remark at `op` on why it stays apart from `other`.
void remarkApart(mlir::Operation *op, mlir::Operation *other,
                 llvm::StringRef reason);

/// The kernels of a type in `root`, in their order.
template <typename OpTy>
llvm::SmallVector<OpTy> kernelsIn(mlir::Operation *root) {
  llvm::SmallVector<OpTy> ops;
  root->walk([&](OpTy op) { ops.push_back(op); });
  return ops;
}

/// Why a value that `reader` reads by `map`, in a region that runs once for
/// each point of `dims`, must not be computed there: each element would be
/// computed more than once.
Refusal whyRecomputed(kernel::KernelOpInterface reader, mlir::AffineMap map,
                      llvm::ArrayRef<unsigned> dims);

/// The maps of `map`'s inputs from the iteration space of a kernel that reads
/// its result by `reads`.
llvm::SmallVector<mlir::AffineMap> composeInputMaps(kernel::MapOp map,
                                                    mlir::AffineMap reads);

/// Reads an input once where it is read twice by one map.
void mergeInputs(mlir::RewriterBase &rewriter, kernel::MapOp op);

/// Clones what `region` does to where `rewriter` stands and returns what it
/// yields.
llvm::SmallVector<mlir::Value> inlineRegion(mlir::RewriterBase &rewriter,
                                            mlir::Region &region,
                                            mlir::ValueRange arguments);

} // namespace ssmc::fusion

#endif // SSMC_TRANSFORMS_FUSION_COMMON_H
