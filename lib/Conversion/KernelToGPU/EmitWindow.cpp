//===- EmitWindow.cpp - kernel.window, sequential in time -----------------===//
//
// A thread holds the last width-1 inputs of its channels in registers and walks
// along time, so that each input is read once. With steps > 0 a sequence is cut
// into pieces of that length, each of which reads the width-1 inputs before it.
//
//===----------------------------------------------------------------------===//

#include "Emitters.h"
#include "WindowThread.h"

using namespace mlir;
using namespace ssmc;

namespace {
enum Dim : unsigned { b, t, d, w };
} // namespace

void ssmc::emitWindow(KernelFunction &f, kernel::WindowOp op) {
  kernel::ScheduleAttr schedule = op.getScheduleAttr();
  int64_t threads = schedule.get("threads", 128);
  int64_t steps = schedule.get("steps", 0);
  int64_t width = schedule.get("width", 1);
  int64_t loads = schedule.get("loads", 1);
  int64_t numChannels = f.staticExtent(Dim::d);
  int64_t channelBlocks = llvm::divideCeil(numChannels, threads * width);
  if (f.staticExtent(Dim::t) == 1)
    loads = 1;

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
  if (width > 1)
    channel = f.mul(channel, f.index(width));
  Value pieceAndBatch = f.div(block, f.index(channelBlocks));
  WindowThread thread(f, op, width);
  thread.place(f.div(pieceAndBatch, pieces), channel);
  // Steps are counted from the start of the sequence.
  Sequence &sequence = *thread.sequence;
  Value numSteps = sequence.numSteps, from = f.index(0), to = numSteps;
  if (steps > 0) {
    from = f.mul(f.rem(pieceAndBatch, pieces), f.index(steps));
    to = f.min(f.add(from, f.index(steps)), numSteps);
  }

  auto emitPiece = [&] {
    SmallVector<WindowThread::Row> window =
        thread.loadBefore(from, /*atStart=*/steps == 0);
    thread.loadInvariants();
    window = thread.walk(from, to, loads, window);
    if (!op.getFinalState())
      return;
    if (steps == 0)
      thread.storeState(window);
    else
      f.ifThen(f.equal(to, numSteps), [&] { thread.storeState(window); });
  };
  auto storeZero = [&](Value time) { thread.storeZero(time); };
  f.ifThen(f.lessThan(channel, f.index(numChannels)), [&] {
    // Pieces are laid out for the longest sequence that there could be; an
    // empty one has a piece all the same, which passes its state on.
    auto emitPieceIfAny = [&] {
      if (steps == 0)
        return emitPiece();
      f.ifThen(f.lessThan(from, f.max(numSteps, f.index(1))), emitPiece);
    };
    sequence.ifHasState(emitPieceIfAny, [&] {
      f.forEach(thread.timeOf(from), thread.timeOf(to), storeZero);
    });
    f.ifThen(f.equal(from, f.index(0)),
             [&] { sequence.forEachStepOutside(storeZero); });
  });
  f.finish(threads,
           f.gridMap(f.extentSymbol(Dim::b) * piecesExpr * channelBlocks));
}
