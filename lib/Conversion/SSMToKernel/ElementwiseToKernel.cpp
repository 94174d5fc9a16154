//===- ElementwiseToKernel.cpp - Elementwise tensor ops to kernel.map -----===//

#include "Patterns.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace ssmc;

namespace {

/// Any op that MLIR calls elementwise, on float tensors of one shape: its
/// scalar form becomes the body. Splat constants go into the body.
struct ElementwisePattern : RewritePattern {
  explicit ElementwisePattern(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!OpTrait::hasElementwiseMappableTraits(op) || op->getNumResults() != 1)
      return rewriter.notifyMatchFailure(op, "not an elementwise op");
    auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    if (!type)
      return rewriter.notifyMatchFailure(op, "already scalar");
    auto isFloat = [](Type type) {
      return type.isF32() || type.isF16() || type.isBF16();
    };
    if (!isFloat(type.getElementType()))
      return rewriter.notifyMatchFailure(op, "not a float tensor");

    SmallVector<Value> inputs;
    for (Value operand : op->getOperands()) {
      auto operandType = dyn_cast<RankedTensorType>(operand.getType());
      if (!operandType || !isFloat(operandType.getElementType()))
        return rewriter.notifyMatchFailure(op, "an operand is no float tensor");
      if (!matchPattern(operand, m_Constant()))
        inputs.push_back(operand);
      else if (!splatOf(operand))
        return rewriter.notifyMatchFailure(op, "a constant is no splat");
    }

    ImplicitLocOpBuilder builder(op->getLoc(), rewriter);
    AffineMap identity =
        selectDims(op->getContext(), type.getRank(), firstDims(type.getRank()));
    SmallVector<AffineMap> maps(inputs.size() + 1, identity);
    auto map = kernel::MapOp::create(builder, TypeRange{type}, inputs,
                                     builder.getAffineMapArrayAttr(maps),
                                     kernel::ScheduleAttr(), ArrayAttr());
    buildRegion(
        builder, map.getBody(), elementTypes(inputs), [&](ValueRange args) {
          SmallVector<Value> scalars;
          size_t next = 0;
          for (Value operand : op->getOperands()) {
            if (TypedAttr splat = splatOf(operand))
              scalars.push_back(arith::ConstantOp::create(builder, splat));
            else
              scalars.push_back(args[next++]);
          }
          Operation *scalar = builder.clone(*op);
          scalar->setOperands(scalars);
          scalar->getResult(0).setType(type.getElementType());
          return SmallVector<Value>{scalar->getResult(0)};
        });
    rewriter.replaceOp(op, map);
    return success();
  }

  /// The element of a splat constant, or null.
  static TypedAttr splatOf(Value value) {
    DenseElementsAttr elements;
    if (!matchPattern(value, m_Constant(&elements)) || !elements.isSplat())
      return nullptr;
    return elements.getSplatValue<TypedAttr>();
  }
};

} // namespace

void ssmc::populateElementwiseToKernelPatterns(RewritePatternSet &patterns) {
  patterns.add<ElementwisePattern>(patterns.getContext());
}
