//===- BufferLiveness.h - When a plan's buffers are in use ----------------===//

#ifndef SSMC_ANALYSIS_BUFFERLIVENESS_H
#define SSMC_ANALYSIS_BUFFERLIVENESS_H

#include "dialect/Kernel/KernelDialect.h"
#include "llvm/ADT/DenseMap.h"

namespace ssmc {

/// Numbers the steps (launches, copies and choices) of a plan from 0 and knows
/// the first and the last that touches each buffer, in whichever alternative.
/// Two temporaries whose ranges do not meet can share memory.
class BufferLiveness {
public:
  explicit BufferLiveness(kernel::PlanOp plan);

  struct Range {
    uint32_t first, last;
  };
  /// {0, 0} for a buffer that no step touches.
  Range get(mlir::Value buffer) const {
    return ranges.lookup_or(buffer, Range{0, 0});
  }

private:
  llvm::DenseMap<mlir::Value, Range> ranges;
};

} // namespace ssmc

#endif // SSMC_ANALYSIS_BUFFERLIVENESS_H
