//===- ComputeOpVerifiers.cpp - What verifiers of compute ops share -------===//

#include "ComputeOpVerifiers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace ssmc::kernel;

std::optional<SizedDim> ssmc::kernel::getSizedDim(AffineExpr expr) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return SizedDim{dim.getPosition(), 0};
  auto sum = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!sum || sum.getKind() != AffineExprKind::Add)
    return std::nullopt;
  auto dim = dyn_cast<AffineDimExpr>(sum.getLHS());
  auto extra = dyn_cast<AffineConstantExpr>(sum.getRHS());
  if (!dim || !extra)
    return std::nullopt;
  return SizedDim{dim.getPosition(), extra.getValue()};
}

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
        if (std::optional<SizedDim> sized = getSizedDim(expr))
          // The first one that knows: a state comes after the inputs, and its
          // sizes are yet to be compared with theirs.
          if (int64_t &extent = extents[sized->dim];
              ShapedType::isDynamic(extent) && !ShapedType::isDynamic(size))
            extent = size - sized->extra;
    }
  };
  learn(op->getOperands(), op.getOperandMaps());
  learn(op->getResults(), op.getResultMaps());
  return extents;
}

/// The parameters that a family knows, with their bounds; of some op alone
/// where it is named.
struct ScheduleParameter {
  StringRef op;
  Family family;
  StringRef name;
  int64_t min, max;
  bool powerOfTwo;
};
static constexpr int64_t kMaxThreads = 1024;
static const ScheduleParameter kScheduleParameters[] = {
    {"", Family::Elementwise, "threads", 32, kMaxThreads, true},
    {"", Family::Sequential, "threads", 32, kMaxThreads, true},
    {"", Family::Sequential, "lanes", 1, 32, true},
    {"", Family::Sequential, "steps", 0, 4096, false},
    {"scan", Family::Tiled, "threads", 32, kMaxThreads, true},
    {"scan", Family::Tiled, "segments", 1, 32, true},
    {"scan", Family::Tiled, "steps", 1, 64, false},
    {"scan", Family::Tiled, "width", 1, 8, true},
    {"scan", Family::Tiled, "lanes", 1, 32, true},
    {"scan", Family::Tiled, "warps", 1, 32, true},
    {"scan", Family::Tiled, "states", 1, 64, false},
    {"scan", Family::Tiled, "stages", 1, 2, false},
    {"scan", Family::Split, "threads", 32, kMaxThreads, true},
    {"scan", Family::Split, "segments", 1, 32, true},
    {"scan", Family::Split, "steps", 1, 64, false},
    {"scan", Family::Split, "width", 1, 8, true},
    {"scan", Family::Split, "lanes", 1, 32, true},
    {"scan", Family::Split, "warps", 1, 32, true},
    {"scan", Family::Split, "states", 1, 64, false},
    {"scan", Family::Split, "stages", 1, 2, false},
    {"scan", Family::Split, "piece", 1, 1 << 20, false},
    {"scan", Family::Split, "resident", 0, 32, false},
    {"scan", Family::Chained, "threads", 32, kMaxThreads, false},
    {"scan", Family::Chained, "steps", 1, 64, false},
    {"scan", Family::Chained, "width", 1, 8, true},
    {"scan", Family::Chained, "lanes", 1, 32, true},
    {"scan", Family::Chained, "warps", 1, 15, false},
    {"scan", Family::Chained, "ahead", 0, 1, false},
    {"scan", Family::Chained, "stages", 1, 2, false},
    {"scan", Family::Chained, "full", 0, 1 << 20, false},
    {"scan", Family::Chained, "resident", 0, 32, false},
    {"window", Family::Sequential, "width", 1, 16, true},
    {"window", Family::Sequential, "loads", 1, 32, false},
    {"window", Family::Tiled, "threads", 32, kMaxThreads, true},
    {"window", Family::Tiled, "steps", 1, 64, true},
    {"window", Family::Tiled, "rounds", 1, 16, false},
    {"", Family::Rows, "threads", 32, kMaxThreads, true},
    {"", Family::Rows, "columns", 1, 32, true},
};

/// (K3)
static LogicalResult verifySchedule(KernelOpInterface op,
                                    ScheduleAttr schedule) {
  if (!llvm::is_contained(op.getFamilies(), schedule.getFamily()))
    return op->emitOpError("cannot be scheduled by the family '")
           << stringifyFamily(schedule.getFamily()) << "'";
  if (!schedule.getParams())
    return success();
  for (NamedAttribute param : schedule.getParams()) {
    auto known = llvm::find_if(kScheduleParameters, [&](const auto &entry) {
      return entry.family == schedule.getFamily() &&
             entry.name == param.getName() &&
             (entry.op.empty() || entry.op == op->getName().stripDialect());
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

LogicalResult ssmc::kernel::verifySchedule(KernelOpInterface op) {
  SmallVector<ScheduleAttr> schedules = op.getSchedules();
  for (ScheduleAttr schedule : schedules)
    if (failed(::verifySchedule(op, schedule)))
      return failure();
  // (K5)
  ArrayAttr variants = op.getVariantsAttr();
  if (!variants)
    return success();
  if (!op.getScheduleAttr() || variants.empty())
    return op->emitOpError("expects variants, at least one, beside a schedule, "
                           "got ")
           << variants;
  for (auto [i, schedule] : llvm::enumerate(schedules))
    if (llvm::is_contained(ArrayRef(schedules).take_front(i), schedule))
      return op->emitOpError("expects variants that differ, got ")
             << schedule << " twice";
  return success();
}

LogicalResult ssmc::kernel::verifyMaps(KernelOpInterface op, ArrayAttr maps,
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
      std::optional<SizedDim> sized = getSizedDim(expr);
      if (!sized && ShapedType::isDynamic(size))
        return op->emitOpError("expects a static size of ")
               << type << " where " << attr
               << " has no plain dimension, which would say it";
      if (!sized || ShapedType::isDynamic(size))
        continue;
      int64_t &extent = extents[sized->dim];
      int64_t implied = size - sized->extra;
      if (!ShapedType::isDynamic(extent) && extent != implied)
        return op->emitOpError("expects iteration dimension ")
               << sized->dim << " to have extent " << extent << ", got "
               << implied << " from " << type;
      extent = implied;
    }
  }
  return success();
}

LogicalResult ssmc::kernel::verifyRegion(Operation *op, StringRef name,
                                         Region &region, TypeRange arguments,
                                         TypeRange yields) {
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

SmallVector<Type> ssmc::kernel::elementTypes(ValueRange values) {
  return llvm::map_to_vector(values, [](Value value) {
    return getElementTypeOrSelf(value.getType());
  });
}

SmallVector<Type> ssmc::kernel::concat(ArrayRef<Type> a, ArrayRef<Type> b) {
  SmallVector<Type> types(a);
  types.append(b.begin(), b.end());
  return types;
}

SmallVector<AffineMap> ssmc::kernel::mapValues(ArrayAttr maps) {
  return llvm::to_vector(maps.getAsValueRange<AffineMapAttr>());
}

AffineMap ssmc::kernel::dimsMap(MLIRContext *context, unsigned numDims,
                                ArrayRef<unsigned> dims) {
  return AffineMap::getMultiDimMapWithTargets(numDims, dims, context);
}

LogicalResult ssmc::kernel::verifyMapIs(Operation *op, StringRef what,
                                        AffineMap map, AffineMap expected) {
  if (map != expected)
    return op->emitOpError("expects ")
           << what << "'s map to be " << AffineMapAttr::get(expected)
           << ", got " << AffineMapAttr::get(map);
  return success();
}

SmallVector<Value> ssmc::kernel::inputsAndResults(ValueRange inputs,
                                                  ValueRange results) {
  SmallVector<Value> values(inputs);
  values.append(results.begin(), results.end());
  return values;
}

LogicalResult ssmc::kernel::verifyHasDims(KernelOpInterface op,
                                          unsigned least) {
  if (op.getNumIterationDims() < least)
    return op->emitOpError("expects at least ")
           << least << " iteration dimensions, got "
           << op.getNumIterationDims();
  return success();
}

LogicalResult ssmc::kernel::verifyStaticDims(KernelOpInterface op,
                                             ArrayRef<unsigned> dims) {
  SmallVector<int64_t> extents = getIterationExtents(op);
  for (unsigned dim : dims)
    if (ShapedType::isDynamic(extents[dim]))
      return op->emitOpError("expects iteration dimension ")
             << dim << " to be static";
  return success();
}

LogicalResult ssmc::kernel::verifyExtent(KernelOpInterface op, unsigned dim,
                                         int64_t min, int64_t max) {
  int64_t extent = getIterationExtents(op)[dim];
  if (extent < min || extent > max)
    return op->emitOpError("expects iteration dimension ")
           << dim << " to have an extent from " << min << " to " << max
           << ", got " << extent;
  return success();
}

LogicalResult ssmc::kernel::verifyState(Operation *op, StringRef name,
                                        Value state, int64_t count,
                                        int64_t middle, int64_t last,
                                        Type elementType, bool complex) {
  if (!state)
    return success();
  auto type = cast<RankedTensorType>(state.getType());
  SmallVector<int64_t> shape = {count, middle, last};
  if (complex)
    shape.push_back(2);
  if (succeeded(verifyCompatibleShape(type.getShape(), shape)) &&
      type.getShape().drop_front() == ArrayRef(shape).drop_front() &&
      type.getElementType() == elementType)
    return success();
  InFlightDiagnostic diagnostic = op->emitOpError("expects ")
                                  << name << " of shape (states";
  if (!ShapedType::isDynamic(count))
    diagnostic << " = " << count;
  return diagnostic << ", " << middle << ", " << last
                    << (complex ? ", 2) of " : ") of ") << elementType
                    << ", got " << type;
}

LogicalResult ssmc::kernel::verifyActivationMap(Operation *op, StringRef what,
                                                AffineMap map, Value offsets) {
  MLIRContext *context = op->getContext();
  if (offsets) {
    AffineExpr zero = getAffineConstantExpr(0, context),
               t = getAffineDimExpr(1, context),
               d = getAffineDimExpr(2, context);
    return verifyMapIs(
        op, what, map,
        AffineMap::get(map.getNumDims(), 0, {zero, t, d}, context));
  }
  bool usesOthers =
      llvm::any_of(llvm::seq<unsigned>(3, map.getNumDims()),
                   [&](unsigned dim) { return map.isFunctionOfDim(dim); });
  if (!map.isProjectedPermutation() || map.getNumResults() != 3 || usesOthers)
    return op->emitOpError("expects ")
           << what << "'s map to permute (b, t, d), got "
           << AffineMapAttr::get(map);
  return success();
}

LogicalResult ssmc::kernel::verifyOffsets(Operation *op, Value offsets,
                                          int64_t sequences) {
  if (!offsets)
    return success();
  auto type = cast<RankedTensorType>(offsets.getType());
  int64_t expected =
      ShapedType::isDynamic(sequences) ? ShapedType::kDynamic : sequences + 1;
  if (type.getRank() != 1 ||
      failed(verifyCompatibleShape(type.getShape(), {expected})))
    return op->emitOpError("expects offsets of one dimension, one more than "
                           "sequences, got ")
           << type;
  return success();
}

LogicalResult ssmc::kernel::verifySlots(Operation *op, Value slots,
                                        Value initialState, int64_t sequences) {
  if (!slots)
    return success();
  if (!initialState)
    return op->emitOpError("expects an initial_state, the pool, with slots");
  auto type = cast<RankedTensorType>(slots.getType());
  if (type.getRank() != 1 ||
      failed(verifyCompatibleShape(type.getShape(), {sequences})))
    return op->emitOpError("expects slots of one dimension, one for each "
                           "sequence, got ")
           << type;
  return success();
}
