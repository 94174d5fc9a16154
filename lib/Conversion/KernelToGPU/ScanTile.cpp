//===- ScanTile.cpp - Where a block's tiles lie, and the walk over them ---===//

#include "ScanTile.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace ssmc;

namespace {
/// The iteration dimensions.
enum Dim : unsigned { b, t, d, n };
} // namespace

ScanTile::ScanTile(KernelFunction &f, kernel::ScanOp op)
    : f(f), op(op), stepInputs(op.getStepInputs()),
      stateInputs(op.getStateInputs()) {
  kernel::ScheduleAttr schedule = op.getScheduleAttr();
  threads = schedule.get("threads", 128);
  segments = schedule.get("segments", 8);
  steps = schedule.get("steps", 8);
  width = schedule.get("width", 1);
  lanes = schedule.get("lanes", 1);
  warps = schedule.get("warps", 1);
  group = schedule.get("states", 4);
  stages = schedule.get("stages", 1);
  channelLanes = 32 / (segments * lanes);
  channelsPerBlock = threads / 32 / warps * channelLanes * width;
  tileSteps = warps * segments * steps;
  statesPerLane = llvm::divideCeil(f.staticExtent(Dim::n), lanes);
  ragged = statesPerLane * lanes != f.staticExtent(Dim::n);
}

int64_t ScanTile::blocksPerSequence() const {
  return llvm::divideCeil(f.staticExtent(Dim::d), channelsPerBlock);
}

//===----------------------------------------------------------------------===//
// Position
//===----------------------------------------------------------------------===//

void ScanTile::findPosition(Value block) {
  int64_t numChannels = f.staticExtent(Dim::d);
  Value blocks = f.index(blocksPerSequence());
  batch = f.div(block, blocks);
  Value warp = f.div(f.threadId(), f.index(32));
  Value lane = f.rem(f.threadId(), f.index(32));
  warpOfTime = f.rem(warp, f.index(warps));
  Value channelLane =
      f.add(f.mul(f.div(warp, f.index(warps)), f.index(channelLanes)),
            f.rem(lane, f.index(channelLanes)));
  Value blockChannel = f.mul(f.rem(block, blocks), f.index(channelsPerBlock));
  channel = f.add(blockChannel, f.mul(channelLane, f.index(width)));
  Value stateLane = f.rem(f.div(lane, f.index(channelLanes)), f.index(lanes));
  state = f.mul(stateLane, f.index(statesPerLane));
  int64_t perSegment = channelLanes * lanes;
  segment = f.div(lane, f.index(perSegment));
  segmentIndex = f.add(f.mul(warpOfTime, f.index(segments)), segment);
  lastLane = f.add(f.rem(lane, f.index(perSegment)),
                   f.index((segments - 1) * perSegment));
  slot = f.add(f.mul(channelLane, f.index(lanes)), stateLane);

  // Threads beyond the last channel compute it again, since all take part in
  // shuffles and barriers, but write nothing.
  channelExists = f.lessThan(channel, f.index(numChannels));
  channel = f.min(channel, f.index(numChannels - width));
  writes = f.both(channelExists, f.equal(stateLane, f.index(0)));
  leads = f.both(channelExists, f.equal(segmentIndex, f.index(0)));
  if (ragged)
    for (int64_t i = 0; i < statesPerLane; ++i)
      exists.push_back(f.lessThan(f.add(state, f.index(i)),
                                  f.index(f.staticExtent(Dim::n))));
  sequence.emplace(f, op, batch);
  for (unsigned view : stateInputs)
    if (f.map(view).isFunctionOfDim(Dim::t) &&
        kernel::isSharedByChannels(f.map(view), channelsPerBlock))
      shared.try_emplace(view, f, view, tileSteps, f.staticExtent(Dim::n),
                         steps, threads);
  if (warps > 1)
    joints = f.sharedF32(
        {2, 2, group * width, warps, channelsPerBlock / width * lanes});
  loadInvariants();
}

Value ScanTile::channelAt(int64_t k) { return f.add(channel, f.index(k)); }

/// The index of a state of this thread, or of the last one there is.
Value ScanTile::stateAt(int64_t i) {
  Value at = f.add(state, f.index(i));
  return ragged ? f.min(at, f.index(f.staticExtent(Dim::n) - 1)) : at;
}

/// A state beyond the last one contributes nothing.
Value ScanTile::orZero(Value value, int64_t i) {
  return ragged ? f.select(exists[i], value, f.f32(0.0f)) : value;
}

/// The index along time of a sequence's step.
Value ScanTile::timeOf(Value step) {
  if (op.getReverse())
    step = f.sub(f.sub(sequence->numSteps, f.index(1)), step);
  return f.add(sequence->firstTime, step);
}

ScanTile::Values ScanTile::pointAt(Value time, int64_t k, Value state) {
  Values point = {batch, time, channelAt(k), state};
  point.resize(op.getNumIterationDims());
  return point;
}

//===----------------------------------------------------------------------===//
// What does not depend on time, and states
//===----------------------------------------------------------------------===//

void ScanTile::loadInvariants() {
  auto isInvariant = [&](unsigned view) {
    return !f.map(view).isFunctionOfDim(Dim::t);
  };
  for (int64_t k = 0; k < width; ++k) {
    for (unsigned view : stepInputs)
      if (isInvariant(view))
        invariants[view].push_back({f.load(view, pointAt({}, k))});
    for (unsigned view : stateInputs)
      if (isInvariant(view)) {
        if (!ragged) {
          invariants[view].push_back(
              f.loadMany(view, pointAt({}, k, state), Dim::n, statesPerLane,
                         f.vectorWidth(view, Dim::n, statesPerLane)));
          continue;
        }
        Values &elements = invariants[view].emplace_back();
        for (int64_t i = 0; i < statesPerLane; ++i)
          elements.push_back(f.load(view, pointAt({}, k, stateAt(i))));
      }
  }
}

ScanTile::Values ScanTile::zeroStates() {
  return Values(numStates(), f.f32(0.0f));
}

/// The index of a state among the op's own.
ScanTile::Values ScanTile::statePoint(Value channel, Value state) {
  Values point = {batch, Value(), channel, state};
  if (op.getSlots())
    point.push_back(sequence->row);
  return point;
}

ScanTile::Values ScanTile::initialStates() {
  if (!op.getInitialState())
    return zeroStates();
  Values states;
  for (int64_t k = 0; k < width; ++k)
    for (int64_t i = 0; i < statesPerLane; ++i)
      states.push_back(
          orZero(f.widen(f.load(op.getInitialStateOperand(),
                                statePoint(channelAt(k), stateAt(i)))),
                 i));
  return states;
}

ScanTile::Values ScanTile::loadStates(Value buffer, PointAt pointAt) {
  Values states;
  for (int64_t k = 0; k < width; ++k)
    for (int64_t i = 0; i < statesPerLane; ++i) {
      Value state = memref::LoadOp::create(f.b, buffer,
                                           pointAt(channelAt(k), stateAt(i)));
      states.push_back(orZero(state, i));
    }
  return states;
}

/// Calls `body` for each state that exists, in the threads that speak for it.
void ScanTile::forEachState(
    llvm::function_ref<void(Value channel, Value state, int64_t number)> body) {
  f.ifThen(leads, [&] {
    for (int64_t k = 0; k < width; ++k)
      for (int64_t i = 0; i < statesPerLane; ++i) {
        auto each = [&] {
          body(channelAt(k), f.add(state, f.index(i)), k * statesPerLane + i);
        };
        if (ragged)
          f.ifThen(exists[i], each);
        else
          each();
      }
  });
}

void ScanTile::storeLastStates(ValueRange states) {
  unsigned view = f.resultView(1);
  Type type = f.viewType(view).elementType;
  forEachState([&](Value channel, Value state, int64_t number) {
    f.store(view, statePoint(channel, state), f.narrow(states[number], type));
  });
}

void ScanTile::storeStates(Value buffer, ValueRange states, PointAt pointAt) {
  forEachState([&](Value channel, Value state, int64_t number) {
    memref::StoreOp::create(f.b, states[number], buffer,
                            pointAt(channel, state));
  });
}

//===----------------------------------------------------------------------===//
// The walk
//===----------------------------------------------------------------------===//

/// This thread's share of all shared rows of the tile that begins at step
/// `tile`. Rows beyond the last step are the last step's.
ScanTile::Values ScanTile::fetchShares(Value tile) {
  Values shares;
  for (auto &[view, rows] : shared)
    llvm::append_range(shares, rows.fetch(
                                   [&](Value row, Value column) {
                                     Value last = f.sub(end, f.index(1));
                                     Value time =
                                         timeOf(f.min(f.add(tile, row), last));
                                     return pointAt(time, 0, column);
                                   },
                                   Dim::n));
  return shares;
}

void ScanTile::putShares(ArrayRef<Value> shares, Value buffer) {
  for (auto &[view, rows] : shared) {
    rows.put(shares.take_front(rows.shareSize()), buffer);
    shares = shares.drop_front(rows.shareSize());
  }
}

/// The elements of a thread's channels at step `step` of an input without n.
/// One that is read earlier is 0 before the first step.
ScanTile::Values ScanTile::loadInput(unsigned view, Value step) {
  int64_t perLoad = f.vectorWidth(view, Dim::d, width);
  int64_t shift = op.getShift(view);
  if (shift == 0)
    return f.loadMany(view, pointAt(timeOf(step), 0), Dim::d, width, perLoad);
  Value first = f.index(0);
  step = f.sub(step, f.index(shift));
  Values elements = f.loadMany(view, pointAt(timeOf(f.max(step, first)), 0),
                               Dim::d, width, perLoad);
  Value isBefore = f.lessThan(step, first);
  for (Value &element : elements)
    element = f.select(isBefore, f.zero(element.getType()), element);
  return elements;
}

/// The elements of the inputs without n that depend on time: by step, then
/// input, then channel. `clamped` reads the last step beyond the end.
ScanTile::Values ScanTile::loadInputs(Value tile, bool clamped) {
  Values elements;
  Value first = f.add(tile, f.mul(segmentIndex, f.index(steps)));
  for (int64_t i = 0; i < steps; ++i) {
    Value step = f.add(first, f.index(i));
    if (clamped)
      step = f.min(step, f.sub(end, f.index(1)));
    for (unsigned view : stepInputs)
      if (!invariants.count(view))
        llvm::append_range(elements, loadInput(view, step));
  }
  return elements;
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
  Values shares = fetchShares(next), nextInputs;
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
  putShares(fetchShares(from), f.index(0));
  meet();
  if (stages == 2)
    llvm::append_range(carried, loadInputs(from, /*clamped=*/true));
  carried = loopOverTiles(from, whole, carried);
  Values inputs(ArrayRef(carried).drop_front(states.size() + 1));
  Value buffer = carried[states.size()];
  carried.truncate(states.size());

  auto rest = scf::IfOp::create(f.b, ValueRange(carried).getTypes(),
                                f.lessThan(whole, to),
                                /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(f.b);
  f.b.setInsertionPointToStart(rest.elseBlock());
  scf::YieldOp::create(f.b, carried);
  f.b.setInsertionPointToStart(rest.thenBlock());
  if (stages != 2)
    inputs = loadInputs(whole, /*clamped=*/true);
  scf::YieldOp::create(f.b, computeTile(whole, inputs, buffer, carried,
                                        /*masked=*/true));
  return Values(rest.getResults());
}

ScanTile::Values ScanTile::walk(Value from, Value to, ValueRange states) {
  end = to;
  auto any = scf::IfOp::create(f.b, states.getTypes(), f.lessThan(from, to),
                               /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(f.b);
  f.b.setInsertionPointToStart(any.elseBlock());
  scf::YieldOp::create(f.b, states);
  f.b.setInsertionPointToStart(any.thenBlock());
  scf::YieldOp::create(f.b, walkTiles(from, to, states));
  return Values(any.getResults());
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

//===----------------------------------------------------------------------===//
// Steps without a state
//===----------------------------------------------------------------------===//

void ScanTile::storeZero(Value time) {
  Value zero = f.zero(f.viewType(f.resultView(0)).elementType);
  for (int64_t k = 0; k < width; ++k)
    f.store(f.resultView(0), pointAt(time, k), zero);
}

void ScanTile::zeroSteps(Value from, Value to) {
  f.ifThen(f.both(leads, writes), [&] {
    f.forEach(from, to, [&](Value step) { storeZero(timeOf(step)); });
  });
}

void ScanTile::zeroOutside() {
  f.ifThen(f.both(leads, writes), [&] {
    sequence->forEachStepOutside([&](Value time) { storeZero(time); });
  });
}
