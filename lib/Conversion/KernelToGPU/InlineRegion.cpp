//===- InlineRegion.cpp - Regions of an op in its kernel ------------------===//

#include "KernelFunction.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;
using namespace ssmc;

bool ssmc::dependsOnlyOn(
    Value value, llvm::function_ref<bool(unsigned argument)> isAllowed) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return isAllowed(argument.getArgNumber());
  return llvm::all_of(value.getDefiningOp()->getOperands(), [&](Value operand) {
    return dependsOnlyOn(operand, isAllowed);
  });
}

/// Notes what takes the place of a region's parameters. An argument that is the
/// f32 value of a half is rounded again only for a use that is not the widening
/// itself.
static void mapArguments(KernelFunction &f, ArrayRef<BlockArgument> parameters,
                         ValueRange arguments, IRMapping &mapping) {
  for (auto [parameter, argument] : llvm::zip_equal(parameters, arguments)) {
    if (parameter.getType() == argument.getType()) {
      mapping.map(parameter, argument);
      continue;
    }
    bool isRounded = false;
    for (Operation *user : parameter.getUsers())
      if (auto widening = dyn_cast<arith::ExtFOp>(user))
        mapping.map(widening.getResult(), argument);
      else
        isRounded = true;
    if (isRounded)
      mapping.map(parameter, f.narrow(argument, parameter.getType()));
  }
}

/// Unless its results have values already.
static void cloneOnce(OpBuilder &b, Operation &op, IRMapping &mapping) {
  if (op.getNumResults() == 0 || !mapping.contains(op.getResult(0)))
    b.clone(op, mapping);
}

SmallVector<Value> KernelFunction::inlineRegion(Region &region,
                                                ValueRange arguments,
                                                IRMapping known) {
  Block &block = region.front();
  mapArguments(*this, block.getArguments(), arguments, known);
  for (Operation &op : block.without_terminator())
    cloneOnce(b, op, known);
  return llvm::map_to_vector(
      block.getTerminator()->getOperands(),
      [&](Value value) { return known.lookupOrDefault(value); });
}

IRMapping KernelFunction::inlineEarly(Region &region,
                                      ValueRange argumentsButFirst) {
  Block &block = region.front();
  llvm::SmallPtrSet<Operation *, 8> early;
  for (Operation &op : llvm::reverse(block.without_terminator())) {
    bool isSlow = !isa<arith::ArithDialect>(op.getDialect());
    bool isWanted = isSlow || llvm::any_of(op.getUsers(), [&](Operation *user) {
                      return early.contains(user);
                    });
    auto isNotFirst = [](unsigned argument) { return argument != 0; };
    if (isWanted && llvm::all_of(op.getOperands(), [&](Value operand) {
          return dependsOnlyOn(operand, isNotFirst);
        }))
      early.insert(&op);
  }
  IRMapping mapping;
  if (early.empty())
    return mapping;
  mapArguments(*this, block.getArguments().drop_front(), argumentsButFirst,
               mapping);
  for (Operation &op : block)
    if (early.contains(&op))
      cloneOnce(b, op, mapping);
  return mapping;
}
