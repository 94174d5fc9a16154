//===- ConvToKernel.cpp - ssm.causal_conv1d to kernel.window --------------===//

#include "Patterns.h"

using namespace mlir;
using namespace ssmc;

namespace {

struct CausalConv1dPattern : OpRewritePattern<ssm::CausalConv1dOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ssm::CausalConv1dOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    MLIRContext *context = op.getContext();
    // (b, t, d, w), with slots also the rows of the pool.
    unsigned numDims = op.getStateSlots() ? 5 : 4;
    AffineMap activation = activationMap(context, numDims, op.getLayout(),
                                         /*packed=*/bool(op.getCuSeqlens()));

    SmallVector<Value> inputs = {op.getX(), op.getWeight()};
    SmallVector<AffineMap> maps = {activation,
                                   selectDims(context, numDims, {2, 3})};
    if (op.getBias()) {
      inputs.push_back(op.getBias());
      maps.push_back(selectDims(context, numDims, {2}));
    }
    maps.push_back(activation);

    SmallVector<Type> results = {op.getY().getType()};
    if (op.getFinalState())
      results.push_back(op.getFinalState().getType());
    auto window = kernel::WindowOp::create(
        builder, results, inputs, op.getInitialState(), op.getCuSeqlens(),
        op.getStateSlots(), builder.getAffineMapArrayAttr(maps),
        kernel::ScheduleAttr(), ArrayAttr());

    SmallVector<Type> types = elementTypes(inputs);
    buildRegion(builder, window.getReduce(), ArrayRef(types).take_front(2),
                [&](ValueRange args) {
                  return SmallVector<Value>{mul(builder,
                                                widen(builder, args[0]),
                                                widen(builder, args[1]))};
                });
    SmallVector<Type> epilogueTypes = {builder.getF32Type()};
    llvm::append_range(epilogueTypes, ArrayRef(types).drop_front(2));
    buildRegion(
        builder, window.getEpilogue(), epilogueTypes, [&](ValueRange args) {
          Value y = args[0];
          if (op.getBias())
            y = add(builder, y, widen(builder, args[1]));
          if (op.getActivation() == ssm::Activation::SiLU)
            y = ssm::SiLUOp::create(builder, y);
          return SmallVector<Value>{
              narrow(builder, y, getElementTypeOrSelf(op.getY().getType()))};
        });
    rewriter.replaceOp(op, window);
    return success();
  }
};

} // namespace

void ssmc::populateConvToKernelPatterns(RewritePatternSet &patterns) {
  patterns.add<CausalConv1dPattern>(patterns.getContext());
}
