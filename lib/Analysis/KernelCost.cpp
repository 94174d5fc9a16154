//===- KernelCost.cpp - What a kernel moves and computes ------------------===//

#include "ssmc/Analysis/KernelCost.h"
#include "dialect/SSM/SSMDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>
#include <map>

using namespace mlir;
using namespace ssmc;

namespace {

/// Operations by pipe.
struct Counts {
  int64_t mufu = 0, fma = 0, other = 0;

  Counts &operator+=(const Counts &more) {
    mufu += more.mufu;
    fma += more.fma;
    other += more.other;
    return *this;
  }
};

/// Iteration dimensions, a bit each.
using Dims = uint64_t;

Dims bit(unsigned dim) { return Dims(1) << dim; }
/// The first `count` dimensions.
Dims firstDims(unsigned count) { return bit(count) - 1; }

Dims dimsOf(AffineMap map) {
  Dims dims = 0;
  for (unsigned dim = 0; dim < map.getNumDims(); ++dim)
    if (map.isFunctionOfDim(dim))
      dims |= bit(dim);
  return dims;
}

/// Those of a scan and a window.
enum SequenceDim : unsigned { b, t, d, n };

/// What one scalar op becomes: see gpu-expand-math. A division is a reciprocal
/// and its correction.
Counts countsOf(Operation *op) {
  return llvm::TypeSwitch<Operation *, Counts>(op)
      .Case<arith::ConstantOp, kernel::YieldOp, arith::BitcastOp>(
          [](Operation *) { return Counts(); })
      // Modifiers of the instruction that takes their result.
      .Case<arith::NegFOp, math::AbsFOp>([](Operation *) { return Counts(); })
      .Case<arith::AddFOp, arith::SubFOp, arith::MulFOp, math::FmaOp>(
          [](Operation *) { return Counts{0, 1, 0}; })
      .Case<arith::DivFOp>([](Operation *) { return Counts{1, 7, 0}; })
      .Case<math::Exp2Op>([](Operation *) { return Counts{1, 0, 0}; })
      .Case<math::ExpOp>([](Operation *) { return Counts{1, 5, 4}; })
      .Case<math::LogOp>([](Operation *) { return Counts{1, 18, 12}; })
      .Case<math::Log2Op>([](Operation *) { return Counts{1, 19, 12}; })
      .Case<math::Log1pOp>([](Operation *) { return Counts{2, 29, 16}; })
      .Case<math::RsqrtOp>([](Operation *) { return Counts{1, 4, 2}; })
      .Case<math::SqrtOp>([](Operation *) { return Counts{1, 4, 2}; })
      .Case<math::TanhOp>([](Operation *) { return Counts{2, 24, 7}; })
      .Case<ssm::SoftplusOp>([](Operation *) { return Counts{1, 18, 5}; })
      .Case<ssm::SiLUOp>([](Operation *) { return Counts{2, 3, 0}; })
      .Case<ssm::CisOp>([](Operation *) { return Counts{0, 14, 12}; })
      .Default([](Operation *) { return Counts{0, 0, 1}; });
}

/// A product that its only user can take in.
bool isFusibleProduct(Value value) {
  auto product = value.getDefiningOp<arith::MulFOp>();
  return product && product->hasOneUse() &&
         arith::bitEnumContainsAll(product.getFastmath(),
                                   arith::FastMathFlags::contract);
}

class CostCounter {
public:
  explicit CostCounter(kernel::KernelOpInterface op)
      : op(op), context(op.getContext()) {}

  KernelCost count();

private:
  /// The dimensions that each argument of a region depends on; then that each
  /// of its yields does.
  using Arguments = SmallVector<Dims>;

  AffineExpr symbol(unsigned dim) { return getAffineSymbolExpr(dim, context); }
  AffineExpr constant(int64_t value) {
    return getAffineConstantExpr(value, context);
  }
  AffineExpr numPoints(Dims dims);
  AffineExpr bytesOf(Value tensor, AffineMap map);
  void countBytes(KernelCost &cost);
  Arguments countRegion(Region &region, Dims space, Dims hoisted,
                        const Arguments &arguments);
  void countSums(Region &region, Dims space);
  void countMap(kernel::MapOp op);
  void countGather(kernel::GatherOp op);
  void countRowReduce(kernel::RowReduceOp op);
  void countMatmul(kernel::MatmulOp op);
  void countWindow(kernel::WindowOp op);
  void countScan(kernel::ScanOp op);
  Arguments inputDims(unsigned first, unsigned end);

  kernel::KernelOpInterface op;
  MLIRContext *context;
  /// Sequences lie one after the other along t: b adds no points to it.
  bool packed = false;
  /// The dimension of a pool's rows, of which one is used for each b.
  std::optional<unsigned> poolDim;
  /// By the dimensions whose points they are needed at; in order, so that the
  /// expressions are always the same.
  std::map<Dims, Counts> counts;
};

} // namespace

AffineExpr CostCounter::numPoints(Dims dims) {
  AffineExpr points = constant(1);
  for (unsigned dim = 0; dim < op.getNumIterationDims(); ++dim)
    if ((dims & bit(dim)) && !(packed && dim == b && (dims & bit(t))))
      points = points * symbol(dim);
  return points;
}

AffineExpr CostCounter::bytesOf(Value tensor, AffineMap map) {
  auto type = cast<RankedTensorType>(tensor.getType());
  AffineExpr bytes = constant(type.getElementTypeBitWidth() / 8);
  for (auto [expr, size] : llvm::zip(map.getResults(), type.getShape())) {
    std::optional<kernel::SizedDim> sized = kernel::getSizedDim(expr);
    if (!sized)
      bytes = bytes * size;
    else
      bytes = bytes *
              (symbol(sized->dim == poolDim ? b : sized->dim) + sized->extra);
  }
  return bytes;
}

void CostCounter::countBytes(KernelCost &cost) {
  cost.bytesRead = cost.bytesWritten = constant(0);
  SmallPtrSet<Value, 8> seen;
  for (auto [operand, map] :
       llvm::zip(op->getOperands(), op.getOperandMaps())) {
    if (!seen.insert(operand).second)
      continue;
    auto gather = dyn_cast<kernel::GatherOp>(op.getOperation());
    if (gather && operand == gather.getTable()) {
      // A row for each id, whether or not some are alike.
      Type type = getElementTypeOrSelf(operand.getType());
      cost.bytesRead =
          cost.bytesRead + numPoints(firstDims(op.getNumIterationDims())) *
                               (type.getIntOrFloatBitWidth() / 8);
      continue;
    }
    cost.bytesRead = cost.bytesRead + bytesOf(operand, map);
  }
  for (auto [result, map] : llvm::zip(op->getResults(), op.getResultMaps()))
    cost.bytesWritten = cost.bytesWritten + bytesOf(result, map);
}

/// Counts the ops of a region that runs over `space`. Those that do not depend
/// on dimensions of `hoisted` are formed once for all their points.
CostCounter::Arguments CostCounter::countRegion(Region &region, Dims space,
                                                Dims hoisted,
                                                const Arguments &arguments) {
  Block &block = region.front();
  DenseMap<Value, Dims> dims;
  for (auto [argument, argumentDims] :
       llvm::zip_equal(block.getArguments(), arguments))
    dims[argument] = argumentDims & space;
  for (Operation &inner : block.without_terminator()) {
    Dims needs = 0;
    for (Value operand : inner.getOperands())
      needs |= dims.lookup(operand);
    for (Value result : inner.getResults())
      dims[result] = needs;
    auto pointsOf = [&](Dims needed) { return (space & ~hoisted) | needed; };
    Counts count = countsOf(&inner);
    // A sum is the same instruction as a product that only it takes, unless
    // that one is formed elsewhere.
    if (isa<arith::AddFOp, arith::SubFOp>(inner) &&
        llvm::any_of(inner.getOperands(), [&](Value operand) {
          return isFusibleProduct(operand) &&
                 pointsOf(dims.lookup(operand)) == pointsOf(needs);
        }))
      count = Counts();
    counts[pointsOf(needs)] += count;
  }
  return llvm::map_to_vector(
      block.getTerminator()->getOperands(),
      [&](Value yielded) { return dims.lookup(yielded); });
}

/// What a region yields is summed.
void CostCounter::countSums(Region &region, Dims space) {
  for (Value term : region.front().getTerminator()->getOperands())
    if (!isFusibleProduct(term))
      counts[space].fma += 1;
}

CostCounter::Arguments CostCounter::inputDims(unsigned first, unsigned end) {
  Arguments dims;
  SmallVector<AffineMap> maps = op.getOperandMaps();
  for (unsigned i = first; i < end; ++i)
    dims.push_back(dimsOf(maps[i]));
  return dims;
}

void CostCounter::countMap(kernel::MapOp op) {
  countRegion(op.getBody(), firstDims(op.getNumIterationDims()), 0,
              inputDims(0, op.getInputs().size()));
}

void CostCounter::countGather(kernel::GatherOp op) {
  Dims space = firstDims(op.getNumIterationDims());
  countRegion(op.getBody(), space, 0, {space});
}

void CostCounter::countRowReduce(kernel::RowReduceOp op) {
  Dims space = firstDims(op.getNumIterationDims());
  Dims column = bit(op.getNumIterationDims() - 1);
  Arguments inputs = inputDims(0, op.getInputs().size());
  Arguments terms = countRegion(op.getReduce(), space, 0, inputs);
  countSums(op.getReduce(), space);
  Arguments arguments(terms.size(), space & ~column);
  llvm::append_range(arguments, inputs);
  countRegion(op.getEpilogue(), space, column, arguments);
}

void CostCounter::countMatmul(kernel::MatmulOp op) {
  Dims space = firstDims(op.getNumIterationDims());
  Dims k = bit(op.getNumIterationDims() - 1);
  // A factor is formed once where it is used for many products.
  countRegion(op.getContract(), space, space & ~k, inputDims(0, 2));
  counts[space].fma += 1;
  Arguments arguments = {space & ~k};
  llvm::append_range(arguments, inputDims(2, op.getInputs().size()));
  countRegion(op.getEpilogue(), space & ~k, 0, arguments);
}

void CostCounter::countWindow(kernel::WindowOp op) {
  Dims space = firstDims(4), step = firstDims(3);
  // x moves along the window with time.
  Arguments factors = inputDims(0, 2);
  factors[0] = space;
  countRegion(op.getReduce(), space, bit(t), factors);
  countSums(op.getReduce(), space);
  Arguments arguments = {step};
  llvm::append_range(arguments, inputDims(2, op.getInputs().size()));
  countRegion(op.getEpilogue(), step, bit(t), arguments);
}

void CostCounter::countScan(kernel::ScanOp op) {
  Dims space = firstDims(4), step = firstDims(3), time = bit(t);
  unsigned components = op.isComplex() ? 2 : 1;
  Arguments stepInputs, stateInputs;
  SmallVector<AffineMap> maps = op.getOperandMaps();
  for (unsigned i : op.getStepInputs())
    stepInputs.push_back(dimsOf(maps[i]));
  for (unsigned i : op.getStateInputs())
    stateInputs.append(components, dimsOf(maps[i]));

  Arguments stepValues = countRegion(op.getStep(), step, time, stepInputs);
  Arguments arguments = stepValues;
  llvm::append_range(arguments, stateInputs);
  countRegion(op.getTransition(), space, time, arguments);

  // decay * h + x, four such products where h is complex.
  Counts update = {0, 1, 0};
  if (op.getDecay() != kernel::Decay::Linear)
    update.mufu += 1;
  if (op.isComplex()) {
    Counts cis = {0, 14, 12};
    update += cis;
    update.fma += 5;
  }
  counts[space] += update;

  arguments.insert(arguments.begin(), components, space);
  countRegion(op.getReadout(), space, time, arguments);
  countSums(op.getReadout(), space);

  arguments.assign({step});
  llvm::append_range(arguments, stepValues);
  llvm::append_range(arguments, stepInputs);
  countRegion(op.getEpilogue(), step, time, arguments);
}

KernelCost CostCounter::count() {
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](kernel::MapOp op) { countMap(op); })
      .Case([&](kernel::GatherOp op) { countGather(op); })
      .Case([&](kernel::RowReduceOp op) { countRowReduce(op); })
      .Case([&](kernel::MatmulOp op) { countMatmul(op); })
      .Case<kernel::WindowOp, kernel::ScanOp>([&](auto op) {
        packed = bool(op.getOffsets());
        if (op.getSlots())
          poolDim = op.getNumIterationDims() - 1;
        if constexpr (std::is_same_v<decltype(op), kernel::ScanOp>)
          countScan(op);
        else
          countWindow(op);
      });
  KernelCost cost;
  countBytes(cost);
  cost.mufu = cost.fma = cost.other = constant(0);
  for (const auto &[dims, count] : counts) {
    AffineExpr points = numPoints(dims);
    cost.mufu = cost.mufu + points * count.mufu;
    cost.fma = cost.fma + points * count.fma;
    cost.other = cost.other + points * count.other;
  }
  return cost;
}

KernelCost ssmc::computeKernelCost(kernel::KernelOpInterface op) {
  return CostCounter(op).count();
}

double ssmc::evaluateExpr(AffineExpr expr, ArrayRef<int64_t> sizes) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return double(constant.getValue());
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return double(sizes[symbol.getPosition()]);
  auto binary = cast<AffineBinaryOpExpr>(expr);
  double lhs = evaluateExpr(binary.getLHS(), sizes);
  double rhs = evaluateExpr(binary.getRHS(), sizes);
  switch (binary.getKind()) {
  case AffineExprKind::Add:
    return lhs + rhs;
  case AffineExprKind::Mul:
    return lhs * rhs;
  case AffineExprKind::FloorDiv:
    return std::floor(lhs / rhs);
  case AffineExprKind::CeilDiv:
    return std::ceil(lhs / rhs);
  default:
    return lhs - std::floor(lhs / rhs) * rhs;
  }
}

KernelWork KernelCost::at(ArrayRef<int64_t> extents) const {
  return {evaluateExpr(bytesRead, extents), evaluateExpr(bytesWritten, extents),
          evaluateExpr(mufu, extents), evaluateExpr(fma, extents),
          evaluateExpr(other, extents)};
}

StringRef FloorTime::bound() const {
  if (memory >= mufu && memory >= fma)
    return "memory";
  return mufu >= fma ? "mufu" : "fma";
}

FloorTime ssmc::getFloorTime(const KernelWork &work,
                             const TargetModel &target) {
  return {work.bytes() / target.bytesPerSecond,
          work.mufu / target.mufuPerSecond(), work.fma / target.fmaPerSecond()};
}

double ssmc::floorSeconds(const KernelCost &cost, ArrayRef<int64_t> extents,
                          const TargetModel &target) {
  return getFloorTime(cost.at(extents), target).seconds();
}
