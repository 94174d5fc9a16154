//===- EmitScanSequential.cpp - kernel.scan, sequential in time -----------===//
//
// Lanes are channels: in token-major tensors their loads of u, delta and z are
// consecutive, and B and C are the same for a whole warp. A channel's states
// stay in registers from the first step to the last. Where there are too many,
// `lanes` neighbouring threads share them and add their parts of the readout.
//
// Of a complex recurrence, states and inputs with n are pairs of values, the
// real part first, one pair after the other.
//
//===----------------------------------------------------------------------===//

#include "Emitters.h"
#include "Sequences.h"
#include "dialect/SSM/SSMDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <utility>

using namespace mlir;
using namespace ssmc;

namespace {

enum Dim : unsigned { b, t, d, n, c };

/// Of the hardware, in the grid's second dimension.
constexpr int64_t kMaxGridRows = 65535;

class SequentialScan {
public:
  SequentialScan(KernelFunction &f, kernel::ScanOp op)
      : f(f), op(op), stepInputs(op.getStepInputs()),
        stateInputs(op.getStateInputs()), components(op.isComplex() ? 2 : 1) {}

  void emit();

private:
  void findPosition();
  void loadInvariants();
  SmallVector<Value> loadInitialStates();
  SmallVector<Value> asStates(SmallVector<Value> loaded);
  SmallVector<Value> loadOneStep();
  SmallVector<Value> loadStates(unsigned view, Value time);
  SmallVector<Value> pointAt(Value time, Value state, Value component = {});
  SmallVector<Value> loadPairs(unsigned view, Value time);
  Value stateAt(int64_t i);
  Value timeOf(Value step);
  void emitSequence();
  void storeOutput(Value time, Value element);
  Value loadEarlier(unsigned view, Value step);
  SmallVector<Value> emitSteps(Value step, int64_t count, ValueRange states);
  Value emitStep(Value time, ArrayRef<Value> inputs,
                 SmallVectorImpl<Value> &states);
  void advance(ValueRange transition, int64_t i,
               SmallVectorImpl<Value> &states);
  SmallVector<Value> emitLoop(Value from, Value to, int64_t steps,
                              ValueRange states);
  void storeLastStates(ValueRange states);
  void storeState(int64_t i, ArrayRef<Value> values);
  void ifThen(Value condition, llvm::function_ref<void()> body);
  bool isOneStep() { return f.staticExtent(Dim::t) == 1 && !op.getOffsets(); }
  Value orZero(Value value, int64_t i);

  KernelFunction &f;
  kernel::ScanOp op;
  SmallVector<unsigned> stepInputs, stateInputs;
  /// The values of one state: 2 where it is complex.
  int64_t components;

  int64_t threads = 0, lanes = 0, numStates = 0;
  AffineMap grid;
  /// States held by a thread, and whether the last lanes hold fewer.
  int64_t statesPerLane = 0;
  bool ragged = false;
  /// Where this thread stands; `state` is its first state. One thread of a
  /// channel that exists writes its output. Null conditions always hold.
  Value batch, channel, state, channelExists, writes;
  /// Of a single step: whether there is a state to write, and whether its
  /// inputs are inside what there is in memory.
  Value hasState, isInside;
  std::optional<Sequence> sequence;
  /// For each of a ragged lane's states, whether it exists.
  SmallVector<Value> exists;
  /// Inputs that do not depend on time, by index into op.getInputs().
  DenseMap<unsigned, SmallVector<Value>> invariants;
};

} // namespace

void SequentialScan::findPosition() {
  int64_t channelsPerBlock = threads / lanes;
  int64_t numChannels = f.staticExtent(Dim::d);
  int64_t blocks = llvm::divideCeil(numChannels, channelsPerBlock);
  Value block = f.blockId(), thread = f.threadId();
  if (isOneStep() && blocks <= kMaxGridRows) {
    // Sequences first: blocks that run at the same time share their channels'
    // A, which is as large as a state.
    batch = block;
    block = f.blockId(gpu::Dimension::y);
    grid = f.gridMap(f.extentSymbol(Dim::b), blocks);
  } else {
    batch = f.div(block, f.index(blocks));
    block = f.rem(block, f.index(blocks));
    grid = f.gridMap(f.extentSymbol(Dim::b) * blocks);
  }
  Value first = f.mul(block, f.index(channelsPerBlock));
  channel = f.add(first, f.div(thread, f.index(lanes)));
  Value lane = f.rem(thread, f.index(lanes));
  state = f.mul(lane, f.index(statesPerLane));

  // Lanes beyond the last channel compute it again, since all must take part in
  // the shuffles, but write nothing.
  if (numChannels % channelsPerBlock != 0) {
    channelExists = f.lessThan(channel, f.index(numChannels));
    channel = f.min(channel, f.index(numChannels - 1));
  }
  writes = channelExists;
  // All lanes of a channel have the same output, bit by bit. In a kernel of one
  // step all write it: behind a branch, what only the output needs would be
  // loaded last.
  if (lanes == 1 || isOneStep())
    return;
  Value leads = f.equal(lane, f.index(0));
  writes = channelExists ? f.both(channelExists, leads) : leads;
}

void SequentialScan::ifThen(Value condition, llvm::function_ref<void()> body) {
  if (condition)
    f.ifThen(condition, body);
  else
    body();
}

/// A state beyond the last one contributes nothing.
Value SequentialScan::orZero(Value value, int64_t i) {
  if (!ragged)
    return value;
  return arith::SelectOp::create(f.b, exists[i], value, f.f32(0.0f));
}

/// (b, t, d, n), then c where the scan is complex and, with slots, the row of
/// the pool.
SmallVector<Value> SequentialScan::pointAt(Value time, Value state,
                                           Value component) {
  SmallVector<Value> point = {batch, time, channel, state};
  if (op.isComplex())
    point.push_back(component);
  if (op.getSlots())
    point.push_back(sequence->row);
  return point;
}

/// The index of a state of this thread, or of the last one there is.
Value SequentialScan::stateAt(int64_t i) {
  Value at = f.add(state, f.index(i));
  return ragged ? f.min(at, f.index(numStates - 1)) : at;
}

/// loadStates of complex numbers, whose parts may be one load.
SmallVector<Value> SequentialScan::loadPairs(unsigned view, Value time) {
  SmallVector<Value> elements;
  for (int64_t i = 0; i < statesPerLane; ++i)
    llvm::append_range(elements,
                       f.loadMany(view, pointAt(time, stateAt(i), f.index(0)),
                                  Dim::c, components,
                                  f.vectorWidth(view, Dim::c, components)));
  return elements;
}

/// This thread's elements of an input with n, or of a state, at one time.
SmallVector<Value> SequentialScan::loadStates(unsigned view, Value time) {
  if (op.isComplex())
    return loadPairs(view, time);
  if (!ragged)
    return f.loadMany(view, pointAt(time, state), Dim::n, statesPerLane,
                      f.vectorWidth(view, Dim::n, statesPerLane));
  SmallVector<Value> elements;
  for (int64_t i = 0; i < statesPerLane; ++i)
    elements.push_back(f.load(view, pointAt(time, stateAt(i))));
  return elements;
}

void SequentialScan::loadInvariants() {
  auto isInvariant = [&](unsigned view) {
    return !f.map(view).isFunctionOfDim(Dim::t);
  };
  for (unsigned view : stepInputs)
    if (isInvariant(view))
      invariants[view] = {f.load(view, {batch, Value(), channel, Value()})};
  for (unsigned view : stateInputs)
    if (isInvariant(view))
      invariants[view] = loadStates(view, Value());
}

/// The op's initial states as they are in memory, if it has any.
SmallVector<Value> SequentialScan::loadInitialStates() {
  return op.getInitialState() ? loadStates(op.getInitialStateOperand(), Value())
                              : SmallVector<Value>();
}

/// The states before the first step, of what loadInitialStates() gave.
SmallVector<Value> SequentialScan::asStates(SmallVector<Value> states) {
  if (!op.getInitialState())
    return SmallVector<Value>(statesPerLane * components, f.f32(0.0f));
  for (auto [i, value] : llvm::enumerate(states))
    value = orZero(f.widen(value), i / components);
  return states;
}

/// The index along time of a sequence's step.
Value SequentialScan::timeOf(Value step) {
  if (op.getReverse())
    step = f.sub(f.sub(sequence->numSteps, f.index(1)), step);
  return f.add(sequence->firstTime, step);
}

/// In the one thread that writes the channel.
void SequentialScan::storeOutput(Value time, Value element) {
  f.store(f.resultView(0), {batch, time, channel, Value()}, element);
}

/// The new value of state `i`.
void SequentialScan::advance(ValueRange transition, int64_t i,
                             SmallVectorImpl<Value> &states) {
  Value decay = transition[0];
  if (op.getDecay() != kernel::Decay::Linear)
    decay = math::Exp2Op::create(f.b, decay);
  if (!op.isComplex()) {
    states[i] = f.fma(decay, states[i], orZero(transition[1], i));
    return;
  }
  auto cis = ssm::CisOp::create(f.b, transition[1]);
  Value decayRe = f.mulF(decay, cis.getCos()),
        decayIm = f.mulF(decay, cis.getSin());
  Value re = states[2 * i], im = states[2 * i + 1];
  Value inputRe = orZero(transition[2], i), inputIm = orZero(transition[3], i);
  states[2 * i] = f.fma(decayRe, re, f.fma(f.negF(decayIm), im, inputRe));
  states[2 * i + 1] = f.fma(decayRe, im, f.fma(decayIm, re, inputIm));
}

/// One time step: updates the states and returns the output's element.
Value SequentialScan::emitStep(Value time, ArrayRef<Value> inputs,
                               SmallVectorImpl<Value> &states) {
  SmallVector<Value> step = f.inlineRegion(op.getStep(), inputs);
  SmallVector<SmallVector<Value>> matrices;
  for (unsigned view : stateInputs) {
    auto invariant = invariants.find(view);
    matrices.push_back(invariant != invariants.end() ? invariant->second
                                                     : loadStates(view, time));
  }

  // Four partial sums, so that the adds do not wait for one another.
  SmallVector<Value, 4> partial;
  for (int64_t i = 0; i < statesPerLane; ++i) {
    SmallVector<Value> arguments = step;
    for (const SmallVector<Value> &matrix : matrices)
      llvm::append_range(arguments,
                         ArrayRef(matrix).slice(i * components, components));
    advance(f.inlineRegion(op.getTransition(), arguments), i, states);
    auto state = ArrayRef(states).slice(i * components, components);
    arguments.insert(arguments.begin(), state.begin(), state.end());
    Value term = orZero(f.inlineRegion(op.getReadout(), arguments)[0], i);
    if (partial.size() < 4)
      partial.push_back(term);
    else
      partial[i % 4] = f.addF(partial[i % 4], term);
  }
  for (size_t half = (partial.size() + 1) / 2; partial.size() > 1;
       half = (partial.size() + 1) / 2) {
    for (size_t i = half; i < partial.size(); ++i)
      partial[i - half] = f.addF(partial[i - half], partial[i]);
    partial.truncate(half);
  }
  SmallVector<Value> arguments = {f.sumOverLanes(partial[0], lanes)};
  llvm::append_range(arguments, step);
  llvm::append_range(arguments, inputs);
  return f.inlineRegion(op.getEpilogue(), arguments)[0];
}

/// An input without n at a step that may be before the sequence's first, where
/// it is 0.
Value SequentialScan::loadEarlier(unsigned view, Value step) {
  Value first = f.index(0);
  Value time = f.add(sequence->firstTime, f.max(step, first));
  Value element = f.load(view, {batch, time, channel, Value()});
  return arith::SelectOp::create(f.b, f.lessThan(step, first),
                                 f.zero(element.getType()), element);
}

/// `count` time steps, whose inputs are loaded before the first is computed.
SmallVector<Value> SequentialScan::emitSteps(Value step, int64_t count,
                                             ValueRange states) {
  SmallVector<Value> times;
  SmallVector<SmallVector<Value>> inputs;
  for (int64_t i = 0; i < count; ++i) {
    times.push_back(timeOf(f.add(step, f.index(i))));
    SmallVector<Value> &elements = inputs.emplace_back();
    for (unsigned view : stepInputs) {
      auto invariant = invariants.find(view);
      if (invariant != invariants.end())
        elements.push_back(invariant->second[0]);
      else if (int64_t shift = op.getShift(view))
        elements.push_back(loadEarlier(view, f.add(step, f.index(i - shift))));
      else
        elements.push_back(f.load(view, {batch, times[i], channel, Value()}));
    }
  }
  SmallVector<Value> current(states);
  SmallVector<Value> outputs;
  for (int64_t i = 0; i < count; ++i)
    outputs.push_back(emitStep(times[i], inputs[i], current));
  if (hasState)
    for (Value &output : outputs)
      output = f.select(hasState, output, f.zero(output.getType()));
  ifThen(writes, [&] {
    for (int64_t i = 0; i < count; ++i)
      storeOutput(times[i], outputs[i]);
  });
  return current;
}

SmallVector<Value> SequentialScan::emitLoop(Value from, Value to, int64_t steps,
                                            ValueRange states) {
  auto loop = scf::ForOp::create(f.b, from, to, f.index(steps), states);
  OpBuilder::InsertionGuard guard(f.b);
  f.b.setInsertionPointToStart(loop.getBody());
  scf::YieldOp::create(
      f.b, emitSteps(loop.getInductionVar(), steps, loop.getRegionIterArgs()));
  return SmallVector<Value>(loop.getResults());
}

/// Values of this thread's states from `i` on, neighbours in memory.
void SequentialScan::storeState(int64_t i, ArrayRef<Value> values) {
  unsigned view = f.resultView(1), dim = op.isComplex() ? Dim::c : Dim::n;
  SmallVector<Value> elements;
  for (Value value : values)
    elements.push_back(f.narrow(value, f.viewType(view).elementType));
  f.storeMany(view, pointAt(Value(), f.add(state, f.index(i)), f.index(0)), dim,
              elements, f.vectorWidth(view, dim, elements.size()));
}

void SequentialScan::storeLastStates(ValueRange states) {
  SmallVector<Value> values(states);
  Value exist = channelExists;
  if (hasState)
    exist = exist ? f.both(exist, hasState) : hasState;
  ifThen(exist, [&] {
    if (!ragged && !op.isComplex())
      return storeState(0, values);
    for (int64_t i = 0; i < statesPerLane; ++i)
      ifThen(ragged ? exists[i] : Value(), [&] {
        storeState(i, ArrayRef(values).slice(i * components, components));
      });
  });
}

/// All inputs of the one step there is, and the states before it, at once.
SmallVector<Value> SequentialScan::loadOneStep() {
  Value time = timeOf(f.index(0));
  SmallVector<Value> loaded = f.loadIf(isInside, [&] {
    for (unsigned view : stepInputs)
      if (int64_t shift = op.getShift(view))
        invariants[view] = {loadEarlier(view, f.index(-shift))};
      else
        invariants[view] = {f.load(view, {batch, time, channel, Value()})};
    for (unsigned view : stateInputs)
      invariants[view] = loadStates(view, time);
    SmallVector<Value> all;
    for (unsigned view : llvm::concat<unsigned>(stepInputs, stateInputs))
      llvm::append_range(all, invariants[view]);
    // Last, since it waits for the slot.
    Value row = std::exchange(sequence->row, sequence->clampedRow());
    llvm::append_range(all, loadInitialStates());
    sequence->row = row;
    return all;
  });
  ArrayRef<Value> rest(loaded);
  for (unsigned view : llvm::concat<unsigned>(stepInputs, stateInputs)) {
    SmallVector<Value> &values = invariants[view];
    size_t count = values.size();
    values.assign(rest.begin(), rest.begin() + count);
    rest = rest.drop_front(count);
  }
  return SmallVector<Value>(rest);
}

void SequentialScan::emitSequence() {
  SmallVector<Value> states;
  if (isOneStep()) {
    states = asStates(loadOneStep());
  } else {
    loadInvariants();
    states = asStates(loadInitialStates());
  }
  int64_t steps = std::max<int64_t>(1, op.getScheduleAttr().get("steps", 4));
  if (f.staticExtent(Dim::t) == 1)
    steps = 1;
  Value numSteps = sequence->numSteps;
  Value whole = f.sub(numSteps, f.rem(numSteps, f.index(steps)));
  states = emitLoop(f.index(0), whole, steps, states);
  if (steps > 1)
    states = emitLoop(whole, numSteps, 1, states);
  if (op.getLastState())
    storeLastStates(states);
}

void SequentialScan::emit() {
  kernel::ScheduleAttr schedule = op.getScheduleAttr();
  threads = schedule.get("threads", 128);
  lanes = schedule.get("lanes", 1);
  numStates = f.staticExtent(Dim::n);
  statesPerLane = llvm::divideCeil(numStates, lanes);
  ragged = statesPerLane * lanes != numStates;
  findPosition();
  if (ragged)
    for (int64_t i = 0; i < statesPerLane; ++i)
      exists.push_back(
          f.lessThan(f.add(state, f.index(i)), f.index(numStates)));

  sequence.emplace(f, op, batch);
  auto storeZero = [&](Value time) {
    storeOutput(time, f.zero(f.viewType(f.resultView(0)).elementType));
  };
  auto storeZeros = [&] {
    ifThen(writes, [&] {
      Value first = sequence->firstTime;
      f.forEach(first, f.add(first, sequence->numSteps), storeZero);
    });
  };
  // A long scan is better off where it does nothing for padding; one step where
  // its loads need not wait for the slot.
  if (isOneStep()) {
    hasState = sequence->hasState;
    isInside = hasState ? f.lessThan(f.index(0), sequence->numRows)
                        : f.lessThan(batch, f.extent(Dim::b));
    emitSequence();
  } else {
    sequence->ifHasState([&] { emitSequence(); }, storeZeros);
  }
  ifThen(writes, [&] { sequence->forEachStepOutside(storeZero); });

  f.finish(threads, grid);
}

void ssmc::emitScanSequential(KernelFunction &f, kernel::ScanOp op) {
  SequentialScan(f, op).emit();
}
