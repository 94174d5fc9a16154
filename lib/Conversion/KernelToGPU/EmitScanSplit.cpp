//===- EmitScanSplit.cpp - kernel.scan, split over blocks -----------------===//
//
// Where channels are few and sequences long, a sequence is cut in pieces of
// `piece` steps, which blocks scan as EmitScanTiled.cpp says. Three kernels:
// the pieces' decays and states from 0; the states before each piece; the
// pieces again from these. A piece waits for no other, and states are joined in
// the order of pieces, so results do not vary from run to run.
//
// The price is that decays are computed twice. Waiting for the piece before
// (decoupled look-back) would save that; it needs blocks that start in order
// and a device-wide memory order, and joins in an order that depends on timing.
//
//===----------------------------------------------------------------------===//

#include "Emitters.h"
#include "ScanTile.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace ssmc;

namespace {

/// The iteration dimensions.
enum Dim : unsigned { b, t, d, n };
constexpr int64_t kJoinThreads = 128;

int64_t stepsOfPiece(kernel::ScanOp op) {
  return op.getScheduleAttr().get("piece", 4096);
}

/// The scratch buffers: the decay of each piece, and its state.
class Pieces {
public:
  Pieces(KernelFunction &f, kernel::ScanOp op)
      : f(f), steps(f.index(stepsOfPiece(op))),
        number(
            f.div(f.add(f.extent(Dim::t), f.sub(steps, f.index(1))), steps)) {
    SmallVector<Value> shape = {f.extent(Dim::b), number, f.extent(Dim::d),
                                f.extent(Dim::n)};
    decays = f.scratch(0, shape);
    states = f.scratch(1, shape);
  }

  KernelFunction &f;
  Value steps, number;
  Value decays, states;
};

/// A block's piece, and its tiles of it.
struct PieceOfBlock {
  PieceOfBlock(KernelFunction &f, kernel::ScanOp op)
      : pieces(f, op), tile(f, op) {
    // All channels of a piece, then the next piece.
    Value blocks = f.index(tile.blocksPerSequence());
    Value ofSequence = f.mul(pieces.number, blocks);
    Value batch = f.div(f.blockId(), ofSequence);
    Value rest = f.rem(f.blockId(), ofSequence);
    piece = f.div(rest, blocks);
    tile.findPosition(f.add(f.mul(batch, blocks), f.rem(rest, blocks)));
    from = f.mul(piece, pieces.steps);
    to = f.min(f.add(from, pieces.steps), f.extent(Dim::t));
    point = [this, batch](Value channel, Value state) {
      return SmallVector<Value>{batch, piece, channel, state};
    };
  }

  void finish(KernelFunction &f, kernel::ScanOp op) {
    AffineExpr pieces = f.extentSymbol(Dim::t).ceilDiv(stepsOfPiece(op));
    f.finish(tile.numThreads(), f.gridMap(f.extentSymbol(Dim::b) * pieces *
                                          tile.blocksPerSequence()));
  }

  Pieces pieces;
  ScanTile tile;
  Value piece, from, to;
  std::function<SmallVector<Value>(Value, Value)> point;
};

} // namespace

SmallVector<AffineExpr> ssmc::getSplitScratch(kernel::ScanOp op) {
  auto extent = [&](Dim dim) {
    return getAffineSymbolExpr(dim, op.getContext());
  };
  AffineExpr elements = extent(Dim::b) *
                        extent(Dim::t).ceilDiv(stepsOfPiece(op)) *
                        extent(Dim::d) * extent(Dim::n);
  return {elements, elements};
}

void ssmc::emitSplitSummaries(KernelFunction &f, kernel::ScanOp op) {
  PieceOfBlock block(f, op);
  SmallVector<Value> summary = block.tile.summarize(block.from, block.to);
  ArrayRef<Value> states = ArrayRef(summary).take_front(block.tile.numStates());
  block.tile.storeStates(block.pieces.states, states, block.point);
  block.tile.storeStates(block.pieces.decays,
                         ArrayRef(summary).drop_front(states.size()),
                         block.point);
  block.finish(f, op);
}

void ssmc::emitSplitJoin(KernelFunction &f, kernel::ScanOp op) {
  Pieces pieces(f, op);
  // A thread has one state of one channel.
  Value linear = f.add(f.mul(f.blockId(), f.index(kJoinThreads)), f.threadId());
  int64_t statesOfSequence = f.staticExtent(Dim::d) * f.staticExtent(Dim::n);
  Value all = f.mul(f.extent(Dim::b), f.index(statesOfSequence));
  f.ifThen(f.lessThan(linear, all), [&] {
    SmallVector<Value> at = f.delinearize(linear, {Dim::b, Dim::d, Dim::n});
    Sequence sequence(f, op, at[0]);
    auto join = [&] {
      SmallVector<Value> point = {at[0], Value(), at[1], at[2]};
      if (op.getSlots())
        point.push_back(sequence.row);
      Value state = op.getInitialState()
                        ? f.widen(f.load(op.getInitialStateOperand(), point))
                        : f.f32(0.0f);
      auto loop =
          scf::ForOp::create(f.b, f.index(0), pieces.number, f.index(1), state);
      {
        OpBuilder::InsertionGuard guard(f.b);
        f.b.setInsertionPointToStart(loop.getBody());
        SmallVector<Value> piece = {at[0], loop.getInductionVar(), at[1],
                                    at[2]};
        Value before = loop.getRegionIterArgs()[0];
        Value decay = memref::LoadOp::create(f.b, pieces.decays, piece);
        Value own = memref::LoadOp::create(f.b, pieces.states, piece);
        memref::StoreOp::create(f.b, before, pieces.states, piece);
        scf::YieldOp::create(f.b, f.fma(decay, before, own));
      }
      if (!op.getLastState())
        return;
      unsigned view = f.resultView(1);
      f.store(view, point,
              f.narrow(loop.getResult(0), f.viewType(view).elementType));
    };
    sequence.ifHasState(join, [] {});
  });
  f.finish(
      kJoinThreads,
      f.gridMap(
          (f.extentSymbol(Dim::b) * statesOfSequence).ceilDiv(kJoinThreads)));
}

void ssmc::emitSplitScan(KernelFunction &f, kernel::ScanOp op) {
  PieceOfBlock block(f, op);
  block.tile.getSequence().ifHasState(
      [&] {
        block.tile.scan(
            block.from, block.to,
            block.tile.loadStates(block.pieces.states, block.point));
      },
      [&] { block.tile.zeroSteps(block.from, block.to); });
  block.finish(f, op);
}
