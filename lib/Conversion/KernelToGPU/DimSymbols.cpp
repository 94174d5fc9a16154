//===- DimSymbols.cpp - The sizes that a call of a function fixes ---------===//

#include "DimSymbols.h"
#include "dialect/Kernel/KernelDialect.h"
#include "dialect/SSM/SSMDialect.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace ssmc;

void DimSymbols::unifyOp(Operation *op) {
  if (auto kernelOp = dyn_cast<kernel::KernelOpInterface>(op)) {
    DenseMap<unsigned, std::pair<Value, unsigned>> first;
    auto visitSized =
        [&](ValueRange values, ArrayRef<AffineMap> maps,
            llvm::function_ref<void(kernel::SizedDim, Value, unsigned)> visit) {
          for (auto [value, map] : llvm::zip(values, maps))
            for (auto [i, expr] : llvm::enumerate(map.getResults()))
              if (std::optional<kernel::SizedDim> sized =
                      kernel::getSizedDim(expr))
                visit(*sized, value, i);
        };
    auto unifyPlain = [&](kernel::SizedDim sized, Value value, unsigned i) {
      if (sized.extra != 0)
        return;
      auto [it, isNew] = first.try_emplace(sized.dim, std::make_pair(value, i));
      if (!isNew)
        unify(it->second.first, it->second.second, value, i);
    };
    auto relateOthers = [&](kernel::SizedDim sized, Value value, unsigned i) {
      auto base = first.find(sized.dim);
      if (sized.extra != 0 && base != first.end())
        relations.push_back({key(base->second.first, base->second.second),
                             key(value, i), sized.extra});
    };
    visitSized(op->getOperands(), kernelOp.getOperandMaps(), unifyPlain);
    visitSized(op->getResults(), kernelOp.getResultMaps(), unifyPlain);
    visitSized(op->getOperands(), kernelOp.getOperandMaps(), relateOthers);
    visitSized(op->getResults(), kernelOp.getResultMaps(), relateOthers);
  } else if (auto split = dyn_cast<ssm::SplitOp>(op)) {
    unsigned last =
        cast<RankedTensorType>(split.getX().getType()).getRank() - 1;
    for (Value piece : split.getPieces())
      for (unsigned dim = 0; dim < last; ++dim)
        unify(split.getX(), dim, piece, dim);
  } else if (auto slice = dyn_cast<ssm::SliceOp>(op)) {
    auto type = cast<RankedTensorType>(slice.getX().getType());
    for (unsigned dim = 0; dim < type.getRank(); ++dim)
      if (dim != slice.getDim())
        unify(slice.getX(), dim, slice.getY(), dim);
  } else if (auto lastTokens = dyn_cast<ssm::LastTokensOp>(op)) {
    unify(lastTokens.getX(), 0, lastTokens.getY(), 0);
  }
}

/// Gives a size to what is related to something that has one.
void DimSymbols::deriveSizes() {
  for (bool changed = true; changed;) {
    changed = false;
    for (const Relation &relation : relations) {
      Dim base = classes.getOrInsertLeaderValue(relation.base);
      Dim larger = classes.getOrInsertLeaderValue(relation.larger);
      if (sizes.count(base) == sizes.count(larger))
        continue;
      if (sizes.count(base))
        sizes[larger] = sizes[base] + relation.extra;
      else
        sizes[base] = sizes[larger] - relation.extra;
      changed = true;
    }
  }
}

AffineExpr DimSymbols::addSymbol(StringRef name, MLIRContext *context) {
  names.push_back(name.str());
  return getAffineSymbolExpr(names.size() - 1, context);
}

LogicalResult DimSymbols::assign(func::FuncOp function) {
  MLIRContext *context = function.getContext();

  // Static sizes first. Ops' verifiers have compared what they name; a clash
  // left over is between arguments that several ops tie together.
  WalkResult clash = function.walk([&](Operation *op) {
    SmallVector<Value> values(op->getOperands());
    llvm::append_range(values, op->getResults());
    for (Value value : values) {
      auto type = dyn_cast<RankedTensorType>(value.getType());
      for (unsigned dim = 0; type && dim < type.getRank(); ++dim) {
        if (type.isDynamicDim(dim))
          continue;
        AffineExpr size = getAffineConstantExpr(type.getDimSize(dim), context);
        Dim leader = classes.getOrInsertLeaderValue(key(value, dim));
        auto [it, isNew] = sizes.try_emplace(leader, size);
        if (!isNew && it->second != size)
          return op->emitError("dimension ")
                     << dim << " of " << type << " has to equal one of size "
                     << cast<AffineConstantExpr>(it->second).getValue(),
                 WalkResult::interrupt();
      }
    }
    return WalkResult::advance();
  });
  if (clash.wasInterrupted())
    return failure();

  deriveSizes();
  for (BlockArgument argument : function.getArguments()) {
    unsigned number = argument.getArgNumber();
    auto nameAttr = function.getArgAttrOfType<StringAttr>(number, "ssm.name");
    std::string name =
        nameAttr ? nameAttr.str() : "arg" + std::to_string(number);
    if (argument.getType().isIndex()) {
      scalars[argument] = addSymbol(name, context);
      continue;
    }
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!type)
      return function.emitError("expects arguments to be tensors or indices, "
                                "got ")
             << argument.getType();
    auto dimNames = function.getArgAttrOfType<ArrayAttr>(number, "ssm.dims");
    if (dimNames && dimNames.size() != type.getNumDynamicDims())
      return function.emitError("expects ssm.dims of argument ")
             << number << " to name its " << type.getNumDynamicDims()
             << " dynamic dimensions, got " << dimNames;
    unsigned dynamic = 0;
    for (unsigned dim = 0; dim < type.getRank(); ++dim) {
      if (!type.isDynamicDim(dim))
        continue;
      std::string dimName = name + "." + std::to_string(dim);
      if (dimNames)
        dimName = cast<StringAttr>(dimNames[dynamic++]).str();
      Dim leader = classes.getOrInsertLeaderValue(key(argument, dim));
      if (!sizes.count(leader)) {
        sizes[leader] = addSymbol(dimName, context);
        deriveSizes();
      }
    }
  }
  // A state whose rows no argument counts: as many as the session holds.
  for (auto get : function.getOps<ssm::GetStateOp>()) {
    Dim leader = classes.getOrInsertLeaderValue(key(get.getValue(), 0));
    if (get.getValue().getType().isDynamicDim(0) && !sizes.count(leader)) {
      sizes[leader] = addSymbol((get.getName() + ".0").str(), context);
      deriveSizes();
    }
  }
  llvm::StringSet<> seen;
  for (const std::string &name : names)
    if (!seen.insert(name).second)
      return function.emitError("has two sizes named '")
             << name
             << "'; give index arguments and dimensions different "
                "names";
  function.walk([&](ssm::LastTokensOp op) {
    Dim leader = classes.getOrInsertLeaderValue(key(op.getY(), 1));
    sizes.try_emplace(leader, scalars.lookup(op.getCount()));
  });
  return success();
}

FailureOr<DimSymbols> DimSymbols::compute(func::FuncOp function) {
  DimSymbols symbols;
  // The values of one state have one batch.
  llvm::StringMap<Value> states;
  auto unifyState = [&](StringRef name, Value value) {
    auto [it, isNew] = states.try_emplace(name, value);
    if (!isNew)
      symbols.unify(it->second, 0, value, 0);
  };
  // So have dimensions that ssm.dims gives one name.
  llvm::StringMap<std::pair<Value, unsigned>> named;
  for (BlockArgument argument : function.getArguments()) {
    auto dimNames = function.getArgAttrOfType<ArrayAttr>(
        argument.getArgNumber(), "ssm.dims");
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!dimNames || !type || dimNames.size() != type.getNumDynamicDims())
      continue;
    unsigned dynamic = 0;
    for (unsigned dim = 0; dim < type.getRank(); ++dim) {
      if (!type.isDynamicDim(dim))
        continue;
      auto name = dyn_cast<StringAttr>(dimNames[dynamic++]);
      if (!name)
        return function.emitError("expects ssm.dims to hold strings, got ")
               << dimNames;
      auto [it, isNew] =
          named.try_emplace(name.getValue(), std::make_pair(argument, dim));
      if (!isNew)
        symbols.unify(it->second.first, it->second.second, argument, dim);
    }
  }
  for (Operation &op : function.getBody().front()) {
    symbols.unifyOp(&op);
    if (auto get = dyn_cast<ssm::GetStateOp>(op))
      unifyState(get.getName(), get.getValue());
    else if (auto set = dyn_cast<ssm::SetStateOp>(op))
      unifyState(set.getName(), set.getValue());
  }
  if (failed(symbols.assign(function)))
    return failure();
  return symbols;
}

FailureOr<AffineExpr> DimSymbols::getSize(Value value, unsigned dim) const {
  auto type = cast<RankedTensorType>(value.getType());
  if (!type.isDynamicDim(dim))
    return getAffineConstantExpr(type.getDimSize(dim), value.getContext());
  auto it = classes.findLeader(key(value, dim));
  AffineExpr size;
  if (it != classes.member_end())
    size = sizes.lookup(*it);
  if (!size)
    return emitError(value.getLoc(), "no argument fixes dimension ")
           << dim << " of " << type;
  return size;
}

FailureOr<SmallVector<AffineExpr>> DimSymbols::getSizes(Value value) const {
  SmallVector<AffineExpr> result;
  for (unsigned dim = 0;
       dim < cast<RankedTensorType>(value.getType()).getRank(); ++dim) {
    FailureOr<AffineExpr> size = getSize(value, dim);
    if (failed(size))
      return failure();
    result.push_back(*size);
  }
  return result;
}
