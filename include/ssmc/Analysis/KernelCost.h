//===- KernelCost.h - What a kernel moves and computes --------------------===//

#ifndef SSMC_ANALYSIS_KERNELCOST_H
#define SSMC_ANALYSIS_KERNELCOST_H

#include "dialect/Kernel/KernelDialect.h"
#include "ssmc/Analysis/TargetModel.h"
#include <algorithm>

namespace ssmc {

/// What one call of a kernel does at least, whatever its schedule, at given
/// sizes.
struct KernelWork {
  double bytesRead = 0;
  double bytesWritten = 0;
  double mufu = 0;
  double fma = 0;
  double other = 0;

  double bytes() const { return bytesRead + bytesWritten; }
};

/// KernelWork as expressions in the extents of the iteration space: symbol i is
/// the extent of iteration dimension i. They are sums of products.
///
/// Bytes are those of each operand's and result's elements once: rereading is
/// the caches' affair. Of a table and of a pool only the rows that are used
/// count, one for each index.
///
/// Operations are those of the regions and of what the op does around them
/// (sums, the decay's exp2, the update of a state), at the points where they
/// are needed: what does not depend on time is formed once a sequence. They are
/// counted as gpu-expand-math writes them, with a product and the sum that it
/// goes into as one.
struct KernelCost {
  mlir::AffineExpr bytesRead;
  mlir::AffineExpr bytesWritten;
  /// ex2, rcp, rsqrt: the special-function unit.
  mlir::AffineExpr mufu;
  /// Sums, products and both together, in f32.
  mlir::AffineExpr fma;
  /// Comparisons, selections, conversions, integers.
  mlir::AffineExpr other;

  mlir::AffineExpr bytes() const { return bytesRead + bytesWritten; }
  /// `extents` has the extent of each iteration dimension.
  KernelWork at(llvm::ArrayRef<int64_t> extents) const;
};

KernelCost computeKernelCost(kernel::KernelOpInterface op);

/// The least time, in seconds, that each part of a device needs for a kernel's
/// work.
struct FloorTime {
  double memory = 0;
  double mufu = 0;
  double fma = 0;

  /// All parts work at the same time.
  double seconds() const { return std::max({memory, mufu, fma}); }
  /// The part that takes longest: "memory", "mufu" or "fma".
  llvm::StringRef bound() const;
};

FloorTime getFloorTime(const KernelWork &work, const TargetModel &target);

/// getFloorTime() of the cost at `extents`, in seconds.
double floorSeconds(const KernelCost &cost, llvm::ArrayRef<int64_t> extents,
                    const TargetModel &target);

/// The value of an expression whose symbols are `sizes`. In floating point,
/// which cannot overflow.
double evaluateExpr(mlir::AffineExpr expr, llvm::ArrayRef<int64_t> sizes);

} // namespace ssmc

#endif // SSMC_ANALYSIS_KERNELCOST_H
