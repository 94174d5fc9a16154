//===- ScanChainTile.cpp - What a thread computes of a tile ---------------===//
//
// EmitScanChained.cpp says how.
//
//===----------------------------------------------------------------------===//

#include "ScanChain.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <numeric>

using namespace mlir;
using namespace ssmc;

namespace {
enum Dim : unsigned { b, t, d, n };
} // namespace

struct ScanChain::Tile {
  /// The index along time, by step of the tile and by own step.
  Values times, ownTimes;
  Prepared prepared;
  /// Words of step values that have been loaded, by channel and number.
  DenseMap<std::pair<int64_t, int64_t>, Values> loaded;
  /// All states before the tile and, at the end, after it.
  Values states;
  /// By state: decay and input of each step; after chain(), where tiles are not
  /// scanned ahead, the state of each step instead of its input.
  SmallVector<Values> decays, additions;
  /// By state: the sum of the decays' logarithms, unless one step value's sum
  /// gives it; and the tile's decay and its state from 0. In a summary, the
  /// products are what adds up to the decays of all tiles.
  Values logarithms, products, ownStates;
  /// By step and channel: the sum of this thread's readouts. By own step and
  /// channel: the sum of all of them.
  SmallVector<Values> sums, ownSums;
};

//===----------------------------------------------------------------------===//
// Step values
//===----------------------------------------------------------------------===//

/// Takes the packets of one step's inputs that depend on time from the front.
ScanChain::Inputs ScanChain::unpackStep(ArrayRef<Value> &packets) {
  Inputs inputs =
      unpackInputs(packets, [&](unsigned view) { return isNeeded(view); });
  for (Values &ofChannel : inputs)
    for (Value &value : ofChannel)
      value = f.widen(value);
  return inputs;
}

/// By own step.
SmallVector<ScanChain::Inputs> ScanChain::unpackOwn(ArrayRef<Value> packets) {
  SmallVector<Inputs> inputs;
  for (int64_t i = 0; i < ownSteps(); ++i)
    inputs.push_back(unpackStep(packets));
  return inputs;
}

/// A step's values and the slow part of its epilogues, so that it is not the
/// last thing of a tile.
ScanChain::OwnStep ScanChain::prepareStep(Inputs inputs) {
  OwnStep own;
  own.epilogues.resize(width);
  for (const Values &ofChannel : inputs)
    own.values.push_back(f.inlineRegion(op.getStep(), ofChannel));
  for (int64_t k = 0; k < width && !summarizes; ++k) {
    Values arguments(own.values[k]);
    llvm::append_range(arguments, inputs[k]);
    own.epilogues[k] = f.inlineEarly(op.getEpilogue(), arguments);
  }
  own.inputs = std::move(inputs);
  return own;
}

ScanChain::Prepared ScanChain::prepare(ArrayRef<Inputs> inputs) {
  return llvm::map_to_vector(
      inputs, [&](const Inputs &ofStep) { return prepareStep(ofStep); });
}

/// Replaces what a tile has to know of what was prepared in registers while the
/// tile before was computed: what its epilogues use, and, where no other lane
/// needs them, so that they are not in shared memory, all values.
void ScanChain::forEachCarried(Prepared &prepared,
                               llvm::function_ref<Value(Value value)> replace) {
  Block &epilogue = op.getEpilogue().front();
  for (OwnStep &step : prepared)
    for (int64_t k = 0; k < width; ++k) {
      unsigned argument = 1;
      for (Value &value : step.values[k])
        if (!epilogue.getArgument(argument++).use_empty() || lanes == 1)
          value = replace(value);
      for (auto [view, input] : llvm::zip(stepInputs, step.inputs[k]))
        if (!epilogue.getArgument(argument++).use_empty() && !isInvariant(view))
          input = replace(input);
      IRMapping &early = step.epilogues[k];
      for (Operation &known : epilogue.without_terminator())
        for (Value result : known.getResults())
          if (Value value = early.lookupOrNull(result))
            early.map(result, replace(value));
    }
}

ScanChain::Values ScanChain::carriedOf(Prepared &prepared) {
  Values values;
  forEachCarried(prepared, [&](Value value) {
    values.push_back(value);
    return value;
  });
  return values;
}

/// Where the step values of this lane's k-th channel begin.
Value ScanChain::valuesOfChannel(int64_t k) {
  Value channel = f.add(f.index(k * layout->channelLanes()), channelLane);
  Value at = f.add(warpMemory, f.mul(channel, f.index(layout->valuePitch())));
  return f.add(at, f.index(layout->valueAt(0, 0, 0)));
}

/// Where, from its channel's, those of the lane begin that owns this step of
/// the tile.
Value ScanChain::valuesOfOwner(Value step) {
  return f.mul(f.div(step, f.index(ownSteps())), f.index(layout->ownPitch()));
}

/// Puts what other lanes of a channel need to know of this lane's own steps
/// into shared memory: by channel, step and value.
void ScanChain::shareValues(const Prepared &prepared) {
  int64_t ownWords = layout->ownWords();
  if (lanes == 1 || ownWords == 0)
    return;
  int64_t words = std::gcd<int64_t>(4, ownWords);
  for (int64_t k = 0; k < width; ++k) {
    Values own;
    for (const OwnStep &step : prepared)
      for (auto [value, number] : llvm::zip(step.values[k], sharedValue))
        if (number >= 0)
          own.push_back(value);
    Value at = f.add(valuesOfChannel(k), valuesOfOwner(firstOwn));
    auto store = [&] {
      for (int64_t i = 0; i < ownWords; i += words)
        f.storeWords(memory, f.add(at, f.index(i)),
                     ArrayRef(own).slice(i, words));
    };
    if (allOwn())
      store();
    else
      f.ifThen(owns, store);
  }
}

/// All values of a step; of those that only the epilogue uses, whose lane knows
/// them, 0.
ScanChain::Values ScanChain::valuesOfStep(Tile &tile, int64_t step, int64_t k) {
  if (lanes == 1)
    return tile.prepared[step].values[k];
  int64_t words = std::gcd<int64_t>(4, steps * numSharedValues);
  Values values;
  for (int64_t number : sharedValue) {
    if (number < 0) {
      values.push_back(f.f32(0.0f));
      continue;
    }
    int64_t word = step * numSharedValues + number;
    Values &packet = tile.loaded[{k, word / words}];
    if (packet.empty()) {
      int64_t first = word / words * words;
      int64_t at =
          layout->valueAt(0, first / numSharedValues, first % numSharedValues) -
          layout->valueAt(0, 0, 0);
      packet =
          f.loadWords(memory, f.add(valuesOfChannel(k), f.index(at)), words);
    }
    values.push_back(packet[word % words]);
  }
  return values;
}

ScanChain::Step ScanChain::findStep(Tile &tile, int64_t number) {
  Step step = {tile.times[number], f.index(number), {}};
  for (int64_t k = 0; k < width; ++k)
    step.values.push_back(valuesOfStep(tile, number, k));
  return step;
}

//===----------------------------------------------------------------------===//
// States
//===----------------------------------------------------------------------===//

/// The inputs with n of one step and channel that `region` uses, for all of
/// this thread's states.
SmallVector<ScanChain::Values> ScanChain::loadMatrices(const Step &step,
                                                       Region &region,
                                                       unsigned firstArgument,
                                                       int64_t k) {
  return ScanThread::loadMatrices(
      region, firstArgument, k, step.time, 0, statesPerLane, statesPerLane,
      [&](unsigned view, Value column, int64_t count) -> std::optional<Values> {
        auto rows = shared.find(view);
        if (rows == shared.end())
          return std::nullopt;
        return rows->second.load(f.index(0), f.index(0), step.row, column,
                                 count, count);
      });
}

/// The decay and the input of state `j` at a step of one channel, and, where
/// decays are exponentials, the decay's logarithm.
ScanChain::Transition ScanChain::makeTransition(int64_t j,
                                                ArrayRef<Value> values,
                                                ArrayRef<Values> matrices) {
  Values arguments(values);
  for (const Values &matrix : matrices)
    arguments.push_back(matrix[j]);
  Values transition = f.inlineRegion(op.getTransition(), arguments);
  Value addition = orZero(transition[1], j);
  if (op.getDecay() == kernel::Decay::Linear)
    return {transition[0], addition, {}};
  return {math::Exp2Op::create(f.b, transition[0]), addition, transition[0]};
}

/// Calls `body` with the transition of each of this thread's states at a step.
void ScanChain::forEachTransition(
    const Step &step,
    llvm::function_ref<void(int64_t number, const Transition &)> body) {
  for (int64_t k = 0; k < width; ++k) {
    const Values &values = step.values[k];
    SmallVector<Values> matrices =
        loadMatrices(step, op.getTransition(), values.size(), k);
    for (int64_t j = 0; j < statesPerLane; ++j)
      body(k * statesPerLane + j, makeTransition(j, values, matrices));
  }
}

/// Adds the readout of a state of one channel to `sum`, if there is one yet.
void ScanChain::addReadout(Value &sum, Value state, int64_t j,
                           ArrayRef<Value> values, ArrayRef<Values> matrices) {
  Values arguments = {state};
  llvm::append_range(arguments, values);
  for (const Values &matrix : matrices)
    arguments.push_back(matrix[j]);
  Value term = orZero(f.inlineRegion(op.getReadout(), arguments)[0], j);
  sum = sum ? f.addF(sum, term) : term;
}

/// Goes from the states before a step to those after it; returns the sums of
/// their readouts, by channel.
ScanChain::Values ScanChain::takeStep(const Step &step,
                                      MutableArrayRef<Value> states) {
  Values sums(width);
  for (int64_t k = 0; k < width; ++k) {
    const Values &values = step.values[k];
    SmallVector<Values> inputs =
        loadMatrices(step, op.getTransition(), values.size(), k);
    SmallVector<Values> outputs =
        loadMatrices(step, op.getReadout(), values.size() + 1, k);
    for (int64_t j = 0; j < statesPerLane; ++j) {
      Transition transition = makeTransition(j, values, inputs);
      Value &state = states[k * statesPerLane + j];
      state = f.fma(transition.decay, state, transition.addition);
      addReadout(sums[k], state, j, values, outputs);
    }
  }
  return sums;
}

/// The decay and the input of each step and state.
void ScanChain::makeTransitions(Tile &tile) {
  tile.decays.resize(numStates());
  tile.additions.resize(numStates());
  tile.logarithms.resize(numStates());
  for (int64_t i = 0; i < steps; ++i)
    forEachTransition(
        findStep(tile, i), [&](int64_t number, const Transition &transition) {
          tile.decays[number].push_back(transition.decay);
          tile.additions[number].push_back(transition.addition);
          if (!transition.logarithm)
            return;
          Value &sum = tile.logarithms[number];
          sum = sum ? f.addF(sum, transition.logarithm) : transition.logarithm;
        });
}

/// The sum over the tile of the step value that gives the decays' logarithms.
Value ScanChain::sumLinearValue(Tile &tile, int64_t k) {
  Value sum;
  for (int64_t i = 0; i < steps; ++i) {
    Value value = valuesOfStep(tile, i, k)[*linearValue];
    sum = sum ? f.addF(sum, value) : value;
  }
  return sum;
}

/// A state's decay over steps of which that value has this sum: its logarithm
/// depends on nothing else but inputs that do not depend on time.
Value ScanChain::decayOfSum(Value sum, int64_t k, int64_t j) {
  Values arguments(sharedValue.size(), f.f32(0.0f));
  arguments[*linearValue] = sum;
  for (unsigned view : stateInputs)
    arguments.push_back(isInvariant(view)
                            ? invariants[view][k][j]
                            : f.zero(f.viewType(view).elementType));
  return math::Exp2Op::create(f.b,
                              f.inlineRegion(op.getTransition(), arguments)[0]);
}

/// The product of a state's decays at all steps of the tile.
Value ScanChain::decayOfTile(Tile &tile, int64_t k, int64_t j) {
  int64_t number = k * statesPerLane + j;
  if (op.getDecay() == kernel::Decay::Linear) {
    Value product = tile.decays[number][0];
    for (int64_t i = 1; i < steps; ++i)
      product = f.mulF(product, tile.decays[number][i]);
    return product;
  }
  return linearValue ? decayOfSum(sumLinearValue(tile, k), k, j)
                     : math::Exp2Op::create(f.b, tile.logarithms[number]);
}

/// What a summary's totals are before any step.
ScanChain::Values ScanChain::totalsOfNone() {
  bool isLinear = op.getDecay() == kernel::Decay::Linear;
  return Values(linearValue ? width : numStates(),
                f.f32(isLinear ? 1.0f : 0.0f));
}

/// Of what decays of several steps add up to, two sums; `total` may be null.
Value ScanChain::combineTotals(Value total, Value value) {
  if (!total)
    return value;
  return op.getDecay() == kernel::Decay::Linear ? f.mulF(total, value)
                                                : f.addF(total, value);
}

/// Goes from the states before a step to those after it, and adds to what all
/// steps' decays are made of: one step value's sum by channel, where that gives
/// them; else each state's product, or the sum of its logarithms.
void ScanChain::summarizeStep(const Step &step, MutableArrayRef<Value> states,
                              MutableArrayRef<Value> totals) {
  forEachTransition(step, [&](int64_t number, const Transition &transition) {
    Value &state = states[number];
    state = f.fma(transition.decay, state, transition.addition);
    if (!linearValue)
      totals[number] = combineTotals(totals[number], transition.logarithm
                                                         ? transition.logarithm
                                                         : transition.decay);
  });
  if (linearValue)
    for (int64_t k = 0; k < width; ++k)
      totals[k] = combineTotals(totals[k], step.values[k][*linearValue]);
}

void ScanChain::summarizeTile(Tile &tile) {
  Values ofTile(tile.products.size());
  for (int64_t i = 0; i < steps; ++i)
    summarizeStep(findStep(tile, i), tile.states, ofTile);
  // A tile's sum first: a sum of many terms is rounded less often.
  for (auto [total, value] : llvm::zip(tile.products, ofTile))
    total = combineTotals(total, value);
}

/// Each state's decay over all steps.
ScanChain::Values ScanChain::decaysOf(ArrayRef<Value> totals) {
  Values decays;
  for (int64_t number = 0; number < numStates(); ++number)
    if (linearValue)
      decays.push_back(decayOfSum(totals[number / statesPerLane],
                                  number / statesPerLane,
                                  number % statesPerLane));
    else if (op.getDecay() == kernel::Decay::Linear)
      decays.push_back(totals[number]);
    else
      decays.push_back(math::Exp2Op::create(f.b, totals[number]));
  return decays;
}

/// Each state after the tile where that before it is 0.
void ScanChain::scanFromZero(Tile &tile) {
  for (int64_t k = 0; k < width; ++k)
    for (int64_t j = 0; j < statesPerLane; ++j) {
      int64_t number = k * statesPerLane + j;
      Value state = tile.additions[number][0];
      for (int64_t i = 1; i < steps; ++i)
        state = f.fma(tile.decays[number][i], state, tile.additions[number][i]);
      tile.ownStates.push_back(state);
      tile.products.push_back(decayOfTile(tile, k, j));
    }
}

/// Takes the states before the tile from the ring and passes on those after it.
void ScanChain::chain(Tile &tile) {
  Values ahead;
  if (scansAhead) {
    scanFromZero(tile);
    ahead = tile.products;
    llvm::append_range(ahead, tile.ownStates);
  } else {
    for (const Values &decays : tile.decays)
      ahead.push_back(decays.back());
  }
  receive(ahead, tile.states);
  Values after;
  for (int64_t number = 0; number < numStates(); ++number) {
    Value state = tile.states[number];
    if (scansAhead) {
      after.push_back(
          f.fma(tile.products[number], state, tile.ownStates[number]));
      continue;
    }
    for (auto [decay, addition] :
         llvm::zip(tile.decays[number], tile.additions[number]))
      addition = state = f.fma(decay, state, addition);
    after.push_back(state);
  }
  passOn(after);
}

/// Goes over the steps from the states before the tile and adds up the
/// readouts. Without a ring, decays and inputs are computed on the way.
void ScanChain::readOut(Tile &tile) {
  for (int64_t i = 0; i < steps; ++i) {
    Step step = findStep(tile, i);
    if (!isChained()) {
      tile.sums.push_back(takeStep(step, tile.states));
      continue;
    }
    Values &sums = tile.sums.emplace_back(width);
    for (int64_t k = 0; k < width; ++k) {
      const Values &values = step.values[k];
      SmallVector<Values> outputs =
          loadMatrices(step, op.getReadout(), values.size() + 1, k);
      for (int64_t j = 0; j < statesPerLane; ++j) {
        int64_t number = k * statesPerLane + j;
        Value &state = tile.states[number];
        Value addition = tile.additions[number][i];
        state = scansAhead ? f.fma(tile.decays[number][i], state, addition)
                           : addition;
        addReadout(sums[k], state, j, values, outputs);
      }
    }
  }
}

//===----------------------------------------------------------------------===//
// Outputs
//===----------------------------------------------------------------------===//

/// From each lane's sums of all steps to all lanes' sums of this lane's own
/// steps. Of two lanes each keeps half of the steps and gets the other's sums
/// of those, until a lane has only its own; addition being commutative, all
/// lanes of a channel that have a step get the same sum of it.
void ScanChain::sumLanes(Tile &tile) {
  int64_t sharing = std::min(lanes, steps);
  tile.ownSums.assign(ownSteps(), Values(width));
  for (int64_t k = 0; k < width; ++k) {
    Values sums;
    for (const Values &ofStep : tile.sums)
      sums.push_back(ofStep[k]);
    for (int64_t bit = sharing / 2; bit > 0; bit /= 2) {
      size_t half = sums.size() / 2;
      Value keepsFirst =
          f.lessThan(f.rem(stateLane, f.index(2 * bit)), f.index(bit));
      for (size_t i = 0; i < half; ++i) {
        Value kept = f.select(keepsFirst, sums[i], sums[half + i]);
        Value given = f.select(keepsFirst, sums[half + i], sums[i]);
        sums[i] = f.addF(kept, f.shuffleXor(given, layout->laneDistance(bit)));
      }
      sums.truncate(half);
    }
    for (int64_t bit = sharing; bit < lanes; bit *= 2)
      for (Value &sum : sums)
        sum = f.addF(sum, f.shuffleXor(sum, layout->laneDistance(bit)));
    for (auto [i, sum] : llvm::enumerate(sums))
      tile.ownSums[i][k] = sum;
  }
}

/// A step's outputs, by channel, from its sums over all states.
ScanChain::Values ScanChain::outputsOf(const OwnStep &step,
                                       ArrayRef<Value> sums) {
  Values outputs;
  for (int64_t k = 0; k < width; ++k) {
    Values arguments = {sums[k]};
    llvm::append_range(arguments, step.values[k]);
    llvm::append_range(arguments, step.inputs[k]);
    outputs.push_back(
        f.inlineRegion(op.getEpilogue(), arguments, step.epilogues[k])[0]);
  }
  return outputs;
}

void ScanChain::storeOutputsOf(Value time, ArrayRef<Value> outputs) {
  unsigned view = f.resultView(0);
  f.storeMany(view, pointAt(time, 0), Dim::d, outputs,
              f.vectorWidth(view, Dim::d, width));
}

void ScanChain::storeOutputs(Tile &tile) {
  bool allWrite = allOwn() && fillsBlocks(channelsPerBlock);
  // A sum that only a conditional store uses would be computed there, at the
  // end, with all states of all steps kept until then; a shuffle is where it
  // has to be known.
  if (lanes == 1 && !allWrite)
    for (Values &ofStep : tile.ownSums)
      for (Value &sum : ofStep)
        sum = f.shuffleXor(sum, 0);
  SmallVector<Values> outputs;
  for (auto [step, sums] : llvm::zip(tile.prepared, tile.ownSums))
    outputs.push_back(outputsOf(step, sums));
  auto storeAll = [&] {
    for (auto [time, ofStep] : llvm::zip(tile.ownTimes, outputs))
      storeOutputsOf(time, ofStep);
  };
  if (allWrite)
    storeAll();
  else
    f.ifThen(storesOwn, storeAll);
}

/// The tile that begins at step `start` and has all its steps; `prepared` is
/// what was computed of it before, if anything. Returns the states after it
/// where no ring carries them, then what the next tile of this warp needs.
ScanChain::Values ScanChain::computeTile(Value start, const Fetched &fetched,
                                         ArrayRef<Value> states,
                                         std::optional<Prepared> prepared) {
  Tile tile;
  tile.states.assign(states.begin(), states.end());
  if (summarizes) {
    tile.products = Values(ArrayRef(tile.states).drop_front(numStates()));
    tile.states.truncate(numStates());
  }
  for (int64_t i = 0; i < steps; ++i)
    tile.times.push_back(timeOf(f.add(start, f.index(i))));
  for (int64_t i = 0; i < ownSteps(); ++i)
    tile.ownTimes.push_back(timeOf(ownStep(start, i)));

  // Unpacked before more is fetched, so that the same registers take it.
  bool preparesNext = prepared.has_value();
  SmallVector<Inputs> inputs = unpackOwn(fetched.inputs);
  tile.prepared = preparesNext ? std::move(*prepared) : prepare(inputs);
  putShares(fetched.rows, f.index(0));
  if (!preparesNext)
    shareValues(tile.prepared);
  Fetched next = fetchNext(start, fetched);
  if (usesShared())
    f.syncWarp();
  if (isChained())
    makeTransitions(tile);
  // While a ring's decays are on their way.
  Prepared ofNext;
  if (preparesNext)
    ofNext = prepare(inputs);
  if (isChained()) {
    chain(tile);
    // All lanes have read this tile's values: they have met at the barrier.
    if (preparesNext)
      shareValues(ofNext);
  }
  if (summarizes) {
    summarizeTile(tile);
  } else {
    readOut(tile);
    sumLanes(tile);
    storeOutputs(tile);
  }
  // The next tile's rows, step values and sums take the place of this one's.
  if (usesShared())
    f.syncWarp();
  if (!isChained() && preparesNext)
    shareValues(ofNext);

  Values results;
  if (!isChained())
    results = tile.states;
  if (summarizes)
    llvm::append_range(results, tile.products);
  for (const Values &values : {next.rows, next.inputs})
    llvm::append_range(results, values);
  if (preparesNext)
    llvm::append_range(results, carriedOf(ofNext));
  return results;
}
