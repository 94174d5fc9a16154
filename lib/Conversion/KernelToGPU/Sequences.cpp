//===- Sequences.cpp - Where a kernel's sequence and state lie ------------===//

#include "Sequences.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace ssmc;

/// The iteration dimensions of what runs along time.
enum Dim : unsigned { b, t };

static Value loadIndex(KernelFunction &f, unsigned view, Value at) {
  return arith::IndexCastOp::create(f.b, f.b.getIndexType(),
                                    f.loadAt(view, at));
}

void Sequence::findTimes(std::optional<unsigned> offsets) {
  firstTime = f.index(0);
  numSteps = f.extent(Dim::t);
  row = index;
  if (!offsets)
    return;
  isPacked = true;
  Value seqlen = numSteps;
  auto bound = [&](Value at) {
    return f.min(f.max(loadIndex(f, *offsets, at), f.index(0)), seqlen);
  };
  firstTime = bound(index);
  Value end = bound(f.add(index, f.index(1)));
  numSteps = f.max(f.sub(end, firstTime), f.index(0));
}

void Sequence::findRow(unsigned slots, unsigned rowDim) {
  row = loadIndex(f, slots, index);
  numRows = f.extent(rowDim);
  // Unsigned, a negative slot is beyond any pool.
  hasState =
      arith::CmpIOp::create(f.b, arith::CmpIPredicate::ult, row, numRows);
}

void Sequence::ifHasState(llvm::function_ref<void()> body,
                          llvm::function_ref<void()> padding) {
  if (!hasState)
    return body();
  f.ifThenElse(hasState, body, padding);
}

Value Sequence::clampedRow() {
  return hasState ? f.select(hasState, row, f.index(0)) : row;
}

void Sequence::forEachStepOutside(llvm::function_ref<void(Value)> store) {
  if (!isPacked)
    return;
  auto is = [&](Value other) -> Value {
    return arith::CmpIOp::create(f.b, arith::CmpIPredicate::eq, index, other);
  };
  f.ifThen(is(f.index(0)), [&] { f.forEach(f.index(0), firstTime, store); });
  f.ifThen(is(f.sub(f.extent(Dim::b), f.index(1))), [&] {
    f.forEach(f.add(firstTime, numSteps), f.extent(Dim::t), store);
  });
}
