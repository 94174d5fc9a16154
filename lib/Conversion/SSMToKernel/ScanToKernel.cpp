//===- ScanToKernel.cpp - ssm.selective_scan to kernel.scan ---------------===//
//
// Discretization goes into the step and transition regions, the D skip and the
// gate into the epilogue: one kernel, which reads each input once.
//
//===----------------------------------------------------------------------===//

#include "Patterns.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace ssmc;

namespace {

/// The iteration dimensions of kernel.scan; c where it is complex, and with
/// slots one more, the rows of the pool.
enum Dim : unsigned { b, t, d, n, c };

unsigned numDims(ssm::SelectiveScanOp op) {
  return 4 + (op.isComplex() ? 1 : 0) + (op.getStateSlots() ? 1 : 0);
}

struct SelectiveScanPattern : OpRewritePattern<ssm::SelectiveScanOp> {
  using OpRewritePattern::OpRewritePattern;

  /// Packed sequences share the one batch row that there is.
  static AffineMap packed(AffineMap map) {
    MLIRContext *context = map.getContext();
    return map.replace(getAffineDimExpr(b, context),
                       getAffineConstantExpr(0, context), map.getNumDims(), 0);
  }

  /// The map of an input of a complex scan: one with n uses c as well.
  static AffineMap withComponents(AffineMap map) {
    MLIRContext *context = map.getContext();
    SmallVector<AffineExpr> results(map.getResults());
    if (map.isFunctionOfDim(n))
      results.push_back(getAffineDimExpr(c, context));
    return AffineMap::get(map.getNumDims(), 0, results, context);
  }

  /// The map of B or C: constant, variable or variable in groups; of a complex
  /// one, but for its components.
  static AffineMap matrixMap(ssm::SelectiveScanOp op, Value matrix) {
    MLIRContext *context = op.getContext();
    auto type = cast<RankedTensorType>(matrix.getType());
    if (op.isComplex())
      type = RankedTensorType::get(type.getShape().drop_back(),
                                   type.getElementType());
    if (type.getRank() == 2)
      return selectDims(context, numDims(op), {d, n});
    if (op.getCuSeqlens())
      return packed(variableMap(op, type));
    return variableMap(op, type);
  }

  static AffineMap variableMap(ssm::SelectiveScanOp op, RankedTensorType type) {
    MLIRContext *context = op.getContext();
    bool tokenMajor = op.getLayout() == ssm::Layout::TokenMajor;
    if (type.getRank() == 3)
      return selectDims(context, numDims(op),
                        tokenMajor ? ArrayRef<unsigned>{b, t, n}
                                   : ArrayRef<unsigned>{b, n, t});
    int64_t groups = type.getDimSize(tokenMajor ? 2 : 1);
    int64_t dim = cast<RankedTensorType>(op.getA().getType()).getDimSize(0);
    AffineExpr eb = getAffineDimExpr(b, context),
               et = getAffineDimExpr(t, context),
               en = getAffineDimExpr(n, context),
               group = getAffineDimExpr(d, context).floorDiv(dim / groups);
    return AffineMap::get(numDims(op), 0,
                          tokenMajor ? ArrayRef<AffineExpr>{eb, et, group, en}
                                     : ArrayRef<AffineExpr>{eb, group, en, et},
                          context);
  }

  LogicalResult matchAndRewrite(ssm::SelectiveScanOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    MLIRContext *context = op.getContext();

    AffineMap activation = activationMap(context, numDims(op), op.getLayout(),
                                         /*packed=*/bool(op.getCuSeqlens()));
    // The inputs without n first, at these places among them.
    SmallVector<Value> inputs = {op.getU(), op.getDelta()};
    SmallVector<AffineMap> maps = {activation, activation};
    auto addStepInput = [&](Value value, AffineMap map) -> int {
      if (!value)
        return -1;
      inputs.push_back(value);
      maps.push_back(map);
      return inputs.size() - 1;
    };
    constexpr int atU = 0, atDelta = 1;
    int atZ = addStepInput(op.getZ(), activation);
    AffineMap perChannel = selectDims(context, numDims(op), {d});
    int atD = addStepInput(op.getD(), perChannel);
    int atBias = addStepInput(op.getDeltaBias(), perChannel);
    SmallVector<Type> stepTypes = elementTypes(inputs);

    SmallVector<Value> matrices = {op.getA(), op.getB(), op.getC()};
    for (Value matrix : matrices) {
      inputs.push_back(matrix);
      maps.push_back(matrix == op.getA()
                         ? selectDims(context, numDims(op), {d, n})
                         : matrixMap(op, matrix));
    }
    maps.push_back(activation);
    if (op.isComplex())
      for (AffineMap &map : maps)
        map = withComponents(map);

    SmallVector<Type> results = {op.getOut().getType()};
    if (op.getLastState())
      results.push_back(op.getLastState().getType());
    auto scan = kernel::ScanOp::create(
        builder, results, inputs, op.getInitialState(), op.getCuSeqlens(),
        op.getStateSlots(), builder.getAffineMapArrayAttr(maps),
        op.getReverseAttr(),
        kernel::DecayAttr::get(context, op.isComplex() ? kernel::Decay::CExp2
                                                       : kernel::Decay::Exp2),
        kernel::ScheduleAttr(), ArrayAttr());

    Type f32 = builder.getF32Type();
    // Step values: dt and dt * u.
    SmallVector<Type> stateTypes = {f32, f32};
    unsigned components = op.isComplex() ? 2 : 1;
    for (Type type : elementTypes(matrices))
      stateTypes.append(components, type);
    constexpr int atDt = 0, atDtU = 1, atA = 2, atB = 3, atC = 4;

    buildRegion(builder, scan.getStep(), stepTypes, [&](ValueRange args) {
      Value dt = widen(builder, args[atDelta]);
      if (atBias >= 0)
        dt = add(builder, dt, widen(builder, args[atBias]));
      if (op.getDeltaSoftplus())
        dt = ssm::SoftplusOp::create(builder, dt);
      if (std::optional<ArrayRef<float>> limits = op.getDeltaLimits()) {
        dt = arith::MaximumFOp::create(builder, dt,
                                       constantF32(builder, (*limits)[0]));
        dt = arith::MinimumFOp::create(builder, dt,
                                       constantF32(builder, (*limits)[1]));
      }
      return SmallVector<Value>{dt,
                                mul(builder, dt, widen(builder, args[atU]))};
    });
    buildRegion(
        builder, scan.getTransition(), stateTypes, [&](ValueRange args) {
          if (op.isComplex())
            return complexTransition(builder, args);
          // exp(dt * A) = exp2(dt * (A * log2(e))), whose second factor does
          // not depend on time.
          Value slope = mul(builder, args[atA],
                            constantF32(builder, 1.44269504088896340736f));
          Value logDecay = arith::MulFOp::create(builder, args[atDt], slope);
          Value input = mul(builder, args[atDtU], widen(builder, args[atB]));
          return SmallVector<Value>{logDecay, input};
        });
    SmallVector<Type> readoutTypes(components, f32);
    llvm::append_range(readoutTypes, stateTypes);
    buildRegion(builder, scan.getReadout(), readoutTypes, [&](ValueRange args) {
      if (op.isComplex())
        return complexReadout(builder, args[0], args[1], args.drop_front(2));
      return SmallVector<Value>{
          mul(builder, args[0], widen(builder, args[1 + atC]))};
    });
    SmallVector<Type> epilogueTypes = {f32, f32, f32};
    llvm::append_range(epilogueTypes, stepTypes);
    buildRegion(
        builder, scan.getEpilogue(), epilogueTypes, [&](ValueRange args) {
          ValueRange step = args.drop_front(3);
          Value y = args[0];
          if (op.isComplex())
            y = mul(builder, y, constantF32(builder, 2.0f));
          if (atD >= 0)
            y = add(builder,
                    mul(builder, widen(builder, step[atD]),
                        widen(builder, step[atU])),
                    y);
          if (atZ >= 0)
            y = mul(builder, y,
                    ssm::SiLUOp::create(builder, widen(builder, step[atZ])));
          return SmallVector<Value>{
              narrow(builder, y, getElementTypeOrSelf(op.getOut().getType()))};
        });
    rewriter.replaceOp(op, scan);
    return success();
  }
};

} // namespace

void ssmc::populateScanToKernelPatterns(RewritePatternSet &patterns) {
  patterns.add<SelectiveScanPattern>(patterns.getContext());
}
