//===- ScanEditor.h - Changing a kernel.scan in place ---------------------===//

#ifndef SSMC_TRANSFORMS_FUSION_SCANEDITOR_H
#define SSMC_TRANSFORMS_FUSION_SCANEDITOR_H

#include "dialect/Kernel/KernelDialect.h"
#include "mlir/IR/PatternMatch.h"

namespace ssmc::fusion {

/// Adds and removes inputs and step values of a scan, together with the region
/// arguments that they are. The op stays, so that handles on it do.
class ScanEditor {
public:
  ScanEditor(mlir::RewriterBase &rewriter, kernel::ScanOp op)
      : rewriter(rewriter), op(op) {}

  mlir::AffineMap getMap(unsigned input);
  /// The input that reads `tensor` so, which may be there already. A new input
  /// with n is only added to a scan that is not complex.
  unsigned addInput(mlir::Value tensor, mlir::AffineMap map, int64_t shift = 0);
  /// Removes an input whose region arguments have no uses.
  void removeInput(unsigned input);
  /// Makes inputs that read the same one input.
  void mergeInputs();
  void setOutputMap(mlir::AffineMap map);

  /// The argument of `region` that is an input, of a complex scan its real
  /// part. Null where the region does not get it.
  mlir::BlockArgument argument(mlir::Region &region, unsigned input);

  /// Replaces an input without n by what `build` makes in a region that gets
  /// such inputs: in step, whose value the epilogue gets from there, or in the
  /// epilogue where that alone uses it.
  void replaceStepInput(unsigned input,
                        llvm::function_ref<mlir::Value(mlir::Region &)> build);

  /// A value of the step region, one of its arguments included, as `to` gets
  /// it, through a step value unless it is one of its inputs too. Halves cross
  /// as f32, which is exact.
  mlir::Value bring(mlir::Value value, mlir::Region &to);
  /// Removes step values and ops whose results nothing uses.
  void removeUnused();

private:
  mlir::Operation *stepYield() { return op.getStep().front().getTerminator(); }
  unsigned numStepValues() { return stepYield()->getNumOperands(); }
  /// The regions that get step values, with the place of the first.
  llvm::SmallVector<std::pair<mlir::Region *, unsigned>, 3> users();
  unsigned components() { return op.isComplex() ? 2 : 1; }
  void setMaps(llvm::ArrayRef<mlir::Attribute> maps);
  void setShifts(llvm::ArrayRef<int64_t> shifts);
  llvm::SmallVector<int64_t> getShifts();

  mlir::RewriterBase &rewriter;
  kernel::ScanOp op;
};

} // namespace ssmc::fusion

#endif // SSMC_TRANSFORMS_FUSION_SCANEDITOR_H
