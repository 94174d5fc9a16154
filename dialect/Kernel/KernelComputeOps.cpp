//===- KernelComputeOps.cpp - Verifiers of the compute ops ----------------===//

#include "ComputeOpVerifiers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace ssmc::kernel;

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

/// The one element type of a state and of what replaces it, null for neither.
static Type stateElementType(Value before, Value after) {
  Value state = before ? before : after;
  return state ? getElementTypeOrSelf(state.getType()) : Type();
}

/// The dimension that counts states: b, or with slots the last one, p.
template <typename SequenceOp>
static unsigned stateCountDim(SequenceOp op) {
  return op.getSlots() ? op.getNumIterationDims() - 1 : 0;
}

/// (b, w-1, d): the middle dimension is width-1, no iteration dimension.
static AffineMap windowStateMap(WindowOp op) {
  MLIRContext *context = op.getContext();
  AffineExpr count = getAffineDimExpr(stateCountDim(op), context),
             d = getAffineDimExpr(2, context), w = getAffineDimExpr(3, context);
  return AffineMap::get(op.getNumIterationDims(), 0, {count, w - 1, d},
                        context);
}

/// The maps of the inputs, the state, the offsets, (b + 1), and the slots, (b),
/// as far as they are there.
template <typename SequenceOp>
static SmallVector<AffineMap> sequenceOperandMaps(SequenceOp op,
                                                  AffineMap state) {
  SmallVector<AffineMap> maps = mapValues(op.getMaps());
  maps.truncate(op.getInputs().size());
  unsigned numDims = op.getNumIterationDims();
  AffineExpr b = getAffineDimExpr(0, op.getContext());
  if (op.getInitialState())
    maps.push_back(state);
  if (op.getOffsets())
    maps.push_back(AffineMap::get(numDims, 0, b + 1));
  if (op.getSlots())
    maps.push_back(AffineMap::get(numDims, 0, b));
  return maps;
}

/// A state that is not in a sequence's slot stays as it is.
template <typename SequenceOp>
static std::optional<unsigned> tiedOperand(SequenceOp op, unsigned result) {
  if (!op.getSlots() || result != 1)
    return std::nullopt;
  return op.getInitialStateOperand();
}

template <typename SequenceOp>
static std::optional<std::pair<IndexRule, unsigned>>
indexRule(SequenceOp op, unsigned operand) {
  if (op.getOffsets() && operand == op.getOffsetsOperand())
    return std::pair(IndexRule::Offsets, 1u);
  if (op.getSlots() && operand == op.getSlotsOperand())
    return std::pair(IndexRule::Slots, stateCountDim(op));
  return std::nullopt;
}

unsigned WindowOp::getNumIterationDims() { return getSlots() ? 5 : 4; }
SmallVector<AffineMap> WindowOp::getOperandMaps() {
  return sequenceOperandMaps(*this, windowStateMap(*this));
}
SmallVector<AffineMap> WindowOp::getResultMaps() {
  SmallVector<AffineMap> maps = {
      cast<AffineMapAttr>(getMaps()[getMaps().size() - 1]).getValue()};
  if (getFinalState())
    maps.push_back(windowStateMap(*this));
  return maps;
}
std::optional<unsigned> WindowOp::getTiedOperand(unsigned result) {
  return tiedOperand(*this, result);
}
std::optional<std::pair<IndexRule, unsigned>>
WindowOp::getIndexRule(unsigned operand) {
  return indexRule(*this, operand);
}
bool WindowOp::canShareBuffer(unsigned operand, unsigned result) {
  // Only where one thread walks a channel's whole sequence.
  return operand == getInputs().size() && result == 1 && getScheduleAttr() &&
         llvm::all_of(getSchedules(), [](ScheduleAttr schedule) {
           return schedule.getFamily() == Family::Sequential &&
                  schedule.get("steps", 0) == 0;
         });
}
ArrayRef<Family> WindowOp::getFamilies() {
  static const Family families[] = {Family::Sequential, Family::Tiled};
  return families;
}

/// (C5)
static LogicalResult verifyWindowSchedule(WindowOp op, ScheduleAttr schedule) {
  if (schedule.getFamily() == Family::Tiled && op.getOffsets())
    return op.emitOpError("expects no offsets with the family 'tiled', whose "
                          "threads have steps that are neighbours in memory; "
                          "use 'sequential'");
  int64_t width =
      schedule.getFamily() == Family::Sequential ? schedule.get("width", 1) : 1;
  int64_t dim = getIterationExtents(op)[2];
  if (dim % width != 0)
    return op.emitOpError("expects width to divide the number of channels, ")
           << dim << ", got " << width;
  return success();
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
  if (failed(verifyActivationMap(*this, "x", maps[0], getOffsets())) ||
      failed(
          verifyMapIs(*this, "weight", maps[1],
                      dimsMap(getContext(), getNumIterationDims(), {2, 3}))) ||
      failed(verifyMapIs(*this, "result", maps.back(), maps[0])) ||
      failed(verifyStaticDims(*this, {2, 3})) ||
      failed(verifyExtent(*this, 3, 2, kMaxWidth)))
    return failure();
  // (C2)
  SmallVector<int64_t> extents = getIterationExtents(*this);
  Type stateType = stateElementType(getInitialState(), getFinalState());
  int64_t count = extents[stateCountDim(*this)];
  if (failed(verifyState(*this, "initial_state", getInitialState(), count,
                         extents[3] - 1, extents[2], stateType)) ||
      failed(verifyState(*this, "final_state", getFinalState(), count,
                         extents[3] - 1, extents[2], stateType)))
    return failure();
  // (C3)
  if (failed(verifyOffsets(*this, getOffsets(), extents[0])))
    return failure();
  // (C4)
  if (failed(verifySlots(*this, getSlots(), getInitialState(), extents[0])))
    return failure();
  // (C5)
  for (ScheduleAttr schedule : getSchedules())
    if (failed(verifyWindowSchedule(*this, schedule)))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// scan
//===----------------------------------------------------------------------===//

/// (b, d, n), with slots (p, d, n), and c where the recurrence is complex.
static AffineMap scanStateMap(ScanOp op) {
  SmallVector<unsigned> dims = {stateCountDim(op), 2, 3};
  if (op.isComplex())
    dims.push_back(4);
  return dimsMap(op.getContext(), op.getNumIterationDims(), dims);
}

unsigned ScanOp::getNumIterationDims() {
  return 4 + (isComplex() ? 1 : 0) + (getSlots() ? 1 : 0);
}
SmallVector<AffineMap> ScanOp::getOperandMaps() {
  return sequenceOperandMaps(*this, scanStateMap(*this));
}
SmallVector<AffineMap> ScanOp::getResultMaps() {
  SmallVector<AffineMap> maps = {
      cast<AffineMapAttr>(getMaps()[getMaps().size() - 1]).getValue()};
  if (getLastState())
    maps.push_back(scanStateMap(*this));
  return maps;
}
std::optional<unsigned> ScanOp::getTiedOperand(unsigned result) {
  return tiedOperand(*this, result);
}
std::optional<std::pair<IndexRule, unsigned>>
ScanOp::getIndexRule(unsigned operand) {
  return indexRule(*this, operand);
}
bool ScanOp::canShareBuffer(unsigned operand, unsigned result) {
  // What writes a state comes after what reads it: the same thread, or warps
  // that a chain of barriers orders.
  return operand == getInputs().size() && result == 1;
}
ArrayRef<Family> ScanOp::getFamilies() {
  static const Family families[] = {Family::Sequential, Family::Tiled,
                                    Family::Split, Family::Chained};
  return families;
}

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

bool ssmc::kernel::hasChainedTiles(ScheduleAttr schedule) {
  if (schedule.getFamily() == Family::Split)
    return schedule.get("segments", 8) * schedule.get("warps", 1) == 1;
  return schedule.getFamily() == Family::Chained;
}

int64_t ssmc::kernel::channelsPerChainedBlock(ScheduleAttr schedule) {
  constexpr int64_t warpSize = 32;
  return schedule.get("threads", 128) / warpSize / schedule.get("warps", 1) *
         (warpSize / schedule.get("lanes", 1) * schedule.get("width", 1));
}

ScheduleAttr ssmc::kernel::halveChannels(ScheduleAttr schedule) {
  Builder b(schedule.getContext());
  NamedAttrList params(schedule.getParams());
  params.set("lanes", b.getI64IntegerAttr(2 * schedule.get("lanes", 1)));
  params.set("steps", b.getI64IntegerAttr(2 * schedule.get("steps", 8)));
  return ScheduleAttr::get(schedule.getContext(), schedule.getFamily(),
                           params.getDictionary(b.getContext()));
}

bool ssmc::kernel::isSharedByChannels(AffineMap map, int64_t channels) {
  constexpr unsigned d = 2;
  return llvm::all_of(map.getResults(), [&](AffineExpr expr) {
    if (!expr.isFunctionOfDim(d))
      return true;
    auto group = dyn_cast<AffineBinaryOpExpr>(expr);
    if (!group || group.getKind() != AffineExprKind::FloorDiv ||
        !isa<AffineDimExpr>(group.getLHS()))
      return false;
    auto size = dyn_cast<AffineConstantExpr>(group.getRHS());
    return size && size.getValue() % channels == 0;
  });
}

/// (C5), but for the shapes of states.
static LogicalResult verifyComponents(ScanOp op) {
  for (unsigned i = 0; i < op.getInputs().size(); ++i)
    if (op.getOperandMaps()[i].isFunctionOfDim(4) != op.inputUsesState(i))
      return op.emitOpError("expects inputs with n, and no others, to use c, "
                            "got the map ")
             << op.getMaps()[i];
  if (failed(verifyStaticDims(op, {4})))
    return failure();
  return verifyExtent(op, 4, 2, 2);
}

/// A block has 16 barriers, of which one is for all its threads, and each warp
/// of a ring has one.
static constexpr int64_t kMaxRingThreads = 15 * 32;

/// (C6)
static LogicalResult verifyTiles(ScanOp op, ScheduleAttr schedule) {
  if (schedule.getFamily() == Family::Sequential)
    return success();
  if (op.isComplex())
    return op.emitOpError("expects a real decay with the family '")
           << stringifyFamily(schedule.getFamily())
           << "', whose segments are joined as real numbers; use 'sequential'";
  if (op.getOffsets() && schedule.getFamily() == Family::Split)
    return op.emitOpError("expects no offsets with the family 'split', since "
                          "pieces of packed sequences would mostly be empty; "
                          "use 'tiled'");
  bool isChained = schedule.getFamily() == Family::Chained;
  int64_t lanes = schedule.get("lanes", 1);
  if (int64_t steps = schedule.get("steps", 8);
      hasChainedTiles(schedule) && steps % lanes != 0 && lanes % steps != 0)
    return op.emitOpError("expects steps, which lanes share, to be a multiple "
                          "of lanes or to divide them, got ")
           << steps << " and " << lanes;
  if (!isChained)
    lanes *= schedule.get("segments", 8);
  if (lanes > 32)
    return op.emitOpError("expects segments * lanes to be at most the 32 "
                          "threads of a warp, got ")
           << lanes;
  if (isChained && schedule.get("full", 0) > 0 &&
      (lanes > 16 || schedule.get("steps", 8) > 32))
    return op.emitOpError("expects at most 16 lanes and 32 steps where some "
                          "blocks have twice as many, got ")
           << lanes << " and " << schedule.get("steps", 8);
  int64_t threads = schedule.get("threads", 128),
          warps = schedule.get("warps", 1);
  if (threads % (32 * warps) != 0)
    return op.emitOpError("expects threads to be a multiple of 32 * warps = ")
           << 32 * warps << ", got " << threads;
  if (isChained && warps > 1 && threads > kMaxRingThreads)
    return op.emitOpError("expects at most ")
           << kMaxRingThreads
           << " threads where warps share time, which takes a barrier for each "
              "warp, got "
           << threads;
  int64_t width = schedule.get("width", 1), dim = getIterationExtents(op)[2];
  if (dim % width != 0)
    return op.emitOpError("expects width to divide the number of channels, ")
           << dim << ", got " << width;
  return success();
}

/// (C7)
static LogicalResult verifyShifts(ScanOp op) {
  if (!op.getShifts())
    return success();
  ArrayRef<int64_t> shifts = *op.getShifts();
  if (shifts.size() != op.getInputs().size())
    return op.emitOpError("expects a shift for each of ")
           << op.getInputs().size() << " inputs, got " << shifts.size();
  for (auto [i, shift] : llvm::enumerate(shifts)) {
    if (shift < 0 || shift >= kMaxWidth)
      return op.emitOpError("expects shifts from 0 to ")
             << kMaxWidth - 1 << ", got " << shift;
    if (shift == 0)
      continue;
    if (op.getReverse())
      return op.emitOpError("expects no shifts with reverse, got ") << shift;
    if (failed(verifyActivationMap(op, "a shifted input",
                                   op.getOperandMaps()[i], op.getOffsets())))
      return failure();
  }
  return success();
}

LogicalResult ScanOp::verify() {
  if (failed(verifyMaps(*this, getMaps(),
                        inputsAndResults(getInputs(), getOutput()))) ||
      failed(verifySchedule(*this)))
    return failure();
  // (K4)
  auto f32 = Float32Type::get(getContext());
  unsigned components = isComplex() ? 2 : 1;
  SmallVector<Type> stepInputs, stateInputs, state(components, f32);
  for (auto [i, type] : llvm::enumerate(elementTypes(getInputs())))
    if (inputUsesState(i))
      stateInputs.append(components, type);
    else
      stepInputs.push_back(type);
  SmallVector<Type> stepValues(
      getStep().front().getTerminator()->getNumOperands(), f32);
  SmallVector<Type> stateArguments = concat(stepValues, stateInputs);
  if (failed(verifyRegion(*this, "step", getStep(), stepInputs, stepValues)) ||
      failed(verifyRegion(*this, "transition", getTransition(), stateArguments,
                          SmallVector<Type>(2 * components, f32))) ||
      failed(verifyRegion(*this, "readout", getReadout(),
                          concat(state, stateArguments),
                          SmallVector<Type>{f32})) ||
      failed(verifyRegion(*this, "epilogue", getEpilogue(),
                          concat({f32}, concat(stepValues, stepInputs)),
                          elementTypes(getOutput()))))
    return failure();
  // (C1)
  if (failed(verifyActivationMap(*this, "output", getResultMaps()[0],
                                 getOffsets())))
    return failure();
  if (failed(verifyStaticDims(*this, {2, 3})) ||
      failed(verifyExtent(*this, 3, 1, kMaxStates)))
    return failure();
  // (C2)
  SmallVector<int64_t> extents = getIterationExtents(*this);
  Type stateType = stateElementType(getInitialState(), getLastState());
  int64_t count = extents[stateCountDim(*this)];
  if (failed(verifyState(*this, "initial_state", getInitialState(), count,
                         extents[2], extents[3], stateType, isComplex())) ||
      failed(verifyState(*this, "last_state", getLastState(), count, extents[2],
                         extents[3], stateType, isComplex())))
    return failure();
  // (C3)
  if (failed(verifyOffsets(*this, getOffsets(), extents[0])))
    return failure();
  // (C4)
  if (failed(verifySlots(*this, getSlots(), getInitialState(), extents[0])))
    return failure();
  // (C5)
  if (isComplex() && failed(verifyComponents(*this)))
    return failure();
  // (C6)
  for (ScheduleAttr schedule : getSchedules())
    if (failed(verifyTiles(*this, schedule)))
      return failure();
  // (C7)
  return verifyShifts(*this);
}
