//===- ScanTile.cpp - Where a block's tiles lie, and the walk over them ---===//

#include "ScanTile.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace ssmc;

namespace {
/// The iteration dimensions.
enum Dim : unsigned { b, t, d, n };
} // namespace

ScanTile::ScanTile(KernelFunction &f, kernel::ScanOp op) : ScanThread(f, op) {
  kernel::ScheduleAttr schedule = op.getScheduleAttr();
  threads = schedule.get("threads", 128);
  segments = schedule.get("segments", 8);
  steps = schedule.get("steps", 8);
  warps = schedule.get("warps", 1);
  group = schedule.get("states", 4);
  stages = schedule.get("stages", 1);
  channelLanes = 32 / (segments * lanes);
  channelsPerBlock = threads / 32 / warps * channelLanes * width;
  tileSteps = warps * segments * steps;
}

void ScanTile::findPosition(Value ofBatch, Value block) {
  Value warp = f.div(f.threadId(), f.index(32));
  Value lane = f.rem(f.threadId(), f.index(32));
  warpOfTime = f.rem(warp, f.index(warps));
  Value channelLane =
      f.add(f.mul(f.div(warp, f.index(warps)), f.index(channelLanes)),
            f.rem(lane, f.index(channelLanes)));
  Value stateLane = f.rem(f.div(lane, f.index(channelLanes)), f.index(lanes));
  findChannels(ofBatch, block, channelsPerBlock, channelLane, stateLane);
  int64_t perSegment = channelLanes * lanes;
  segment = f.div(lane, f.index(perSegment));
  segmentIndex = f.add(f.mul(warpOfTime, f.index(segments)), segment);
  lastLane = f.add(f.rem(lane, f.index(perSegment)),
                   f.index((segments - 1) * perSegment));
  slot = f.add(f.mul(channelLane, f.index(lanes)), stateLane);
  writes = f.both(channelExists, f.equal(stateLane, f.index(0)));
  leads = f.both(channelExists, f.equal(segmentIndex, f.index(0)));

  for (unsigned view : stateInputs)
    if (!isInvariant(view) &&
        kernel::isSharedByChannels(f.map(view), channelsPerBlock))
      shared.try_emplace(view, f, view, tileSteps, f.staticExtent(Dim::n),
                         steps, threads);
  planShares();
  if (warps > 1)
    joints = f.sharedF32(
        {2, 2, group * width, warps, channelsPerBlock / width * lanes});
  loadInvariants();
}

//===----------------------------------------------------------------------===//
// The walk
//===----------------------------------------------------------------------===//

/// The inputs without n that depend on time: by step, then input, in packets.
/// `clamped` reads the last step beyond the end.
ScanTile::Values ScanTile::loadInputs(Value tile, bool clamped) {
  Values packets;
  Value first = f.add(tile, f.mul(segmentIndex, f.index(steps)));
  for (int64_t i = 0; i < steps; ++i) {
    Value step = f.add(first, f.index(i));
    if (clamped)
      step = f.min(step, f.sub(end, f.index(1)));
    for (unsigned view : stepInputs)
      if (!invariants.count(view))
        llvm::append_range(packets, loadInput(view, step));
  }
  return packets;
}

/// Whole tiles from `from` to `whole`. `carried` are the states, the buffer of
/// the shared rows and, with two stages, the tile's inputs.
ScanTile::Values ScanTile::loopOverTiles(Value from, Value whole,
                                         ValueRange carried) {
  auto loop = scf::ForOp::create(f.b, from, whole, f.index(tileSteps), carried);
  OpBuilder::InsertionGuard guard(f.b);
  f.b.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> args(loop.getRegionIterArgs());
  ArrayRef<Value> states = ArrayRef(args).take_front(numCarriedStates());
  Value buffer = args[states.size()];
  Value tile = loop.getInductionVar(), next = f.add(tile, f.index(tileSteps));

  // What the next tile needs is on its way while this one is computed.
  Values shares = fetchShares(next, /*clamped=*/true), nextInputs;
  Values inputs(ArrayRef(args).drop_front(states.size() + 1));
  if (stages == 2)
    nextInputs = loadInputs(next, /*clamped=*/true);
  else
    inputs = loadInputs(tile, /*clamped=*/false);
  Values results = computeTile(tile, inputs, buffer, states, /*masked=*/false);
  Value other = f.sub(f.index(1), buffer);
  putShares(shares, other);
  meet();
  results.push_back(other);
  llvm::append_range(results, nextInputs);
  scf::YieldOp::create(f.b, results);
  return Values(loop.getResults());
}

/// A barrier, if threads share anything.
void ScanTile::meet() {
  if (!shared.empty() || warps > 1)
    f.barrier();
}

/// The steps from `from` to `to`; there is at least one.
ScanTile::Values ScanTile::walkTiles(Value from, Value to, ValueRange states) {
  Value numSteps = f.sub(to, from);
  Value whole = f.sub(to, f.rem(numSteps, f.index(tileSteps)));
  Values carried(states);
  carried.push_back(f.index(0));
  putShares(fetchShares(from, /*clamped=*/true), f.index(0));
  meet();
  if (stages == 2)
    llvm::append_range(carried, loadInputs(from, /*clamped=*/true));
  carried = loopOverTiles(from, whole, carried);
  Values inputs(ArrayRef(carried).drop_front(states.size() + 1));
  Value buffer = carried[states.size()];
  carried.truncate(states.size());

  auto rest = [&] {
    if (stages != 2)
      inputs = loadInputs(whole, /*clamped=*/true);
    return computeTile(whole, inputs, buffer, carried, /*masked=*/true);
  };
  return f.valuesIf(f.lessThan(whole, to), rest, [&] { return carried; });
}

ScanTile::Values ScanTile::walk(Value from, Value to, ValueRange states) {
  end = to;
  return f.valuesIf(
      f.lessThan(from, to), [&] { return walkTiles(from, to, states); },
      [&] { return Values(states); });
}

ScanTile::Values ScanTile::scan(Value from, Value to, ValueRange states) {
  summarizes = false;
  return walk(from, to, states);
}

ScanTile::Values ScanTile::summarize(Value from, Value to) {
  summarizes = true;
  Values states = zeroStates();
  states.append(numStates(), f.f32(1.0f));
  return walk(from, to, states);
}
