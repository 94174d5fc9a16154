//===- SSMModelOps.cpp - Verifiers of parameters, state, projections ------===//

#include "dialect/SSM/NamedDims.h"
#include "dialect/SSM/SSMDialect.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace ssmc;
using namespace ssmc::ssm;

//===----------------------------------------------------------------------===//
// parameter, state and their users
//===----------------------------------------------------------------------===//

LogicalResult ParameterOp::verify() {
  // (C1)
  if (!cast<RankedTensorType>(getType()).hasStaticShape())
    return emitOpError("expects a static shape, got ") << getType();
  return success();
}

LogicalResult StateOp::verify() {
  // (C1)
  auto type = cast<RankedTensorType>(getType());
  if (type.getRank() == 0 || !type.isDynamicDim(0) ||
      type.getNumDynamicDims() != 1)
    return emitOpError("expects a dynamic first dimension (batch) and no other "
                       "dynamic one, got ")
           << type;
  return success();
}

/// (C1) of the users of parameters and states.
template <typename Declaration>
static LogicalResult verifyUse(Operation *op, FlatSymbolRefAttr name, Type type,
                               SymbolTableCollection &symbols) {
  auto declaration = symbols.lookupNearestSymbolFrom<Declaration>(op, name);
  if (!declaration)
    return op->emitOpError("expects the name of an '")
           << Declaration::getOperationName() << "', got " << name;
  if (declaration.getType() == type)
    return success();
  InFlightDiagnostic diagnostic = op->emitOpError("expects the type of ")
                                  << name << ", " << declaration.getType()
                                  << ", got " << type;
  diagnostic.attachNote(declaration.getLoc()) << "declared here";
  return diagnostic;
}

LogicalResult GetParameterOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return verifyUse<ParameterOp>(*this, getNameAttr(), getValue().getType(),
                                symbols);
}

/// An `ssm.set_state` of the same name before `op` in its function, or null.
/// Looks at no nested region, where C3 of `ssm.set_state` allows none: this is
/// done for each state of each layer after every pass.
static SetStateOp findEarlierSet(Operation *op, FlatSymbolRefAttr name) {
  auto function = op->getParentOfType<FunctionOpInterface>();
  if (!function)
    return nullptr;
  Region &body = function.getFunctionBody();
  Operation *end = body.findAncestorOpInRegion(*op);
  for (Block &block : body)
    for (Operation &it : block) {
      if (&it == end)
        return nullptr;
      auto set = dyn_cast<SetStateOp>(it);
      if (set && set.getNameAttr() == name)
        return set;
    }
  return nullptr;
}

LogicalResult GetStateOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // (C1)
  if (failed(verifyUse<StateOp>(*this, getNameAttr(), getValue().getType(),
                                symbols)))
    return failure();
  // (C2)
  if (SetStateOp set = findEarlierSet(*this, getNameAttr())) {
    InFlightDiagnostic diagnostic =
        emitOpError("expects to come before the op that sets ")
        << getNameAttr();
    diagnostic.attachNote(set.getLoc()) << "set here";
    return diagnostic;
  }
  return success();
}

LogicalResult SetStateOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // (C1)
  if (failed(verifyUse<StateOp>(*this, getNameAttr(), getValue().getType(),
                                symbols)))
    return failure();
  // (C2)
  if (SetStateOp set = findEarlierSet(*this, getNameAttr())) {
    InFlightDiagnostic diagnostic =
        emitOpError("expects to be the only one that sets ") << getNameAttr();
    diagnostic.attachNote(set.getLoc()) << "set before here";
    return diagnostic;
  }
  // (C3)
  if (!isa<FunctionOpInterface>((*this)->getParentOp()))
    return emitOpError("expects a function around it, got '")
           << (*this)->getParentOp()->getName() << "'";
  return success();
}

//===----------------------------------------------------------------------===//
// embedding, linear
//===----------------------------------------------------------------------===//

LogicalResult EmbeddingOp::verify() {
  NamedDims dims(*this);
  // (C1)
  if (failed(dims.expect("table", getTable().getType(), {"vocab", "d_model"})))
    return failure();
  // (C2)
  auto ids = cast<RankedTensorType>(getIds().getType());
  auto y = cast<RankedTensorType>(getY().getType());
  SmallVector<int64_t> expected(ids.getShape());
  expected.push_back(dims.size("d_model"));
  if (failed(verifyCompatibleShape(expected, y.getShape())))
    return emitOpError("expects y of the shape of ids, ")
           << ids << ", with d_model = " << dims.size("d_model")
           << " appended, got " << y;
  return success();
}

LogicalResult LinearOp::verify() {
  NamedDims dims(*this);
  // (C1)
  if (failed(dims.expect("weight", getWeight().getType(), {"out", "in"})))
    return failure();
  // (C2)
  auto x = cast<RankedTensorType>(getX().getType());
  auto y = cast<RankedTensorType>(getY().getType());
  if (x.getRank() < 2 || x.getShape().back() != dims.size("in"))
    return emitOpError("expects x of shape (..., in = ")
           << dims.size("in") << "), got " << x;
  SmallVector<int64_t> expected(x.getShape().drop_back());
  expected.push_back(dims.size("out"));
  if (failed(verifyCompatibleShape(expected, y.getShape())))
    return emitOpError("expects y of x's shape, ")
           << x << ", with out = " << dims.size("out") << " last, got " << y;
  // (C3)
  if (getBias() && failed(dims.expect("bias", getBias().getType(), {"out"})))
    return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// split, last_tokens
//===----------------------------------------------------------------------===//

LogicalResult SplitOp::verify() {
  auto x = cast<RankedTensorType>(getX().getType());
  if (x.getRank() == 0)
    return emitOpError("expects x of rank 1 or more, got ") << x;
  uint64_t total = 0;
  for (Value piece : getPieces()) {
    auto type = cast<RankedTensorType>(piece.getType());
    // (C2), without which (C1) cannot be checked
    if (type.getElementType() != x.getElementType() ||
        type.getRank() != x.getRank() ||
        failed(verifyCompatibleShape(type.getShape().drop_back(),
                                     x.getShape().drop_back())))
      return emitOpError("expects pieces that differ from x, ")
             << x << ", in the last dimension only, got " << type;
    // (C1)
    if (type.isDynamicDim(type.getRank() - 1))
      return emitOpError("expects pieces with a static last dimension, got ")
             << type;
    total = llvm::SaturatingAdd<uint64_t>(total, type.getShape().back());
  }
  // (C1)
  if (x.isDynamicDim(x.getRank() - 1) ||
      total != static_cast<uint64_t>(x.getShape().back()))
    return emitOpError("expects the pieces' last dimensions to add up to x's, ")
           << x << ", got a sum of " << total;
  return success();
}

LogicalResult SliceOp::verify() {
  auto x = cast<RankedTensorType>(getX().getType());
  auto y = cast<RankedTensorType>(getY().getType());
  // (C3), without which (C1) cannot be checked
  if (x.getElementType() != y.getElementType() || x.getRank() != y.getRank())
    return emitOpError("expects y of x's element type and rank, ")
           << x << ", got " << y;
  // (C1)
  uint64_t dim = getDim();
  if (dim >= static_cast<uint64_t>(x.getRank()) || x.isDynamicDim(dim) ||
      y.isDynamicDim(dim))
    return emitOpError("expects dim to be a dimension that is static in ")
           << x << " and " << y << ", got " << getDimAttr();
  // (C3)
  SmallVector<int64_t> others(x.getShape());
  others[dim] = y.getDimSize(dim);
  if (failed(verifyCompatibleShape(y.getShape(), others)))
    return emitOpError("expects y to differ from x, ")
           << x << ", in dimension " << dim << " only, got " << y;
  // (C2)
  int64_t offset = getOffsetAttr().getInt(), step = getStepAttr().getInt();
  int64_t size = y.getDimSize(dim);
  uint64_t last = llvm::SaturatingMultiplyAdd<uint64_t>(
      step, std::max<int64_t>(size - 1, 0), offset);
  if (offset < 0 || step < 1 ||
      (size > 0 && last >= static_cast<uint64_t>(x.getDimSize(dim))))
    return emitOpError("expects ")
           << size << " elements from offset " << offset << ", " << step
           << " apart, to lie in dimension " << dim << " of " << x;
  return success();
}

LogicalResult LastTokensOp::verify() {
  auto x = cast<RankedTensorType>(getX().getType());
  auto y = cast<RankedTensorType>(getY().getType());
  // (C1)
  if (x.getRank() != 3 || x.isDynamicDim(2))
    return emitOpError("expects x of shape (batch, seqlen, d_model) with a "
                       "static d_model, got ")
           << x;
  // (C2)
  if (y.getElementType() != x.getElementType() || y.getRank() != 3 ||
      !y.isDynamicDim(1) || y.getDimSize(0) != x.getDimSize(0) ||
      y.getDimSize(2) != x.getDimSize(2))
    return emitOpError("expects y to differ from x, ")
           << x << ", in a dynamic second dimension only, got " << y;
  return success();
}
