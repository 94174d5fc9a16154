//===- EmitWindowTiled.cpp - kernel.window, lanes along time --------------===//
//
// For tensors in which time is contiguous. Lanes are neighbours in time: each
// has `steps` neighbouring steps of the warp's channel, one wide access where
// rows are aligned, and the width-1 inputs before them, which are its
// neighbour's and come from the first-level cache. Of a whole tile all loads
// are issued before the first use; what is left of a sequence after its last
// whole tile is taken group by group, and the rest of a group step by step.
//
//===----------------------------------------------------------------------===//

#include "Emitters.h"
#include "WindowThread.h"

using namespace mlir;
using namespace ssmc;

namespace {

enum Dim : unsigned { b, t, d, w };
constexpr int64_t kLanes = 32;

class TiledWindow {
public:
  TiledWindow(KernelFunction &f, kernel::WindowOp op)
      : f(f), op(op), thread(f, op, /*width=*/1),
        threads(op.getScheduleAttr().get("threads", 128)),
        steps(op.getScheduleAttr().get("steps", 8)),
        rounds(op.getScheduleAttr().get("rounds", 2)),
        taps(f.staticExtent(Dim::w)) {}

  void emit();

private:
  /// The inputs of a group of steps, packed as they were loaded: those before
  /// its first step, its own, and those of each further input.
  struct Group {
    Value step;
    SmallVector<Value> before, own;
    SmallVector<SmallVector<Value>> timed;
  };
  Group load(Value step, bool isInside);
  void finish(Group &group);
  void emitTile();
  void emitGroupwise();
  Value areRowsAligned();
  int64_t widthOf(unsigned view, int64_t wanted) {
    return f.possibleWidth(view, Dim::t, wanted);
  }

  KernelFunction &f;
  kernel::WindowOp op;
  WindowThread thread;
  int64_t threads, steps, rounds, taps;
  /// Elements of the accesses to what is before a group, and how many of them.
  int64_t beforeWidth = 1, beforeCount = 0;
  /// The first step of the warp's tile, and of the thread's first group.
  Value tile, first;
};

} // namespace

/// Whether all accesses along time may be as wide as possible; null where that
/// is known.
Value TiledWindow::areRowsAligned() {
  Value aligned;
  auto also = [&](unsigned view) {
    Value condition = f.stridesAreMultiples(view, widthOf(view, steps));
    if (condition)
      aligned = aligned ? f.both(aligned, condition) : condition;
  };
  also(WindowThread::x);
  also(f.resultView(0));
  for (unsigned view : thread.timedInputs())
    also(view);
  return aligned;
}

TiledWindow::Group TiledWindow::load(Value step, bool isInside) {
  constexpr unsigned x = WindowThread::x;
  Group group;
  group.step = step;
  Value before = f.sub(step, f.index(beforeCount));
  auto loadBefore = [&] {
    return f.loadPacked(x, thread.pointAt(thread.timeOf(before)), Dim::t,
                        beforeCount, beforeWidth);
  };
  if (isInside) {
    group.before = loadBefore();
  } else {
    Value areInside = f.lessThan(f.index(beforeCount - 1), step);
    group.before = f.valuesIf(areInside, loadBefore, [&] {
      Type type = f.viewType(x).elementType;
      SmallVector<Value> elements(beforeCount - (taps - 1), f.zero(type));
      for (const WindowThread::Row &row : thread.loadBefore(step))
        elements.push_back(f.narrow(row[0], type));
      return f.pack(elements, beforeWidth);
    });
  }
  SmallVector<Value> at = thread.pointAt(thread.timeOf(step));
  group.own = f.loadPacked(x, at, Dim::t, steps, widthOf(x, steps));
  for (unsigned view : thread.timedInputs())
    group.timed.push_back(
        f.loadPacked(view, at, Dim::t, steps, widthOf(view, steps)));
  return group;
}

void TiledWindow::finish(Group &group) {
  SmallVector<WindowThread::Row> window;
  WindowThread::Row before = thread.widen(f.unpack(group.before));
  for (Value element : ArrayRef(before).take_back(taps - 1))
    window.push_back({element});
  for (Value element : thread.widen(f.unpack(group.own)))
    window.push_back({element});
  SmallVector<SmallVector<Value>> timed;
  for (const SmallVector<Value> &packed : group.timed)
    timed.push_back(f.unpack(packed));
  SmallVector<Value> results;
  for (int64_t i = 0; i < steps; ++i) {
    SmallVector<WindowThread::Row> rows;
    for (const SmallVector<Value> &elements : timed)
      rows.push_back({elements[i]});
    results.push_back(thread.compute(ArrayRef(window).slice(i, taps), rows)[0]);
  }
  unsigned view = f.resultView(0);
  f.storeMany(view, thread.pointAt(thread.timeOf(group.step)), Dim::t, results,
              widthOf(view, steps));
}

void TiledWindow::emitTile() {
  SmallVector<Group> loaded;
  for (int64_t i = 0; i < rounds; ++i)
    loaded.push_back(load(f.add(first, f.index(i * kLanes * steps)),
                          /*isInside=*/i > 0 && kLanes * steps >= beforeCount));
  for (Group &group : loaded)
    finish(group);
}

void TiledWindow::emitGroupwise() {
  Value numSteps = thread.sequence->numSteps;
  Value aligned = areRowsAligned();
  Value end = f.min(f.add(tile, f.index(rounds * kLanes * steps)), numSteps);
  auto loop = scf::ForOp::create(f.b, first, end, f.index(kLanes * steps));
  OpBuilder::InsertionGuard guard(f.b);
  f.b.setInsertionPointToStart(loop.getBody());
  Value from = loop.getInductionVar(), next = f.add(from, f.index(steps));
  Value isWhole = f.lessThan(f.sub(next, f.index(1)), end);
  if (aligned)
    isWhole = f.both(isWhole, aligned);
  auto asGroup = [&] {
    Group group = load(from, /*isInside=*/false);
    finish(group);
  };
  f.ifThenElse(isWhole, asGroup, [&] {
    thread.walk(from, f.min(next, end), /*count=*/1, thread.loadBefore(from));
  });
}

void TiledWindow::emit() {
  int64_t numChannels = f.staticExtent(Dim::d), warps = threads / kLanes;
  int64_t channelBlocks = llvm::divideCeil(numChannels, warps);
  int64_t tileSteps = kLanes * steps * rounds;
  beforeWidth = std::min<int64_t>(widthOf(WindowThread::x, steps),
                                  llvm::PowerOf2Ceil(taps - 1));
  beforeCount = llvm::alignTo(taps - 1, beforeWidth);

  // Blocks: batch, then channels, then tiles of the sequence.
  Value block = f.blockId(), id = f.threadId();
  Value tiles = f.div(f.add(f.extent(Dim::t), f.index(tileSteps - 1)),
                      f.index(tileSteps));
  Value channelAndBatch = f.div(block, tiles);
  Value channel = f.add(
      f.mul(f.rem(channelAndBatch, f.index(channelBlocks)), f.index(warps)),
      f.div(id, f.index(kLanes)));
  tile = f.mul(f.rem(block, tiles), f.index(tileSteps));
  first = f.add(tile, f.mul(f.rem(id, f.index(kLanes)), f.index(steps)));

  thread.place(f.div(channelAndBatch, f.index(channelBlocks)), channel);
  Value numSteps = thread.sequence->numSteps;
  Value next = f.add(tile, f.index(tileSteps));
  auto emitAll = [&] {
    thread.loadInvariants();
    Value isWhole = f.lessThan(f.sub(next, f.index(1)), numSteps);
    if (Value aligned = areRowsAligned())
      isWhole = f.both(isWhole, aligned);
    f.ifThenElse(isWhole, [&] { emitTile(); }, [&] { emitGroupwise(); });
    if (!op.getFinalState())
      return;
    // One thread of the channel's last tile passes its state on.
    Value isLast = f.both(f.lessThan(f.sub(numSteps, f.index(1)), next),
                          f.equal(first, tile));
    f.ifThen(isLast, [&] { thread.storeState(thread.loadBefore(numSteps)); });
  };
  auto storeZeros = [&] {
    Value end = f.min(next, numSteps);
    auto loop = scf::ForOp::create(f.b, first, end, f.index(kLanes * steps));
    OpBuilder::InsertionGuard guard(f.b);
    f.b.setInsertionPointToStart(loop.getBody());
    Value from = loop.getInductionVar();
    f.forEach(from, f.min(f.add(from, f.index(steps)), end),
              [&](Value step) { thread.storeZero(thread.timeOf(step)); });
  };
  f.ifThen(f.lessThan(channel, f.index(numChannels)),
           [&] { thread.sequence->ifHasState(emitAll, storeZeros); });
  AffineExpr blocks = f.extentSymbol(Dim::b) * channelBlocks *
                      f.extentSymbol(Dim::t).ceilDiv(tileSteps);
  f.finish(threads, f.gridMap(blocks));
}

void ssmc::emitWindowTiled(KernelFunction &f, kernel::WindowOp op) {
  TiledWindow(f, op).emit();
}
