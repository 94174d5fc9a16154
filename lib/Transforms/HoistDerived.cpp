//===- HoistDerived.cpp - Compute once what depends on weights alone ------===//

#include "dialect/Kernel/KernelDialect.h"
#include "dialect/SSM/SSMDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "ssmc/Transforms/Passes.h"

namespace ssmc {
#define GEN_PASS_DEF_KERNELHOISTDERIVEDPASS
#include "ssmc/Transforms/Passes.h.inc"
} // namespace ssmc

using namespace mlir;
using namespace ssmc;

static constexpr StringRef kInit = "init";

namespace {

class Hoister {
public:
  explicit Hoister(ModuleOp module) : module(module) {}

  LogicalResult run() {
    for (auto function : module.getOps<func::FuncOp>())
      if (failed(collect(function)))
        return failure();
    if (init)
      OpBuilder::atBlockEnd(&init.getBody().front())
          .create(OperationState(init.getLoc(),
                                 func::ReturnOp::getOperationName()));
    return success();
  }

private:
  /// Replaces the values of `function` that depend on parameters alone and are
  /// used by something that does not.
  LogicalResult collect(func::FuncOp function) {
    if (function == init || !function.getBody().hasOneBlock())
      return success();
    DenseSet<Value> constant;
    SmallVector<Operation *> hoistable;
    for (Operation &op : function.getBody().front()) {
      bool isSource = isa<ssm::GetParameterOp>(op);
      bool isPure = isa<kernel::KernelOpInterface, tensor::CollapseShapeOp,
                        tensor::ExpandShapeOp, ssm::SliceOp, ssm::SplitOp>(op);
      if (!isSource && !(isPure && llvm::all_of(op.getOperands(), [&](Value v) {
                           return constant.contains(v);
                         })))
        continue;
      constant.insert(op.result_begin(), op.result_end());
      if (isa<kernel::KernelOpInterface>(op))
        hoistable.push_back(&op);
    }
    for (Operation *op : hoistable)
      for (Value result : op->getResults()) {
        bool leaves = llvm::any_of(result.getUsers(), [&](Operation *user) {
          return user->getNumResults() == 0 ||
                 !constant.contains(user->getResult(0)) ||
                 !isa<kernel::KernelOpInterface>(user);
        });
        if (leaves && failed(replace(result)))
          return failure();
      }
    return success();
  }

  LogicalResult replace(Value value) {
    auto type = cast<RankedTensorType>(value.getType());
    if (!init && failed(createInit()))
      return failure();
    Value source = cloneIntoInit(value);
    StringAttr &name = names[source];
    OpBuilder builder(module.getContext());
    if (!name) {
      name = builder.getStringAttr("derived_" + Twine(numHoisted++));
      builder.setInsertionPoint(init);
      kernel::DerivedOp::create(builder, value.getLoc(), name,
                                TypeAttr::get(type));
      builder.setInsertionPointToEnd(&init.getBody().front());
      kernel::SetDerivedOp::create(builder, value.getLoc(),
                                   FlatSymbolRefAttr::get(name), source);
    }
    builder.setInsertionPointAfterValue(value);
    Value get = kernel::GetDerivedOp::create(builder, value.getLoc(), type,
                                             FlatSymbolRefAttr::get(name));
    value.replaceAllUsesWith(get);
    // What is hoisted next and uses it has no need to read it back.
    inInit.map(get, source);
    return success();
  }

  LogicalResult createInit() {
    if (Operation *taken = module.lookupSymbol(kInit))
      return taken->emitError("the name 'init' is reserved for the entry that "
                              "computes derived tensors");
    OpBuilder builder(module.getContext());
    builder.setInsertionPointToEnd(module.getBody());
    init = func::FuncOp::create(builder, module.getLoc(), kInit,
                                builder.getFunctionType({}, {}));
    init.addEntryBlock();
    return success();
  }

  /// The value of @init that is computed as `value` is; prefill and step share
  /// it.
  Value cloneIntoInit(Value value) {
    if (Value known = inInit.lookupOrNull(value))
      return known;
    Operation *op = value.getDefiningOp();
    for (Value operand : op->getOperands())
      inInit.map(operand, cloneIntoInit(operand));
    OpBuilder builder = OpBuilder::atBlockEnd(&init.getBody().front());
    Operation *clone = builder.clone(*op, inInit);
    for (Operation *other : clones)
      if (OperationEquivalence::isEquivalentTo(
              other, clone, OperationEquivalence::Flags::IgnoreLocations)) {
        clone->erase();
        clone = other;
        break;
      }
    if (clone->getNextNode() == nullptr)
      clones.push_back(clone);
    for (auto [from, to] : llvm::zip(op->getResults(), clone->getResults()))
      inInit.map(from, to);
    return inInit.lookup(value);
  }

  ModuleOp module;
  func::FuncOp init;
  IRMapping inInit;
  SmallVector<Operation *> clones;
  DenseMap<Value, StringAttr> names;
  unsigned numHoisted = 0;
};

struct KernelHoistDerivedPass final
    : ssmc::impl::KernelHoistDerivedPassBase<KernelHoistDerivedPass> {
  void runOnOperation() override {
    Hoister hoister(getOperation());
    if (failed(hoister.run()))
      return signalPassFailure();
  }
};

} // namespace
