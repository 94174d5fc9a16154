//===- ScanChainRest.cpp - Steps of a chained scan that make no tile ------===//
//
// A sequence's last steps, where they are fewer than a tile's, are scanned one
// after the other by the warp whose turn it is. So it has a code for one step
// instead of a second one for a tile, half of a kernel. Where lanes share
// states, each step is still loaded and computed by one of them, before the
// scan.
//
//===----------------------------------------------------------------------===//

#include "ScanChain.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/SaveAndRestore.h"
#include <numeric>

using namespace mlir;
using namespace ssmc;

/// As valuesOfStep().
ScanChain::Values ScanChain::valuesOfRow(Value row, int64_t k) {
  Value ofOwner = f.rem(row, f.index(ownSteps()));
  Value at =
      f.add(valuesOfOwner(row), f.mul(ofOwner, f.index(numSharedValues)));
  at = f.add(valuesOfChannel(k), at);
  int64_t words = std::gcd<int64_t>(4, numSharedValues);
  Values known, values;
  for (int64_t i = 0; i < numSharedValues; i += words)
    llvm::append_range(known,
                       f.loadWords(memory, f.add(at, f.index(i)), words));
  for (int64_t number : sharedValue)
    values.push_back(number < 0 ? f.f32(0.0f) : known[number]);
  return values;
}

/// The outputs of this lane's own steps of the rest that begins at `start`,
/// from their sums by step and channel.
void ScanChain::storeRest(Value start, const Prepared &own,
                          ArrayRef<Value> sums) {
  for (auto [i, step] : llvm::enumerate(own)) {
    Values outputs = outputsOf(step, sums.slice(i * width, width));
    Value at = ownStep(start, int64_t(i));
    f.ifThen(f.both(storesOwn, f.lessThan(at, end)),
             [&] { storeOutputsOf(timeOf(at), outputs); });
  }
}

/// Goes from the states before the step at `row` of the rest that begins at
/// `start` to those after it. `others` are a summary's totals of the rest, to
/// which the step's are added, or the sums of this lane's own steps so far.
void ScanChain::takeRow(Value start, Value row, MutableArrayRef<Value> states,
                        MutableArrayRef<Value> others) {
  Value at = f.add(start, row);
  Step step = {timeOf(at), row, {}};
  OwnStep alone;
  if (lanes == 1) {
    Values packets = loadInputsOf(at);
    ArrayRef<Value> front = packets;
    alone = prepareStep(unpackStep(front));
    step.values = alone.values;
  } else {
    for (int64_t k = 0; k < width; ++k)
      step.values.push_back(valuesOfRow(row, k));
  }
  if (summarizes)
    return summarizeStep(step, states, others);
  Values sums = takeStep(step, states);
  if (lanes == 1)
    return f.ifThen(storesOwn,
                    [&] { storeOutputsOf(step.time, outputsOf(alone, sums)); });
  for (Value &sum : sums)
    sum = f.sumOverLanes(sum, lanes, layout->laneDistance(1));
  for (auto [i, sum] : llvm::enumerate(others))
    sum = f.select(f.equal(row, f.add(firstOwn, f.index(i / width))),
                   sums[i % width], sum);
}

/// The last `count` steps. Takes and returns `states` as computeTile() does.
ScanChain::Values ScanChain::scanRest(Value count, ValueRange states) {
  Value start = f.sub(end, count);
  // A shuffle stays where it is, and with it what depends on the sequence's
  // number: addresses that would else be in registers while whole tiles are
  // computed. It costs instructions, so it is for where registers are few.
  llvm::SaveAndRestore restored(batch);
  if (fewRegisters) {
    Type i32 = f.b.getI32Type(), index = f.b.getIndexType();
    batch = arith::IndexCastOp::create(f.b, i32, batch);
    batch = arith::IndexCastOp::create(f.b, index, f.shuffleXor(batch, 0));
  }

  // Where one lane has a channel, each step is loaded when its turn comes: a
  // loop cannot count through registers.
  Values rows = fetchShares(start, /*clamped=*/true);
  Prepared own;
  if (lanes > 1)
    own = prepare(unpackOwn(loadInputs(start, /*clamped=*/true)));
  putShares(rows, f.index(0));
  shareValues(own);
  if (usesShared())
    f.syncWarp();

  Values carried;
  if (isChained())
    receive({}, carried);
  else
    llvm::append_range(carried, states.take_front(numStates()));
  if (summarizes)
    llvm::append_range(carried, totalsOfNone());
  else
    carried.append(own.size() * width, f.f32(0.0f));
  auto loop = scf::ForOp::create(f.b, f.index(0), count, f.index(1), carried);
  {
    OpBuilder::InsertionGuard guard(f.b);
    f.b.setInsertionPointToStart(loop.getBody());
    Values values(loop.getRegionIterArgs());
    auto all = MutableArrayRef(values);
    takeRow(start, loop.getInductionVar(), all.take_front(numStates()),
            all.drop_front(numStates()));
    scf::YieldOp::create(f.b, values);
  }
  Values results(loop.getResults());
  ArrayRef<Value> others = ArrayRef(results).drop_front(numStates());

  // More steps of this warp's may follow.
  if (usesShared())
    f.syncWarp();
  if (isChained())
    passOn(ArrayRef(results).take_front(numStates()));
  if (!summarizes) {
    storeRest(start, own, others);
    results.truncate(isChained() ? 0 : numStates());
    return results;
  }
  // As of a tile: its sum first.
  for (auto [total, ofRest] :
       llvm::drop_begin(llvm::zip(states, results), numStates()))
    ofRest = combineTotals(total, ofRest);
  return results;
}
