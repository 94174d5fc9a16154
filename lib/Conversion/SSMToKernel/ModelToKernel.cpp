//===- ModelToKernel.cpp - Projections and embeddings to kernels ----------===//

#include "Patterns.h"

using namespace mlir;
using namespace ssmc;

namespace {

struct LinearPattern : OpRewritePattern<ssm::LinearOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ssm::LinearOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    MLIRContext *context = op.getContext();
    // (rows…, n, k)
    unsigned numRows =
        cast<RankedTensorType>(op.getX().getType()).getRank() - 1;
    unsigned n = numRows, k = numRows + 1, numDims = numRows + 2;
    SmallVector<unsigned> x = firstDims(numRows), y = firstDims(numRows);
    x.push_back(k);
    y.push_back(n);

    SmallVector<Value> inputs = {op.getX(), op.getWeight()};
    SmallVector<AffineMap> maps = {selectDims(context, numDims, x),
                                   selectDims(context, numDims, {n, k})};
    if (op.getBias()) {
      inputs.push_back(op.getBias());
      maps.push_back(selectDims(context, numDims, {n}));
    }
    maps.push_back(selectDims(context, numDims, y));
    auto matmul = kernel::MatmulOp::create(builder, op.getY().getType(), inputs,
                                           builder.getAffineMapArrayAttr(maps),
                                           kernel::ScheduleAttr(), ArrayAttr());

    SmallVector<Type> types = elementTypes(inputs);
    buildRegion(builder, matmul.getContract(), ArrayRef(types).take_front(2),
                [&](ValueRange args) {
                  return SmallVector<Value>{widen(builder, args[0]),
                                            widen(builder, args[1])};
                });
    SmallVector<Type> epilogueTypes = {builder.getF32Type()};
    llvm::append_range(epilogueTypes, ArrayRef(types).drop_front(2));
    buildRegion(
        builder, matmul.getEpilogue(), epilogueTypes, [&](ValueRange args) {
          Value sum = args[0];
          if (op.getBias())
            sum = add(builder, sum, widen(builder, args[1]));
          return SmallVector<Value>{
              narrow(builder, sum, getElementTypeOrSelf(op.getY().getType()))};
        });
    rewriter.replaceOp(op, matmul);
    return success();
  }
};

struct EmbeddingPattern : OpRewritePattern<ssm::EmbeddingOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ssm::EmbeddingOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    MLIRContext *context = op.getContext();
    unsigned numDims = cast<RankedTensorType>(op.getY().getType()).getRank();
    SmallVector<AffineMap> maps = {
        selectDims(context, numDims, firstDims(numDims - 1)),
        AffineMap::get(numDims, 0,
                       {getAffineConstantExpr(0, context),
                        getAffineDimExpr(numDims - 1, context)},
                       context),
        selectDims(context, numDims, firstDims(numDims))};
    auto gather = kernel::GatherOp::create(builder, op.getY().getType(),
                                           op.getIds(), op.getTable(),
                                           builder.getAffineMapArrayAttr(maps),
                                           kernel::ScheduleAttr(), ArrayAttr());
    buildRegion(builder, gather.getBody(), elementTypes(op.getTable()),
                [&](ValueRange args) {
                  return SmallVector<Value>{
                      narrow(builder, widen(builder, args[0]),
                             getElementTypeOrSelf(op.getY().getType()))};
                });
    rewriter.replaceOp(op, gather);
    return success();
  }
};

} // namespace

void ssmc::populateModelToKernelPatterns(RewritePatternSet &patterns) {
  patterns.add<LinearPattern, EmbeddingPattern>(patterns.getContext());
}
