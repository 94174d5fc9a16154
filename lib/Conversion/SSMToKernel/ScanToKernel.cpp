//===- ScanToKernel.cpp - ssm.selective_scan to kernels -------------------===//
//
// A real scan becomes a kernel for each line of its description: dt, the decay
// exp(dt * A), the input dt * u * B, the recurrence with its readout, the D
// skip, the gate. What of that ends up in one kernel is for a fusion strategy
// to say. A complex scan is one kernel from the start.
//
//===----------------------------------------------------------------------===//

#include "Patterns.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Remarks.h"

using namespace mlir;
using namespace ssmc;

namespace {

/// The iteration dimensions of kernel.scan; c where it is complex, and with
/// slots one more, the rows of the pool. Those of the maps before and after it
/// are (b, t, d) and (b, t, d, n).
enum Dim : unsigned { b, t, d, n, c };
constexpr unsigned kStepDims = 3, kStateDims = 4;

/// Inputs of a kernel with their maps.
struct Inputs {
  SmallVector<Value> values;
  SmallVector<AffineMap> maps;

  /// The place of the new input, -1 for one that is not there.
  int add(Value value, AffineMap map) {
    if (!value)
      return -1;
    values.push_back(value);
    maps.push_back(map);
    return values.size() - 1;
  }
};

/// Where a scan's inputs without n are among them.
struct StepPlaces {
  int u = -1, delta = -1, z = -1, D = -1, bias = -1;
};

class ScanConversion {
public:
  ScanConversion(ImplicitLocOpBuilder &builder, ssm::SelectiveScanOp op)
      : builder(builder), op(op), context(op.getContext()),
        out(cast<RankedTensorType>(op.getOut().getType())),
        scanDims(4 + (op.isComplex() ? 1 : 0) + (op.getStateSlots() ? 1 : 0)) {}

  /// The values in place of op's results.
  SmallVector<Value> convert();

private:
  using Body = llvm::function_ref<Value(ValueRange)>;

  SmallVector<Value> convertComplex();
  Value createDt();
  Value createDecay(Value dt);
  Value createInput(Value dt);
  Value createMap(StringRef name, const Inputs &inputs, AffineMap map,
                  RankedTensorType type, Body body);
  kernel::ScanOp createScan(Inputs &inputs, kernel::Decay decay,
                            RankedTensorType type);
  void buildEpilogue(kernel::ScanOp scan, const StepPlaces &at,
                     ArrayRef<Type> stepTypes, unsigned numStepValues);

  Value dtOf(Value delta, Value bias);
  Value skip(Value y, Value D, Value u);
  Value gate(Value y, Value z);

  AffineMap activation(unsigned numDims, bool packed = false);
  AffineMap matrixMap(Value matrix, unsigned numDims);
  AffineMap packIfPacked(AffineMap map);
  RankedTensorType wide(RankedTensorType type);
  RankedTensorType perState();
  void remark(StringRef message);

  ImplicitLocOpBuilder &builder;
  ssm::SelectiveScanOp op;
  MLIRContext *context;
  RankedTensorType out;
  unsigned scanDims;
};

} // namespace

//===----------------------------------------------------------------------===//
// Maps and types
//===----------------------------------------------------------------------===//

AffineMap ScanConversion::activation(unsigned numDims, bool packed) {
  return activationMap(context, numDims, op.getLayout(), packed);
}

/// Packed sequences share the one batch row that there is.
AffineMap ScanConversion::packIfPacked(AffineMap map) {
  if (!op.getCuSeqlens())
    return map;
  return map.replace(getAffineDimExpr(b, context),
                     getAffineConstantExpr(0, context), map.getNumDims(), 0);
}

/// The map of a variable B or C, which has groups where its rank is 4.
static AffineMap variableMap(ssm::SelectiveScanOp op, ArrayRef<int64_t> shape,
                             unsigned numDims) {
  MLIRContext *context = op.getContext();
  bool tokenMajor = op.getLayout() == ssm::Layout::TokenMajor;
  if (shape.size() == 3)
    return selectDims(context, numDims,
                      tokenMajor ? ArrayRef<unsigned>{b, t, n}
                                 : ArrayRef<unsigned>{b, n, t});
  int64_t groups = shape[tokenMajor ? 2 : 1];
  int64_t dim = cast<RankedTensorType>(op.getA().getType()).getDimSize(0);
  AffineExpr eb = getAffineDimExpr(b, context),
             et = getAffineDimExpr(t, context),
             en = getAffineDimExpr(n, context),
             group = getAffineDimExpr(d, context).floorDiv(dim / groups);
  return AffineMap::get(numDims, 0,
                        tokenMajor ? ArrayRef<AffineExpr>{eb, et, group, en}
                                   : ArrayRef<AffineExpr>{eb, group, en, et},
                        context);
}

/// The map of A, B or C: constant, variable or variable in groups; of a complex
/// one, but for its components.
AffineMap ScanConversion::matrixMap(Value matrix, unsigned numDims) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(matrix.getType()).getShape();
  if (op.isComplex())
    shape = shape.drop_back();
  if (shape.size() == 2)
    return selectDims(context, numDims, {d, n});
  return variableMap(op, shape, numDims);
}

RankedTensorType ScanConversion::wide(RankedTensorType type) {
  return RankedTensorType::get(type.getShape(), builder.getF32Type());
}

/// What has an f32 for each (b, t, d, n).
RankedTensorType ScanConversion::perState() {
  auto u = cast<RankedTensorType>(op.getU().getType());
  auto A = cast<RankedTensorType>(op.getA().getType());
  bool tokenMajor = op.getLayout() == ssm::Layout::TokenMajor;
  return RankedTensorType::get({u.getDimSize(0),
                                u.getDimSize(tokenMajor ? 1 : 2),
                                A.getDimSize(0), A.getDimSize(1)},
                               builder.getF32Type());
}

void ScanConversion::remark(StringRef message) {
  remark::missed(op.getLoc(),
                 remark::RemarkOpts::name("Convert").category("kernel-fuse"))
      << message.str();
}

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

/// The f32 step size; `bias` may be null.
Value ScanConversion::dtOf(Value delta, Value bias) {
  Value dt = widen(builder, delta);
  if (bias)
    dt = add(builder, dt, widen(builder, bias));
  if (op.getDeltaSoftplus())
    dt = ssm::SoftplusOp::create(builder, dt);
  if (std::optional<ArrayRef<float>> limits = op.getDeltaLimits()) {
    dt = arith::MaximumFOp::create(builder, dt,
                                   constantF32(builder, (*limits)[0]));
    dt = arith::MinimumFOp::create(builder, dt,
                                   constantF32(builder, (*limits)[1]));
  }
  return dt;
}

Value ScanConversion::skip(Value y, Value D, Value u) {
  return add(builder, mul(builder, widen(builder, D), widen(builder, u)), y);
}

Value ScanConversion::gate(Value y, Value z) {
  return mul(builder, y, ssm::SiLUOp::create(builder, widen(builder, z)));
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

/// `name` is what remarks call the kernel.
Value ScanConversion::createMap(StringRef name, const Inputs &inputs,
                                AffineMap resultMap, RankedTensorType type,
                                Body body) {
  builder.setLoc(NameLoc::get(builder.getStringAttr(name), op.getLoc()));
  SmallVector<AffineMap> maps = inputs.maps;
  maps.push_back(resultMap);
  auto map = kernel::MapOp::create(builder, TypeRange{type}, inputs.values,
                                   builder.getAffineMapArrayAttr(maps),
                                   kernel::ScheduleAttr(), ArrayAttr());
  buildRegion(builder, map.getBody(), elementTypes(inputs.values),
              [&](ValueRange args) {
                return SmallVector<Value>{
                    narrow(builder, body(args), type.getElementType())};
              });
  builder.setLoc(op.getLoc());
  return map.getOutputs()[0];
}

/// The step size for each (b, t, d).
Value ScanConversion::createDt() {
  if (!op.getDeltaBias() && !op.getDeltaSoftplus() && !op.getDeltaLimits())
    return op.getDelta();
  Inputs inputs;
  inputs.add(op.getDelta(), activation(kStepDims));
  inputs.add(op.getDeltaBias(), selectDims(context, kStepDims, {d}));
  return createMap("dt", inputs, activation(kStepDims),
                   wide(cast<RankedTensorType>(op.getDelta().getType())),
                   [&](ValueRange args) {
                     return dtOf(args[0],
                                 op.getDeltaBias() ? args[1] : Value());
                   });
}

Value ScanConversion::createDecay(Value dt) {
  Inputs inputs;
  inputs.add(dt, activation(kStateDims));
  inputs.add(op.getA(), matrixMap(op.getA(), kStateDims));
  return createMap(
      "decay", inputs, AffineMap::getMultiDimIdentityMap(kStateDims, context),
      perState(), [&](ValueRange args) -> Value {
        // exp(dt * A) = exp2(dt * (A * log2(e))), whose second factor does not
        // depend on time.
        Value slope = mul(builder, args[1],
                          constantF32(builder, 1.44269504088896340736f));
        return math::Exp2Op::create(
            builder,
            arith::MulFOp::create(builder, widen(builder, args[0]), slope));
      });
}

Value ScanConversion::createInput(Value dt) {
  Inputs inputs;
  inputs.add(dt, activation(kStateDims));
  inputs.add(op.getU(), activation(kStateDims));
  inputs.add(op.getB(), matrixMap(op.getB(), kStateDims));
  return createMap("input", inputs,
                   AffineMap::getMultiDimIdentityMap(kStateDims, context),
                   perState(), [&](ValueRange args) {
                     Value dtU = mul(builder, widen(builder, args[0]),
                                     widen(builder, args[1]));
                     return mul(builder, dtU, widen(builder, args[2]));
                   });
}

/// The kernel but for its regions.
kernel::ScanOp ScanConversion::createScan(Inputs &inputs, kernel::Decay decay,
                                          RankedTensorType type) {
  inputs.maps.push_back(activation(scanDims));
  for (AffineMap &map : inputs.maps)
    map = packIfPacked(map);
  SmallVector<Type> results = {type};
  if (op.getLastState())
    results.push_back(op.getLastState().getType());
  return kernel::ScanOp::create(
      builder, results, inputs.values, op.getInitialState(), op.getCuSeqlens(),
      op.getStateSlots(), builder.getAffineMapArrayAttr(inputs.maps),
      /*shifts=*/DenseI64ArrayAttr(), op.getReverseAttr(),
      kernel::DecayAttr::get(context, decay), kernel::ScheduleAttr(),
      ArrayAttr());
}

/// The D skip and the gate, as far as they are inputs, rounded once.
void ScanConversion::buildEpilogue(kernel::ScanOp scan, const StepPlaces &at,
                                   ArrayRef<Type> stepTypes,
                                   unsigned numStepValues) {
  SmallVector<Type> types(1 + numStepValues, builder.getF32Type());
  llvm::append_range(types, stepTypes);
  buildRegion(builder, scan.getEpilogue(), types, [&](ValueRange args) {
    ValueRange step = args.drop_front(1 + numStepValues);
    Value y = args[0];
    if (op.isComplex())
      y = mul(builder, y, constantF32(builder, 2.0f));
    if (at.D >= 0)
      y = skip(y, step[at.D], step[at.u]);
    if (at.z >= 0)
      y = gate(y, step[at.z]);
    return SmallVector<Value>{
        narrow(builder, y, getElementTypeOrSelf(scan.getOutput().getType()))};
  });
}

SmallVector<Value> ScanConversion::convertComplex() {
  remark("a complex scan stays one kernel: its decay and its input are pairs, "
         "and a kernel.map computes one number at an index");
  Inputs inputs;
  AffineMap perChannel = selectDims(context, scanDims, {d});
  StepPlaces at;
  at.u = inputs.add(op.getU(), activation(scanDims));
  at.delta = inputs.add(op.getDelta(), activation(scanDims));
  at.z = inputs.add(op.getZ(), activation(scanDims));
  at.D = inputs.add(op.getD(), perChannel);
  at.bias = inputs.add(op.getDeltaBias(), perChannel);
  SmallVector<Type> stepTypes = elementTypes(inputs.values);

  // Step values: dt and dt * u.
  Type f32 = builder.getF32Type();
  SmallVector<Type> stateTypes = {f32, f32};
  for (Value matrix : {op.getA(), op.getB(), op.getC()}) {
    AffineMap map = matrixMap(matrix, scanDims);
    SmallVector<AffineExpr> results(map.getResults());
    results.push_back(getAffineDimExpr(c, context));
    inputs.add(matrix, AffineMap::get(scanDims, 0, results, context));
    stateTypes.append(2, getElementTypeOrSelf(matrix.getType()));
  }
  kernel::ScanOp scan = createScan(inputs, kernel::Decay::CExp2, out);
  buildRegion(builder, scan.getStep(), stepTypes, [&](ValueRange args) {
    Value dt = dtOf(args[at.delta], at.bias >= 0 ? args[at.bias] : Value());
    return SmallVector<Value>{dt, mul(builder, dt, widen(builder, args[at.u]))};
  });
  buildRegion(builder, scan.getTransition(), stateTypes, [&](ValueRange args) {
    return complexTransition(builder, args);
  });
  SmallVector<Type> readoutTypes = {f32, f32};
  llvm::append_range(readoutTypes, stateTypes);
  buildRegion(builder, scan.getReadout(), readoutTypes, [&](ValueRange args) {
    return complexReadout(builder, args[0], args[1], args.drop_front(2));
  });
  buildEpilogue(scan, at, stepTypes, /*numStepValues=*/2);
  return SmallVector<Value>(scan->getResults());
}

SmallVector<Value> ScanConversion::convert() {
  if (op.isComplex())
    return convertComplex();
  Value dt = createDt();
  Value decay = createDecay(dt);
  Value input = createInput(dt);

  // What follows the sum can be kernels of its own unless there may be steps of
  // no sequence, at which its zero must stay zero.
  bool canLeave = !op.getCuSeqlens() && !op.getStateSlots();
  bool hasEpilogue = op.getD() || op.getZ();
  Inputs inputs;
  StepPlaces at;
  if (!canLeave && hasEpilogue) {
    remark("the D skip and the gate stay in the scan, since its result is 0 at "
           "steps of no sequence");
    if (op.getD())
      at.u = inputs.add(op.getU(), activation(scanDims));
    at.z = inputs.add(op.getZ(), activation(scanDims));
    at.D = inputs.add(op.getD(), selectDims(context, scanDims, {d}));
  }
  SmallVector<Type> stepTypes = elementTypes(inputs.values);
  AffineMap each = selectDims(context, scanDims, {b, t, d, n});
  inputs.add(decay, each);
  inputs.add(input, each);
  inputs.add(op.getC(), matrixMap(op.getC(), scanDims));
  kernel::ScanOp scan = createScan(inputs, kernel::Decay::Linear,
                                   canLeave && hasEpilogue ? wide(out) : out);

  buildRegion(builder, scan.getStep(), stepTypes,
              [](ValueRange) { return SmallVector<Value>(); });
  Type f32 = builder.getF32Type(), typeC = getElementTypeOrSelf(op.getC());
  buildRegion(
      builder, scan.getTransition(), {f32, f32, typeC},
      [](ValueRange args) { return SmallVector<Value>{args[0], args[1]}; });
  buildRegion(builder, scan.getReadout(), {f32, f32, f32, typeC},
              [&](ValueRange args) {
                return SmallVector<Value>{
                    mul(builder, args[0], widen(builder, args[3]))};
              });
  buildEpilogue(scan, at, stepTypes, /*numStepValues=*/0);

  SmallVector<Value> results(scan->getResults());
  if (canLeave && op.getD()) {
    Inputs terms;
    terms.add(results[0], activation(kStepDims));
    terms.add(op.getD(), selectDims(context, kStepDims, {d}));
    terms.add(op.getU(), activation(kStepDims));
    results[0] = createMap(
        "D skip", terms, activation(kStepDims), op.getZ() ? wide(out) : out,
        [&](ValueRange args) { return skip(args[0], args[1], args[2]); });
  }
  if (canLeave && op.getZ()) {
    Inputs factors;
    factors.add(results[0], activation(kStepDims));
    factors.add(op.getZ(), activation(kStepDims));
    results[0] =
        createMap("gate", factors, activation(kStepDims), out,
                  [&](ValueRange args) { return gate(args[0], args[1]); });
  }
  return results;
}

namespace {

struct SelectiveScanPattern : OpRewritePattern<ssm::SelectiveScanOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ssm::SelectiveScanOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    rewriter.replaceOp(op, ScanConversion(builder, op).convert());
    return success();
  }
};

} // namespace

void ssmc::populateScanToKernelPatterns(RewritePatternSet &patterns) {
  patterns.add<SelectiveScanPattern>(patterns.getContext());
}
