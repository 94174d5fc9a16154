//===- ScanThread.cpp - A thread's channels and states of a scan ----------===//

#include "ScanThread.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include <numeric>

using namespace mlir;
using namespace ssmc;

namespace {
/// The iteration dimensions.
enum Dim : unsigned { b, t, d, n };
} // namespace

ScanThread::ScanThread(KernelFunction &f, kernel::ScanOp op,
                       kernel::ScheduleAttr schedule, Channels channels)
    : f(f), op(op), stepInputs(op.getStepInputs()),
      stateInputs(op.getStateInputs()), channels(channels) {
  width = schedule.get("width", 1);
  lanes = schedule.get("lanes", 1);
  statesPerLane = llvm::divideCeil(f.staticExtent(Dim::n), lanes);
  ragged = statesPerLane * lanes != f.staticExtent(Dim::n);
}

ScanThread::ScanThread(KernelFunction &f, kernel::ScanOp op)
    : ScanThread(f, op, op.getScheduleAttr(), {0, f.staticExtent(Dim::d)}) {}

//===----------------------------------------------------------------------===//
// Position
//===----------------------------------------------------------------------===//

int64_t ScanThread::blocksPerSequence(int64_t channelsPerBlock) const {
  return llvm::divideCeil(channels.end - channels.first, channelsPerBlock);
}

void ScanThread::findChannels(Value ofBatch, Value block,
                              int64_t channelsPerBlock, Value channelLane,
                              Value stateLane) {
  batch = ofBatch;
  Value blockChannel =
      f.add(f.mul(block, f.index(channelsPerBlock)), f.index(channels.first));
  channel = f.add(blockChannel, f.mul(channelLane, f.index(width)));
  state = f.mul(stateLane, f.index(statesPerLane));

  // Threads beyond the last channel compute it again, since all take part in
  // shuffles and barriers, but write nothing.
  if (fillsBlocks(channelsPerBlock)) {
    channelExists = arith::ConstantIntOp::create(f.b, 1, 1);
  } else {
    channelExists = f.lessThan(channel, f.index(channels.end));
    channel = f.min(channel, f.index(channels.end - width));
  }
  if (ragged)
    for (int64_t i = 0; i < statesPerLane; ++i)
      exists.push_back(f.lessThan(f.add(state, f.index(i)),
                                  f.index(f.staticExtent(Dim::n))));
  sequence.emplace(f, op, batch);
}

Value ScanThread::channelAt(int64_t k) { return f.add(channel, f.index(k)); }

/// The index of a state of this thread, or of the last one there is.
Value ScanThread::stateAt(int64_t i) {
  Value at = f.add(state, f.index(i));
  return ragged ? f.min(at, f.index(f.staticExtent(Dim::n) - 1)) : at;
}

Value ScanThread::orZero(Value value, int64_t i) {
  return ragged ? f.select(exists[i], value, f.f32(0.0f)) : value;
}

/// The index along time of a sequence's step.
Value ScanThread::timeOf(Value step) {
  if (op.getReverse())
    step = f.sub(f.sub(sequence->numSteps, f.index(1)), step);
  return f.add(sequence->firstTime, step);
}

ScanThread::Values ScanThread::pointAt(Value time, int64_t k, Value state) {
  Values point = {batch, time, channelAt(k), state};
  point.resize(op.getNumIterationDims());
  return point;
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

bool ScanThread::isInvariant(unsigned view) const {
  return !f.map(view).isFunctionOfDim(Dim::t);
}

void ScanThread::loadInvariants() {
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

void ScanThread::planShares() {
  for (auto it = shared.begin(); it != shared.end(); ++it) {
    auto next = std::next(it);
    if (next != shared.end())
      if (auto both = SharedRows::pair(it->second, next->second)) {
        shares.push_back(*both);
        it = next;
        continue;
      }
    shares.push_back(it->second);
  }
}

ScanThread::Values ScanThread::fetchShares(Value tile, bool clamped) {
  Values fetched;
  for (SharedRows &rows : shares)
    llvm::append_range(fetched, rows.fetch(
                                    [&](Value row, Value column) {
                                      Value step = f.add(tile, row);
                                      if (clamped)
                                        step =
                                            f.min(step, f.sub(end, f.index(1)));
                                      return pointAt(timeOf(step), 0, column);
                                    },
                                    Dim::n));
  return fetched;
}

void ScanThread::putShares(ArrayRef<Value> fetched, Value buffer) {
  for (SharedRows &rows : shares) {
    rows.put(fetched.take_front(rows.shareSize()), buffer);
    fetched = fetched.drop_front(rows.shareSize());
  }
}

/// An input that is read earlier is 0 before the first step.
ScanThread::Values ScanThread::loadInput(unsigned view, Value step) {
  int64_t perLoad = f.vectorWidth(view, Dim::d, width);
  int64_t shift = op.getShift(view);
  if (shift == 0)
    return f.loadPacked(view, pointAt(timeOf(step), 0), Dim::d, width, perLoad);
  Value first = f.index(0);
  step = f.sub(step, f.index(shift));
  Values packets = f.loadPacked(view, pointAt(timeOf(f.max(step, first)), 0),
                                Dim::d, width, perLoad);
  Value isBefore = f.lessThan(step, first);
  for (Value &packet : packets)
    packet = f.select(isBefore, f.zero(packet.getType()), packet);
  return packets;
}

SmallVector<ScanThread::Values>
ScanThread::unpackInputs(ArrayRef<Value> &packets,
                         llvm::function_ref<bool(unsigned)> isLoaded) {
  SmallVector<Values> inputs(width);
  for (unsigned view : stepInputs) {
    auto known = invariants.find(view);
    Values elements;
    if (known == invariants.end() && !isLoaded(view)) {
      elements.assign(width, f.f32(0.0f));
    } else if (known == invariants.end()) {
      int64_t count = width / f.vectorWidth(view, Dim::d, width);
      elements = f.unpack(packets.take_front(count));
      packets = packets.drop_front(count);
    }
    for (int64_t k = 0; k < width; ++k)
      inputs[k].push_back(elements.empty() ? known->second[k][0] : elements[k]);
  }
  return inputs;
}

SmallVector<ScanThread::Values>
ScanThread::loadMatrices(Region &region, unsigned firstArgument, int64_t k,
                         Value time, int64_t first, int64_t count,
                         int64_t multiple, LoadRows loadRows) {
  SmallVector<Values> matrices;
  for (auto [i, view] : llvm::enumerate(stateInputs)) {
    Values &elements = matrices.emplace_back();
    if (!usesArgument(region, firstArgument + i)) {
      elements.assign(count, f.zero(f.viewType(view).elementType));
      continue;
    }
    if (auto known = invariants.find(view); known != invariants.end()) {
      llvm::append_range(elements,
                         ArrayRef(known->second[k]).slice(first, count));
      continue;
    }
    for (int64_t at = 0; ragged && at < count; ++at) {
      Value column = stateAt(first + at);
      if (std::optional<Values> rows = loadRows(view, column, 1))
        elements.push_back(rows->front());
      else
        elements.push_back(f.load(view, pointAt(time, k, column)));
    }
    if (ragged)
      continue;
    Value column = f.add(state, f.index(first));
    if (std::optional<Values> rows = loadRows(view, column, count))
      elements = *rows;
    else
      elements =
          f.loadMany(view, pointAt(time, k, column), Dim::n, count,
                     f.vectorWidth(view, Dim::n, std::gcd(multiple, count)));
  }
  return matrices;
}

//===----------------------------------------------------------------------===//
// States
//===----------------------------------------------------------------------===//

ScanThread::Values ScanThread::zeroStates() {
  return Values(numStates(), f.f32(0.0f));
}

/// The index of a state among the op's own.
ScanThread::Values ScanThread::statePoint(Value channel, Value state) {
  Values point = {batch, Value(), channel, state};
  if (op.getSlots())
    point.push_back(sequence->row);
  return point;
}

ScanThread::Values ScanThread::initialStates() {
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

ScanThread::Values ScanThread::loadStates(Value buffer, PointAt pointAt) {
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
void ScanThread::forEachState(
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

void ScanThread::storeLastStates(ValueRange states) {
  unsigned view = f.resultView(1);
  Type type = f.viewType(view).elementType;
  forEachState([&](Value channel, Value state, int64_t number) {
    f.store(view, statePoint(channel, state), f.narrow(states[number], type));
  });
}

void ScanThread::storeStates(Value buffer, ValueRange states, PointAt pointAt) {
  forEachState([&](Value channel, Value state, int64_t number) {
    memref::StoreOp::create(f.b, states[number], buffer,
                            pointAt(channel, state));
  });
}

//===----------------------------------------------------------------------===//
// Steps without a state
//===----------------------------------------------------------------------===//

void ScanThread::storeZero(Value time) {
  Value zero = f.zero(f.viewType(f.resultView(0)).elementType);
  for (int64_t k = 0; k < width; ++k)
    f.store(f.resultView(0), pointAt(time, k), zero);
}

void ScanThread::zeroSteps(Value from, Value to) {
  f.ifThen(f.both(leads, writes), [&] {
    f.forEach(from, to, [&](Value step) { storeZero(timeOf(step)); });
  });
}

void ScanThread::zeroOutside() {
  f.ifThen(f.both(leads, writes), [&] {
    sequence->forEachStepOutside([&](Value time) { storeZero(time); });
  });
}
