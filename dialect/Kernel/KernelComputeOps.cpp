//===- KernelComputeOps.cpp - Verifiers of the compute ops ----------------===//

#include "dialect/Kernel/KernelDialect.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace ssmc::kernel;

//===----------------------------------------------------------------------===//
// What all compute ops share: K1 to K4
//===----------------------------------------------------------------------===//

SmallVector<int64_t> ssmc::kernel::getIterationExtents(KernelOpInterface op) {
  SmallVector<int64_t> extents(op.getNumIterationDims(), ShapedType::kDynamic);
  auto learn = [&](ValueRange values, ArrayRef<AffineMap> maps) {
    for (auto [value, map] : llvm::zip(values, maps)) {
      ArrayRef<int64_t> shape =
          cast<RankedTensorType>(value.getType()).getShape();
      // A state that the verifier is yet to refuse.
      if (shape.size() != map.getNumResults())
        continue;
      for (auto [expr, size] : llvm::zip(map.getResults(), shape))
        if (auto dim = dyn_cast<AffineDimExpr>(expr))
          // The first one that knows: a state comes after the inputs, and its
          // sizes are yet to be compared with theirs.
          if (int64_t &extent = extents[dim.getPosition()];
              ShapedType::isDynamic(extent))
            extent = size;
    }
  };
  learn(op->getOperands(), op.getOperandMaps());
  learn(op->getResults(), op.getResultMaps());
  return extents;
}

/// The parameters that a family knows, with their bounds.
struct ScheduleParameter {
  Family family;
  StringRef name;
  int64_t min, max;
  bool powerOfTwo;
};
static constexpr int64_t kMaxThreads = 1024;
/// Far beyond any model; the code of a kernel grows with both.
static constexpr int64_t kMaxWidth = 64;
static constexpr int64_t kMaxStates = 65536;
static const ScheduleParameter kScheduleParameters[] = {
    {Family::Elementwise, "threads", 32, kMaxThreads, true},
    {Family::Sequential, "threads", 32, kMaxThreads, true},
    {Family::Sequential, "lanes", 1, 32, true},
    {Family::Sequential, "steps", 0, 4096, false},
    {Family::Rows, "threads", 32, kMaxThreads, true},
    {Family::Rows, "columns", 1, 32, true},
};

/// (K3)
static LogicalResult verifySchedule(KernelOpInterface op) {
  ScheduleAttr schedule = op.getScheduleAttr();
  if (!schedule)
    return success();
  if (!llvm::is_contained(op.getFamilies(), schedule.getFamily()))
    return op->emitOpError("cannot be scheduled by the family '")
           << stringifyFamily(schedule.getFamily()) << "'";
  if (!schedule.getParams())
    return success();
  for (NamedAttribute param : schedule.getParams()) {
    auto known = llvm::find_if(kScheduleParameters, [&](const auto &entry) {
      return entry.family == schedule.getFamily() &&
             entry.name == param.getName();
    });
    if (known == std::end(kScheduleParameters))
      return op->emitOpError("expects parameters of the family '")
             << stringifyFamily(schedule.getFamily()) << "', got "
             << param.getName();
    auto value = dyn_cast<IntegerAttr>(param.getValue());
    if (!value || value.getInt() < known->min || value.getInt() > known->max ||
        (known->powerOfTwo && !llvm::isPowerOf2_64(value.getInt())))
      return op->emitOpError("expects ")
             << param.getName() << " to be "
             << (known->powerOfTwo ? "a power of two" : "an integer")
             << " from " << known->min << " to " << known->max << ", got "
             << param.getValue();
  }
  return success();
}

/// (K1) and (K2). `values` are the inputs and results that have maps.
static LogicalResult verifyMaps(KernelOpInterface op, ArrayAttr maps,
                                ValueRange values) {
  if (maps.size() != values.size())
    return op->emitOpError("expects a map for each input and result, ")
           << values.size() << ", got " << maps.size();
  unsigned numDims = op.getNumIterationDims();
  SmallVector<int64_t> extents(numDims, ShapedType::kDynamic);
  for (auto [attr, value] : llvm::zip(maps, values)) {
    AffineMap map = cast<AffineMapAttr>(attr).getValue();
    auto type = cast<RankedTensorType>(value.getType());
    if (map.getNumDims() != numDims || map.getNumSymbols() != 0 ||
        map.getNumResults() != type.getRank())
      return op->emitOpError("expects a map from ")
             << numDims << " dimensions to the " << type.getRank() << " of "
             << type << ", got " << attr;
    for (auto [expr, size] : llvm::zip(map.getResults(), type.getShape())) {
      auto dim = dyn_cast<AffineDimExpr>(expr);
      if (!dim && ShapedType::isDynamic(size))
        return op->emitOpError("expects a static size of ")
               << type << " where " << attr
               << " has no plain dimension, which would say it";
      if (!dim || ShapedType::isDynamic(size))
        continue;
      int64_t &extent = extents[dim.getPosition()];
      if (!ShapedType::isDynamic(extent) && extent != size)
        return op->emitOpError("expects iteration dimension ")
               << dim.getPosition() << " to have extent " << extent << ", got "
               << size << " from " << type;
      extent = size;
    }
  }
  return success();
}

/// (K4)
static LogicalResult verifyRegion(Operation *op, StringRef name, Region &region,
                                  TypeRange arguments, TypeRange yields) {
  Block &block = region.front();
  if (block.getArgumentTypes() != arguments)
    return op->emitOpError("expects region '")
           << name << "' to take (" << arguments << "), got ("
           << block.getArgumentTypes() << ")";
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (!yield || yield.getOperandTypes() != yields)
    return op->emitOpError("expects region '")
           << name << "' to yield (" << yields << "), got ("
           << block.getTerminator()->getOperandTypes() << ")";
  return success();
}

static SmallVector<Type> elementTypes(ValueRange values) {
  return llvm::map_to_vector(values, [](Value value) {
    return getElementTypeOrSelf(value.getType());
  });
}

static SmallVector<Type> concat(ArrayRef<Type> a, ArrayRef<Type> b) {
  SmallVector<Type> types(a);
  types.append(b.begin(), b.end());
  return types;
}

static SmallVector<AffineMap> mapValues(ArrayAttr maps) {
  return llvm::to_vector(maps.getAsValueRange<AffineMapAttr>());
}

static AffineMap dimsMap(MLIRContext *context, unsigned numDims,
                         ArrayRef<unsigned> dims) {
  return AffineMap::getMultiDimMapWithTargets(numDims, dims, context);
}

static LogicalResult verifyMapIs(Operation *op, StringRef what, AffineMap map,
                                 AffineMap expected) {
  if (map != expected)
    return op->emitOpError("expects ")
           << what << "'s map to be " << AffineMapAttr::get(expected)
           << ", got " << AffineMapAttr::get(map);
  return success();
}

static SmallVector<Value> inputsAndResults(ValueRange inputs,
                                           ValueRange results) {
  SmallVector<Value> values(inputs);
  values.append(results.begin(), results.end());
  return values;
}

/// (C1) of several ops: there are the dimensions that the op names.
static LogicalResult verifyHasDims(KernelOpInterface op, unsigned least) {
  if (op.getNumIterationDims() < least)
    return op->emitOpError("expects at least ")
           << least << " iteration dimensions, got "
           << op.getNumIterationDims();
  return success();
}

/// (C1) of several ops: these iteration dimensions are static.
static LogicalResult verifyStaticDims(KernelOpInterface op,
                                      ArrayRef<unsigned> dims) {
  SmallVector<int64_t> extents = getIterationExtents(op);
  for (unsigned dim : dims)
    if (ShapedType::isDynamic(extents[dim]))
      return op->emitOpError("expects iteration dimension ")
             << dim << " to be static";
  return success();
}

/// (C1) of scans and windows: the emitters write out what happens along this
/// static dimension.
static LogicalResult verifyExtent(KernelOpInterface op, unsigned dim,
                                  int64_t min, int64_t max) {
  int64_t extent = getIterationExtents(op)[dim];
  if (extent < min || extent > max)
    return op->emitOpError("expects iteration dimension ")
           << dim << " to have an extent from " << min << " to " << max
           << ", got " << extent;
  return success();
}

/// States of scans and windows have a map of their own: (b, middle, last).
static LogicalResult verifyState(Operation *op, StringRef name, Value state,
                                 int64_t batch, int64_t middle, int64_t last,
                                 Type elementType) {
  if (!state)
    return success();
  auto type = cast<RankedTensorType>(state.getType());
  if (type.getRank() == 3 &&
      succeeded(
          verifyCompatibleShape(type.getShape(), {batch, middle, last})) &&
      type.getDimSize(1) == middle && type.getDimSize(2) == last &&
      type.getElementType() == elementType)
    return success();
  InFlightDiagnostic diagnostic = op->emitOpError("expects ")
                                  << name << " of shape (b";
  if (!ShapedType::isDynamic(batch))
    diagnostic << " = " << batch;
  return diagnostic << ", " << middle << ", " << last << ") of " << elementType
                    << ", got " << type;
}

//===----------------------------------------------------------------------===//
// map
//===----------------------------------------------------------------------===//

unsigned MapOp::getNumIterationDims() {
  return cast<AffineMapAttr>(getMaps()[getMaps().size() - 1])
      .getValue()
      .getNumDims();
}
SmallVector<AffineMap> MapOp::getOperandMaps() {
  SmallVector<AffineMap> maps = mapValues(getMaps());
  maps.truncate(getInputs().size());
  return maps;
}
SmallVector<AffineMap> MapOp::getResultMaps() {
  return SmallVector<AffineMap>(
      ArrayRef(mapValues(getMaps())).drop_front(getInputs().size()));
}
bool MapOp::canShareBuffer(unsigned operand, unsigned result) {
  // Each element is read by the thread that writes it.
  return getOperandMaps()[operand] == getResultMaps()[result];
}
ArrayRef<Family> MapOp::getFamilies() {
  static const Family families[] = {Family::Elementwise};
  return families;
}

LogicalResult MapOp::verify() {
  if (getOutputs().empty() || getMaps().empty())
    return emitOpError("expects a result and its map");
  if (failed(verifyMaps(*this, getMaps(),
                        inputsAndResults(getInputs(), getOutputs()))) ||
      failed(verifySchedule(*this)) ||
      failed(verifyRegion(*this, "body", getBody(), elementTypes(getInputs()),
                          elementTypes(getOutputs()))))
    return failure();
  // (C1)
  for (AffineMap map : getResultMaps())
    if (!map.isPermutation())
      return emitOpError("expects each result's map to be a permutation, got ")
             << AffineMapAttr::get(map);
  return success();
}

//===----------------------------------------------------------------------===//
// gather
//===----------------------------------------------------------------------===//

unsigned GatherOp::getNumIterationDims() {
  return cast<RankedTensorType>(getOutput().getType()).getRank();
}
SmallVector<AffineMap> GatherOp::getOperandMaps() {
  SmallVector<AffineMap> maps = mapValues(getMaps());
  maps.truncate(2);
  return maps;
}
SmallVector<AffineMap> GatherOp::getResultMaps() {
  return {mapValues(getMaps()).back()};
}
bool GatherOp::canShareBuffer(unsigned, unsigned) { return false; }
ArrayRef<Family> GatherOp::getFamilies() { return MapOp::getFamilies(); }

LogicalResult GatherOp::verify() {
  if (failed(verifyHasDims(*this, 1)) ||
      failed(
          verifyMaps(*this, getMaps(),
                     inputsAndResults({getIds(), getTable()}, getOutput()))) ||
      failed(verifySchedule(*this)) ||
      failed(verifyRegion(*this, "body", getBody(), elementTypes(getTable()),
                          elementTypes(getOutput()))))
    return failure();
  // (C1)
  unsigned numDims = getNumIterationDims();
  auto column = getAffineDimExpr(numDims - 1, getContext());
  auto table = AffineMap::get(numDims, 0,
                              {getAffineConstantExpr(0, getContext()), column},
                              getContext());
  if (failed(verifyMapIs(*this, "table", getOperandMaps()[1], table)))
    return failure();
  return verifyMapIs(*this, "result", getResultMaps()[0],
                     AffineMap::getMultiDimIdentityMap(numDims, getContext()));
}

//===----------------------------------------------------------------------===//
// row_reduce
//===----------------------------------------------------------------------===//

unsigned RowReduceOp::getNumIterationDims() {
  return cast<AffineMapAttr>(getMaps()[getMaps().size() - 1])
      .getValue()
      .getNumDims();
}
SmallVector<AffineMap> RowReduceOp::getOperandMaps() {
  SmallVector<AffineMap> maps = mapValues(getMaps());
  maps.truncate(getInputs().size());
  return maps;
}
SmallVector<AffineMap> RowReduceOp::getResultMaps() {
  return SmallVector<AffineMap>(
      ArrayRef(mapValues(getMaps())).drop_front(getInputs().size()));
}
bool RowReduceOp::canShareBuffer(unsigned operand, unsigned result) {
  // A thread reads its elements of a row again before it writes each of them.
  return getOperandMaps()[operand] == getResultMaps()[result];
}
ArrayRef<Family> RowReduceOp::getFamilies() {
  static const Family families[] = {Family::Rows};
  return families;
}

LogicalResult RowReduceOp::verify() {
  if (getOutputs().empty() || getMaps().empty())
    return emitOpError("expects a result and its map");
  if (failed(verifyHasDims(*this, 1)) ||
      failed(verifyMaps(*this, getMaps(),
                        inputsAndResults(getInputs(), getOutputs()))) ||
      failed(verifySchedule(*this)))
    return failure();
  auto f32 = Float32Type::get(getContext());
  unsigned numTerms = getReduce().front().getTerminator()->getNumOperands();
  if (numTerms == 0)
    return emitOpError("expects region 'reduce' to yield a term");
  SmallVector<Type> terms(numTerms, f32);
  if (failed(verifyRegion(*this, "reduce", getReduce(),
                          elementTypes(getInputs()), terms)) ||
      failed(verifyRegion(*this, "epilogue", getEpilogue(),
                          concat(terms, elementTypes(getInputs())),
                          elementTypes(getOutputs()))))
    return failure();
  // (C1)
  for (AffineMap map : getResultMaps())
    if (failed(verifyMapIs(*this, "result", map,
                           AffineMap::getMultiDimIdentityMap(
                               getNumIterationDims(), getContext()))))
      return failure();
  return verifyStaticDims(*this, {getNumIterationDims() - 1});
}

//===----------------------------------------------------------------------===//
// matmul
//===----------------------------------------------------------------------===//

unsigned MatmulOp::getNumIterationDims() {
  return cast<RankedTensorType>(getOutput().getType()).getRank() + 1;
}
SmallVector<AffineMap> MatmulOp::getOperandMaps() {
  SmallVector<AffineMap> maps = mapValues(getMaps());
  maps.truncate(getInputs().size());
  return maps;
}
SmallVector<AffineMap> MatmulOp::getResultMaps() {
  return {mapValues(getMaps()).back()};
}
bool MatmulOp::canShareBuffer(unsigned, unsigned) { return false; }
ArrayRef<Family> MatmulOp::getFamilies() {
  static const Family families[] = {Family::Rows, Family::Tiled};
  return families;
}

LogicalResult MatmulOp::verify() {
  if (getInputs().size() < 2)
    return emitOpError("expects x and a weight");
  if (failed(verifyHasDims(*this, 2)) ||
      failed(verifyMaps(*this, getMaps(),
                        inputsAndResults(getInputs(), getOutput()))) ||
      failed(verifySchedule(*this)))
    return failure();
  auto f32 = Float32Type::get(getContext());
  SmallVector<Type> inputs = elementTypes(getInputs());
  ArrayRef<Type> extras = ArrayRef(inputs).drop_front(2);
  if (failed(verifyRegion(*this, "contract", getContract(),
                          ArrayRef(inputs).take_front(2),
                          SmallVector<Type>{f32, f32})) ||
      failed(verifyRegion(*this, "epilogue", getEpilogue(),
                          concat({f32}, extras), elementTypes(getOutput()))))
    return failure();
  // (C1)
  unsigned numDims = getNumIterationDims(), k = numDims - 1, n = numDims - 2;
  SmallVector<unsigned> rows =
      llvm::to_vector(llvm::seq<unsigned>(0, numDims - 2));
  SmallVector<unsigned> x(rows), result(rows);
  x.push_back(k);
  result.push_back(n);
  SmallVector<AffineMap> maps = getOperandMaps();
  if (failed(verifyMapIs(*this, "x", maps[0],
                         dimsMap(getContext(), numDims, x))) ||
      failed(verifyMapIs(*this, "weight", maps[1],
                         dimsMap(getContext(), numDims, {n, k}))) ||
      failed(verifyMapIs(*this, "result", getResultMaps()[0],
                         dimsMap(getContext(), numDims, result))))
    return failure();
  return verifyStaticDims(*this, {n, k});
}

//===----------------------------------------------------------------------===//
// window
//===----------------------------------------------------------------------===//

/// (b, w-1, d): the middle dimension is width-1, no iteration dimension.
static AffineMap windowStateMap(MLIRContext *context) {
  AffineExpr b = getAffineDimExpr(0, context), d = getAffineDimExpr(2, context),
             w = getAffineDimExpr(3, context);
  return AffineMap::get(4, 0, {b, w - 1, d}, context);
}

unsigned WindowOp::getNumIterationDims() { return 4; }
SmallVector<AffineMap> WindowOp::getOperandMaps() {
  SmallVector<AffineMap> maps = mapValues(getMaps());
  maps.truncate(getInputs().size());
  if (getInitialState())
    maps.push_back(windowStateMap(getContext()));
  return maps;
}
SmallVector<AffineMap> WindowOp::getResultMaps() {
  SmallVector<AffineMap> maps = {
      cast<AffineMapAttr>(getMaps()[getMaps().size() - 1]).getValue()};
  if (getFinalState())
    maps.push_back(windowStateMap(getContext()));
  return maps;
}
bool WindowOp::canShareBuffer(unsigned operand, unsigned result) {
  // Only where one thread walks a channel's whole sequence.
  return operand == getInputs().size() && result == 1 && getScheduleAttr() &&
         getScheduleAttr().get("steps", 0) == 0;
}
ArrayRef<Family> WindowOp::getFamilies() {
  static const Family families[] = {Family::Sequential};
  return families;
}

LogicalResult WindowOp::verify() {
  if (getInputs().size() < 2)
    return emitOpError("expects x and a weight");
  if (failed(verifyMaps(*this, getMaps(),
                        inputsAndResults(getInputs(), getOutput()))) ||
      failed(verifySchedule(*this)))
    return failure();
  auto f32 = Float32Type::get(getContext());
  SmallVector<Type> inputs = elementTypes(getInputs());
  if (failed(verifyRegion(*this, "reduce", getReduce(),
                          ArrayRef(inputs).take_front(2),
                          SmallVector<Type>{f32})) ||
      failed(verifyRegion(*this, "epilogue", getEpilogue(),
                          concat({f32}, ArrayRef(inputs).drop_front(2)),
                          elementTypes(getOutput()))))
    return failure();
  // (C1)
  SmallVector<AffineMap> maps = mapValues(getMaps());
  if (failed(verifyMapIs(*this, "x", maps[0],
                         dimsMap(getContext(), 4, {0, 1, 2}))) ||
      failed(verifyMapIs(*this, "weight", maps[1],
                         dimsMap(getContext(), 4, {2, 3}))) ||
      failed(verifyMapIs(*this, "result", maps.back(),
                         dimsMap(getContext(), 4, {0, 1, 2}))) ||
      failed(verifyStaticDims(*this, {2, 3})) ||
      failed(verifyExtent(*this, 3, 2, kMaxWidth)))
    return failure();
  // (C2)
  SmallVector<int64_t> extents = getIterationExtents(*this);
  if (failed(verifyState(*this, "initial_state", getInitialState(), extents[0],
                         extents[3] - 1, extents[2], inputs[0])))
    return failure();
  return verifyState(*this, "final_state", getFinalState(), extents[0],
                     extents[3] - 1, extents[2], inputs[0]);
}

//===----------------------------------------------------------------------===//
// scan
//===----------------------------------------------------------------------===//

unsigned ScanOp::getNumIterationDims() { return 4; }
SmallVector<AffineMap> ScanOp::getOperandMaps() {
  SmallVector<AffineMap> maps = mapValues(getMaps());
  maps.truncate(getInputs().size());
  if (getInitialState())
    maps.push_back(dimsMap(getContext(), 4, {0, 2, 3}));
  return maps;
}
SmallVector<AffineMap> ScanOp::getResultMaps() {
  SmallVector<AffineMap> maps = {
      cast<AffineMapAttr>(getMaps()[getMaps().size() - 1]).getValue()};
  if (getLastState())
    maps.push_back(dimsMap(getContext(), 4, {0, 2, 3}));
  return maps;
}
bool ScanOp::canShareBuffer(unsigned operand, unsigned result) {
  // The thread that reads a state at the start writes it at the end.
  return operand == getInputs().size() && result == 1;
}
ArrayRef<Family> ScanOp::getFamilies() { return WindowOp::getFamilies(); }

bool ScanOp::inputUsesState(unsigned i) {
  return cast<AffineMapAttr>(getMaps()[i]).getValue().isFunctionOfDim(3);
}
SmallVector<unsigned> ScanOp::getStepInputs() {
  return llvm::filter_to_vector(llvm::seq<unsigned>(0, getInputs().size()),
                                [&](unsigned i) { return !inputUsesState(i); });
}
SmallVector<unsigned> ScanOp::getStateInputs() {
  return llvm::filter_to_vector(llvm::seq<unsigned>(0, getInputs().size()),
                                [&](unsigned i) { return inputUsesState(i); });
}

LogicalResult ScanOp::verify() {
  if (failed(verifyMaps(*this, getMaps(),
                        inputsAndResults(getInputs(), getOutput()))) ||
      failed(verifySchedule(*this)))
    return failure();
  // (K4)
  auto f32 = Float32Type::get(getContext());
  SmallVector<Type> stepInputs, stateInputs;
  for (auto [i, type] : llvm::enumerate(elementTypes(getInputs())))
    (inputUsesState(i) ? stateInputs : stepInputs).push_back(type);
  SmallVector<Type> stepValues(
      getStep().front().getTerminator()->getNumOperands(), f32);
  SmallVector<Type> stateArguments = concat(stepValues, stateInputs);
  if (failed(verifyRegion(*this, "step", getStep(), stepInputs, stepValues)) ||
      failed(verifyRegion(*this, "transition", getTransition(), stateArguments,
                          SmallVector<Type>{f32, f32})) ||
      failed(verifyRegion(*this, "readout", getReadout(),
                          concat({f32}, stateArguments),
                          SmallVector<Type>{f32})) ||
      failed(verifyRegion(*this, "epilogue", getEpilogue(),
                          concat({f32}, concat(stepValues, stepInputs)),
                          elementTypes(getOutput()))))
    return failure();
  // (C1)
  AffineMap result = getResultMaps()[0];
  if (!result.isProjectedPermutation() || result.getNumResults() != 3 ||
      result.isFunctionOfDim(3))
    return emitOpError("expects the output's map to permute (b, t, d), got ")
           << AffineMapAttr::get(result);
  if (failed(verifyStaticDims(*this, {2, 3})) ||
      failed(verifyExtent(*this, 3, 1, kMaxStates)))
    return failure();
  // (C2)
  SmallVector<int64_t> extents = getIterationExtents(*this);
  if (failed(verifyState(*this, "initial_state", getInitialState(), extents[0],
                         extents[2], extents[3], f32)))
    return failure();
  return verifyState(*this, "last_state", getLastState(), extents[0],
                     extents[2], extents[3], f32);
}
