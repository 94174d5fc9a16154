//===- EmitWindow.cpp - kernel.window, sequential in time -----------------===//
//
// A thread holds the last width-1 inputs of its channel in registers and walks
// along time, so that each input is read once. With steps > 0 a sequence is cut
// into pieces of that length, each of which reads the width-1 inputs before it.
//
//===----------------------------------------------------------------------===//

#include "Emitters.h"
#include "Sequences.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace ssmc;

namespace {
enum Dim : unsigned { b, t, d, w };
} // namespace

void ssmc::emitWindow(KernelFunction &f, kernel::WindowOp op) {
  constexpr unsigned x = 0, weight = 1;
  int64_t threads = op.getScheduleAttr().get("threads", 128);
  int64_t steps = op.getScheduleAttr().get("steps", 0);
  int64_t width = f.staticExtent(Dim::w), numChannels = f.staticExtent(Dim::d);
  int64_t channelBlocks = llvm::divideCeil(numChannels, threads);

  // Blocks: batch, then pieces of the sequence, then channels.
  Value seqlen = f.extent(Dim::t), block = f.blockId();
  Value pieces = f.index(1);
  AffineExpr piecesExpr = getAffineConstantExpr(1, op.getContext());
  if (steps > 0) {
    pieces = f.div(f.add(seqlen, f.index(steps - 1)), f.index(steps));
    piecesExpr = f.extentSymbol(Dim::t).ceilDiv(steps);
  }
  Value channel =
      f.add(f.mul(f.rem(block, f.index(channelBlocks)), f.index(threads)),
            f.threadId());
  Value pieceAndBatch = f.div(block, f.index(channelBlocks));
  Value batch = f.div(pieceAndBatch, pieces);
  // Steps are counted from the start of the sequence; `first` is its place
  // along time.
  Sequence sequence(f, op, batch);
  Value first = sequence.firstTime, numSteps = sequence.numSteps;
  Value from = f.index(0), to = numSteps;
  if (steps > 0) {
    from = f.mul(f.rem(pieceAndBatch, pieces), f.index(steps));
    to = f.min(f.add(from, f.index(steps)), numSteps);
  }

  auto emitPiece = [&] {
    // x at from - (width-1) + i, where i < width-1: from the state, or zero,
    // before the start of the sequence.
    auto loadBefore = [&](int64_t i) -> Value {
      auto fromState = [&]() -> Value {
        auto type = cast<FloatType>(f.viewType(x).elementType);
        if (op.getInitialState())
          return f.narrow(f.widen(f.loadAt(op.getInitialStateOperand(),
                                           {sequence.row,
                                            f.add(from, f.index(i)), channel})),
                          type);
        return f.zero(type);
      };
      if (steps == 0)
        return fromState();
      Value inside = f.lessThan(f.index(width - 2 - i), from);
      auto ifOp = scf::IfOp::create(f.b, f.viewType(x).elementType, inside,
                                    /*withElseRegion=*/true);
      OpBuilder::InsertionGuard guard(f.b);
      f.b.setInsertionPointToStart(ifOp.thenBlock());
      Value step = f.sub(f.add(from, f.index(i)), f.index(width - 1));
      Value time = f.add(first, step);
      scf::YieldOp::create(f.b, f.load(x, {batch, time, channel, Value()}));
      f.b.setInsertionPointToStart(ifOp.elseBlock());
      scf::YieldOp::create(f.b, fromState());
      return ifOp.getResult(0);
    };
    SmallVector<Value> window;
    for (int64_t i = 0; i < width - 1; ++i)
      window.push_back(loadBefore(i));

    SmallVector<Value> weights, extras;
    for (int64_t i = 0; i < width; ++i)
      weights.push_back(f.load(weight, {batch, Value(), channel, f.index(i)}));
    // Further inputs that do not depend on time are loaded once.
    auto loadExtra = [&](unsigned i, Value time) {
      return f.load(i, {batch, time, channel, Value()});
    };
    for (unsigned i = 2; i < op.getInputs().size(); ++i)
      extras.push_back(
          f.map(i).isFunctionOfDim(Dim::t) ? Value() : loadExtra(i, Value()));

    auto loop = scf::ForOp::create(f.b, from, to, f.index(1), window);
    {
      OpBuilder::InsertionGuard guard(f.b);
      f.b.setInsertionPointToStart(loop.getBody());
      Value time = f.add(first, loop.getInductionVar());
      SmallVector<Value> inputs(loop.getRegionIterArgs());
      inputs.push_back(f.load(x, {batch, time, channel, Value()}));
      Value sum;
      for (int64_t i = 0; i < width; ++i) {
        Value term = f.inlineRegion(op.getReduce(), {inputs[i], weights[i]})[0];
        sum = i == 0 ? term : f.addF(sum, term);
      }
      SmallVector<Value> arguments = {sum};
      for (auto [i, extra] : llvm::enumerate(extras))
        arguments.push_back(extra ? extra : loadExtra(i + 2, time));
      f.store(f.resultView(0), {batch, time, channel, Value()},
              f.inlineRegion(op.getEpilogue(), arguments)[0]);
      scf::YieldOp::create(f.b, ArrayRef(inputs).drop_front());
    }

    if (!op.getFinalState())
      return;
    auto storeState = [&] {
      for (int64_t i = 0; i < width - 1; ++i)
        f.storeAt(f.resultView(1), {sequence.row, f.index(i), channel},
                  f.narrow(f.widen(loop.getResult(i)),
                           f.viewType(f.resultView(1)).elementType));
    };
    if (steps == 0)
      storeState();
    else
      f.ifThen(
          arith::CmpIOp::create(f.b, arith::CmpIPredicate::eq, to, numSteps),
          storeState);
  };
  auto storeZero = [&](Value time) {
    f.store(f.resultView(0), {batch, time, channel, Value()},
            f.zero(f.viewType(f.resultView(0)).elementType));
  };
  f.ifThen(f.lessThan(channel, f.index(numChannels)), [&] {
    // Pieces are laid out for the longest sequence that there could be; an
    // empty one has a piece all the same, which passes its state on.
    auto emitPieceIfAny = [&] {
      if (steps == 0)
        return emitPiece();
      f.ifThen(f.lessThan(from, f.max(numSteps, f.index(1))), emitPiece);
    };
    sequence.ifHasState(emitPieceIfAny, [&] {
      f.forEach(f.add(first, from), f.add(first, to), storeZero);
    });
    Value isFirstPiece =
        arith::CmpIOp::create(f.b, arith::CmpIPredicate::eq, from, f.index(0));
    f.ifThen(isFirstPiece, [&] { sequence.forEachStepOutside(storeZero); });
  });
  f.finish(threads,
           f.gridMap(f.extentSymbol(Dim::b) * piecesExpr * channelBlocks));
}
