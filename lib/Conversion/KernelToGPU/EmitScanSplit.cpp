//===- EmitScanSplit.cpp - kernel.scan, split over blocks -----------------===//
//
// Where channels are few and sequences long, a sequence is cut in pieces of
// `piece` steps. A piece with several segments or warps is scanned as
// EmitScanTiled.cpp says, any other as EmitScanChained.cpp says. Three kernels:
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
#include "ScanChain.h"
#include "ScanTile.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "ssmc/Analysis/ScanModel.h"

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

/// A block's piece, and its tiles of it: ScanTile or ScanChain.
template <typename Tiles>
struct PieceOfBlock {
  template <typename... Arguments>
  PieceOfBlock(KernelFunction &f, kernel::ScanOp op, Arguments... arguments)
      : pieces(f, op), tile(f, op, arguments...) {
    // All channels of a piece, then the next piece.
    Value blocks = f.index(tile.blocksPerSequence());
    Value ofSequence = f.mul(pieces.number, blocks);
    Value batch = f.div(f.blockId(), ofSequence);
    Value rest = f.rem(f.blockId(), ofSequence);
    piece = f.div(rest, blocks);
    tile.findPosition(batch, f.rem(rest, blocks));
    from = f.mul(piece, pieces.steps);
    to = f.min(f.add(from, pieces.steps), f.extent(Dim::t));
    point = [this, batch](Value channel, Value state) {
      return SmallVector<Value>{batch, piece, channel, state};
    };
  }

  void finish(KernelFunction &f, kernel::ScanOp op) {
    AffineExpr pieces = f.extentSymbol(Dim::t).ceilDiv(stepsOfPiece(op));
    f.finish(
        tile.numThreads(),
        f.gridMap(f.extentSymbol(Dim::b) * pieces * tile.blocksPerSequence()),
        op.getScheduleAttr().get("resident", 0));
  }

  Pieces pieces;
  Tiles tile;
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

template <typename Tiles, typename... Arguments>
static void emitSummaries(KernelFunction &f, kernel::ScanOp op,
                          Arguments... arguments) {
  PieceOfBlock<Tiles> block(f, op, arguments...);
  SmallVector<Value> summary = block.tile.summarize(block.from, block.to);
  ArrayRef<Value> states = ArrayRef(summary).take_front(block.tile.numStates());
  block.tile.storeStates(block.pieces.states, states, block.point);
  block.tile.storeStates(block.pieces.decays,
                         ArrayRef(summary).drop_front(states.size()),
                         block.point);
  block.finish(f, op);
}

void ssmc::emitSplitSummaries(KernelFunction &f, kernel::ScanOp op) {
  if (kernel::hasChainedTiles(op.getScheduleAttr()))
    emitSummaries<ScanChain>(f, op, /*summarizes=*/true);
  else
    emitSummaries<ScanTile>(f, op);
}

/// Replaces the states of the pieces from `from` to `to`, `count` at a time, by
/// those before them, of which `state` is the first; returns the one after.
static Value joinPieces(Pieces &pieces, ArrayRef<Value> at, Value from,
                        Value to, int64_t count, Value state) {
  KernelFunction &f = pieces.f;
  auto loop = scf::ForOp::create(f.b, from, to, f.index(count), state);
  OpBuilder::InsertionGuard guard(f.b);
  f.b.setInsertionPointToStart(loop.getBody());
  SmallVector<SmallVector<Value>> points;
  for (int64_t i = 0; i < count; ++i)
    points.push_back(
        {at[0], f.add(loop.getInductionVar(), f.index(i)), at[1], at[2]});
  Value hasBatch = f.lessThan(f.index(0), f.extent(Dim::b));
  SmallVector<Value> loaded = f.loadIf(hasBatch, [&] {
    SmallVector<Value> summaries;
    for (ArrayRef<Value> point : points)
      for (Value buffer : {pieces.decays, pieces.states})
        summaries.push_back(memref::LoadOp::create(f.b, buffer, point));
    return summaries;
  });
  state = loop.getRegionIterArgs()[0];
  for (int64_t i = 0; i < count; ++i) {
    memref::StoreOp::create(f.b, state, pieces.states, points[i]);
    state = f.fma(loaded[2 * i], state, loaded[2 * i + 1]);
  }
  scf::YieldOp::create(f.b, state);
  return loop.getResult(0);
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
      Value many =
          f.sub(pieces.number, f.rem(pieces.number, f.index(kJoinPieces)));
      state = joinPieces(pieces, at, f.index(0), many, kJoinPieces, state);
      state = joinPieces(pieces, at, many, pieces.number, 1, state);
      if (!op.getLastState())
        return;
      unsigned view = f.resultView(1);
      f.store(view, point, f.narrow(state, f.viewType(view).elementType));
    };
    sequence.ifHasState(join, [] {});
  });
  f.finish(
      kJoinThreads,
      f.gridMap(
          (f.extentSymbol(Dim::b) * statesOfSequence).ceilDiv(kJoinThreads)));
}

template <typename Tiles>
static void emitPieces(KernelFunction &f, kernel::ScanOp op) {
  PieceOfBlock<Tiles> block(f, op);
  block.tile.getSequence().ifHasState(
      [&] {
        block.tile.scan(
            block.from, block.to,
            block.tile.loadStates(block.pieces.states, block.point));
      },
      [&] { block.tile.zeroSteps(block.from, block.to); });
  block.finish(f, op);
}

void ssmc::emitSplitScan(KernelFunction &f, kernel::ScanOp op) {
  if (kernel::hasChainedTiles(op.getScheduleAttr()))
    emitPieces<ScanChain>(f, op);
  else
    emitPieces<ScanTile>(f, op);
}
