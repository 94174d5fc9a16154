//===- NormToKernel.cpp - ssm.rms_norm to kernel.row_reduce ---------------===//

#include "Patterns.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace ssmc;

namespace {

struct RMSNormPattern : OpRewritePattern<ssm::RMSNormOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ssm::RMSNormOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    MLIRContext *context = op.getContext();
    auto type = cast<RankedTensorType>(op.getX().getType());
    unsigned rank = type.getRank();
    AffineMap identity = selectDims(context, rank, firstDims(rank));

    SmallVector<Value> inputs = {op.getX(), op.getWeight()};
    SmallVector<AffineMap> maps = {identity,
                                   selectDims(context, rank, {rank - 1})};
    if (op.getResidual()) {
      inputs.push_back(op.getResidual());
      maps.push_back(identity);
    }
    maps.append(op->getNumResults(), identity);
    auto reduce =
        kernel::RowReduceOp::create(builder, op->getResultTypes(), inputs,
                                    builder.getAffineMapArrayAttr(maps),
                                    kernel::ScheduleAttr(), ArrayAttr());

    // The sum is formed again in the epilogue: an add is cheaper than keeping
    // it.
    auto residual = [&](ValueRange args) {
      Value r = widen(builder, args[0]);
      return op.getResidual() ? add(builder, r, widen(builder, args[2])) : r;
    };
    SmallVector<Type> types = elementTypes(inputs);
    buildRegion(builder, reduce.getReduce(), types, [&](ValueRange args) {
      Value r = residual(args);
      return SmallVector<Value>{mul(builder, r, r)};
    });
    SmallVector<Type> epilogueTypes = {builder.getF32Type()};
    llvm::append_range(epilogueTypes, types);
    buildRegion(
        builder, reduce.getEpilogue(), epilogueTypes, [&](ValueRange args) {
          ValueRange elements = args.drop_front(1);
          Value r = residual(elements);
          Value count = constantF32(builder, type.getShape().back());
          Value mean = arith::DivFOp::create(builder, args[0], count);
          Value eps = constantF32(builder, op.getEps().convertToFloat());
          Value scale = math::RsqrtOp::create(builder, add(builder, mean, eps));
          Value y = arith::MulFOp::create(
              builder, arith::MulFOp::create(builder, r, scale),
              widen(builder, elements[1]));
          SmallVector<Value> results = {
              narrow(builder, y, getElementTypeOrSelf(op.getY().getType()))};
          if (op.getResidualOut())
            results.push_back(
                narrow(builder, r,
                       getElementTypeOrSelf(op.getResidualOut().getType())));
          return results;
        });
    rewriter.replaceOp(op, reduce);
    return success();
  }
};

} // namespace

void ssmc::populateNormToKernelPatterns(RewritePatternSet &patterns) {
  patterns.add<RMSNormPattern>(patterns.getContext());
}
