//===- ScanSegment.cpp - What a thread computes of a tile -----------------===//
//
// EmitScanTiled.cpp says how. A segment's states are computed a few at a time,
// since their decays and inputs at all its steps are in registers.
//
//===----------------------------------------------------------------------===//

#include "ScanTile.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include <numeric>

using namespace mlir;
using namespace ssmc;

namespace {
enum Dim : unsigned { b, t, d, n };
} // namespace

struct ScanTile::Segment {
  Value buffer;
  bool masked;
  /// By step: its index along time, and where masked whether it exists.
  Values times, stepExists;
  /// By step and channel: the inputs without n, the step's values, and the sum
  /// of the readouts.
  SmallVector<SmallVector<Values>> inputs, values;
  SmallVector<Values> sums;
  /// All states before the tile and, once their group is computed, after it;
  /// where summarized, their decays too.
  Values states;

  /// States of a group, the group in work, and a multiple that divides every
  /// `first` and, but for the last group, `count`.
  int64_t group, first, count, multiple;
  /// By state of the group and channel (state * width + k), then step.
  SmallVector<Values> decays, additions;
  /// By the same: the segment's decay, its state from 0, and the state before
  /// it.
  Values product, state, before;
};

/// Where a state of the group stands among all of a thread's.
int64_t ScanTile::stateIndex(const Segment &segment, int64_t pair) const {
  return pair % width * statesPerLane + segment.first + pair / width;
}

/// The inputs with n of one step and channel that `region` uses, for the states
/// of the group.
SmallVector<ScanTile::Values> ScanTile::loadMatrices(Segment &segment,
                                                     Region &region,
                                                     unsigned firstArgument,
                                                     int64_t step, int64_t k) {
  return ScanThread::loadMatrices(
      region, firstArgument, k, segment.times[step], segment.first,
      segment.count, segment.multiple,
      [&](unsigned view, Value column, int64_t count) -> std::optional<Values> {
        auto rows = shared.find(view);
        if (rows == shared.end())
          return std::nullopt;
        return rows->second.load(segment.buffer, segmentIndex, f.index(step),
                                 column, count == 1 ? 1 : segment.multiple,
                                 count);
      });
}

/// The decay and the input of each step, state of the group and channel.
void ScanTile::makeTransitions(Segment &segment) {
  segment.decays.assign(segment.count * width, Values());
  segment.additions.assign(segment.count * width, Values());
  bool linear = op.getDecay() == kernel::Decay::Linear;
  for (int64_t i = 0; i < steps; ++i)
    for (int64_t k = 0; k < width; ++k) {
      ArrayRef<Value> values = segment.values[i][k];
      SmallVector<Values> matrices =
          loadMatrices(segment, op.getTransition(), values.size(), i, k);
      for (int64_t j = 0; j < segment.count; ++j) {
        Values arguments(values);
        for (const Values &matrix : matrices)
          arguments.push_back(matrix[j]);
        Values transition = f.inlineRegion(op.getTransition(), arguments);
        Value decay = transition[0];
        Value addition = orZero(transition[1], segment.first + j);
        if (segment.masked) {
          Value exists = segment.stepExists[i];
          decay = f.select(exists, decay, f.f32(linear ? 1.0f : 0.0f));
          addition = f.select(exists, addition, f.f32(0.0f));
        }
        if (!linear)
          decay = math::Exp2Op::create(f.b, decay);
        segment.decays[j * width + k].push_back(decay);
        segment.additions[j * width + k].push_back(addition);
      }
    }
}

/// Each segment's decay, and its state after it where that before it is 0.
void ScanTile::scanFromZero(Segment &segment) {
  for (auto [decays, additions] :
       llvm::zip(segment.decays, segment.additions)) {
    Value product = decays[0], state = additions[0];
    for (int64_t i = 1; i < steps; ++i) {
      product = f.mulF(product, decays[i]);
      state = f.fma(decays[i], state, additions[i]);
    }
    segment.product.push_back(product);
    segment.state.push_back(state);
  }
}

/// From each segment's own to all segments of the warp up to and with it.
void ScanTile::joinLanes(Segment &segment) {
  for (int64_t distance = 1; distance < segments; distance *= 2) {
    Value hasEarlier = f.lessThan(f.index(distance - 1), this->segment);
    for (auto [product, state] : llvm::zip(segment.product, segment.state)) {
      int64_t delta = distance * channelLanes * lanes;
      Value earlierProduct = f.shuffleUp(product, delta);
      Value earlierState = f.shuffleUp(state, delta);
      state = f.select(hasEarlier, f.fma(product, earlierState, state), state);
      product = f.select(hasEarlier, f.mulF(product, earlierProduct), product);
    }
  }
}

/// From this warp's segments to those of all warps that share its time, in
/// their order: the states before this warp's, and the states after the tile.
void ScanTile::joinWarps(Segment &segment) {
  Value buffer = f.index(segment.first / segment.group % 2);
  auto at = [&](int64_t what, int64_t pair, Value warp) {
    return SmallVector<Value>{buffer, f.index(what), f.index(pair), warp, slot};
  };
  f.ifThen(f.equal(this->segment, f.index(segments - 1)), [&] {
    for (auto [pair, product] : llvm::enumerate(segment.product)) {
      memref::StoreOp::create(f.b, product, joints, at(0, pair, warpOfTime));
      memref::StoreOp::create(f.b, segment.state[pair], joints,
                              at(1, pair, warpOfTime));
    }
  });
  // The other buffer is the next group's, so one barrier is enough.
  f.barrier();
  for (int64_t pair = 0; pair < int64_t(segment.product.size()); ++pair) {
    int64_t index = stateIndex(segment, pair);
    Value &state = segment.states[index];
    for (int64_t warp = 0; warp < warps; ++warp) {
      if (warp > 0)
        segment.before[pair] = f.select(f.equal(warpOfTime, f.index(warp)),
                                        state, segment.before[pair]);
      Value product =
          memref::LoadOp::create(f.b, joints, at(0, pair, f.index(warp)));
      Value own =
          memref::LoadOp::create(f.b, joints, at(1, pair, f.index(warp)));
      state = f.fma(product, state, own);
      if (summarizes) {
        Value &decay = segment.states[numStates() + index];
        decay = f.mulF(decay, product);
      }
    }
  }
}

/// The states before each segment, once those of its warp are joined; they take
/// the place of segment.before.
void ScanTile::startSegments(Segment &segment) {
  int64_t delta = channelLanes * lanes;
  Value isFirst = f.equal(this->segment, f.index(0));
  for (auto [product, state, before] :
       llvm::zip(segment.product, segment.state, segment.before)) {
    Value start =
        f.fma(f.shuffleUp(product, delta), before, f.shuffleUp(state, delta));
    before = f.select(isFirst, before, start);
  }
}

/// The states after a tile, whose segments are those of one warp, where nothing
/// is read out.
void ScanTile::summarizeWarp(Segment &segment) {
  for (int64_t pair = 0; pair < int64_t(segment.product.size()); ++pair) {
    int64_t index = stateIndex(segment, pair);
    Value product = f.shuffleFrom(segment.product[pair], lastLane);
    Value own = f.shuffleFrom(segment.state[pair], lastLane);
    Value &state = segment.states[index];
    state = f.fma(product, state, own);
    Value &decay = segment.states[numStates() + index];
    decay = f.mulF(decay, product);
  }
}

/// Goes over the segment from the states before it and adds up the readouts.
void ScanTile::readOut(Segment &segment) {
  Values current = segment.before;
  for (int64_t i = 0; i < steps; ++i)
    for (int64_t k = 0; k < width; ++k) {
      ArrayRef<Value> values = segment.values[i][k];
      SmallVector<Values> matrices =
          loadMatrices(segment, op.getReadout(), values.size() + 1, i, k);
      for (int64_t j = 0; j < segment.count; ++j) {
        int64_t pair = j * width + k;
        Value &state = current[pair];
        state =
            f.fma(segment.decays[pair][i], state, segment.additions[pair][i]);
        Values arguments = {state};
        llvm::append_range(arguments, values);
        for (const Values &matrix : matrices)
          arguments.push_back(matrix[j]);
        Value term = orZero(f.inlineRegion(op.getReadout(), arguments)[0],
                            segment.first + j);
        Value &sum = segment.sums[i][k];
        sum = sum ? f.addF(sum, term) : term;
      }
    }
  // Where warps share time, joinWarps knows the states after all of them.
  if (warps > 1)
    return;
  for (auto [pair, state] : llvm::enumerate(current))
    segment.states[stateIndex(segment, pair)] =
        segments > 1 ? f.shuffleFrom(state, lastLane) : state;
}

void ScanTile::computeGroup(Segment &segment) {
  segment.before.clear();
  segment.product.clear();
  segment.state.clear();
  for (int64_t pair = 0; pair < segment.count * width; ++pair)
    segment.before.push_back(segment.states[stateIndex(segment, pair)]);
  makeTransitions(segment);
  if (isSegmented() || summarizes) {
    scanFromZero(segment);
    joinLanes(segment);
    if (warps > 1)
      joinWarps(segment);
    else if (summarizes)
      summarizeWarp(segment);
  }
  if (summarizes)
    return;
  if (isSegmented())
    startSegments(segment);
  readOut(segment);
}

/// The step values of all steps and channels. `packets` are those of the inputs
/// that depend on time, by step, then input.
void ScanTile::inlineSteps(Segment &segment, ArrayRef<Value> packets) {
  for (int64_t i = 0; i < steps; ++i) {
    segment.inputs.push_back(unpackInputs(packets));
    SmallVector<Values> &values = segment.values.emplace_back();
    for (int64_t k = 0; k < width; ++k)
      values.push_back(f.inlineRegion(op.getStep(), segment.inputs[i][k]));
    segment.sums.emplace_back(width);
  }
}

/// The sum over the lanes of a channel. A sum that only a conditional store
/// uses would be computed there, at the end, with all states of all steps kept
/// until then; a shuffle is where it has to be known.
Value ScanTile::sumStates(Value sum, bool isConditional) {
  if (lanes == 1 && isConditional)
    return f.shuffleXor(sum, 0);
  return f.sumOverLanes(sum, lanes, channelLanes);
}

void ScanTile::storeOutputs(Segment &segment) {
  unsigned view = f.resultView(0);
  int64_t perStore = f.vectorWidth(view, Dim::d, width);
  bool allWrite = lanes == 1 && fillsBlocks(channelsPerBlock);
  SmallVector<Values> outputs(steps);
  for (int64_t i = 0; i < steps; ++i)
    for (int64_t k = 0; k < width; ++k) {
      Values arguments = {
          sumStates(segment.sums[i][k], segment.masked || !allWrite)};
      llvm::append_range(arguments, segment.values[i][k]);
      llvm::append_range(arguments, segment.inputs[i][k]);
      outputs[i].push_back(f.inlineRegion(op.getEpilogue(), arguments)[0]);
    }
  auto store = [&](int64_t i) {
    f.storeMany(view, pointAt(segment.times[i], 0), Dim::d, outputs[i],
                perStore);
  };
  auto storeAll = [&] {
    for (int64_t i = 0; i < steps; ++i)
      store(i);
  };
  if (segment.masked) {
    for (int64_t i = 0; i < steps; ++i)
      f.ifThen(f.both(writes, segment.stepExists[i]), [&] { store(i); });
  } else if (allWrite) {
    storeAll();
  } else {
    f.ifThen(writes, storeAll);
  }
}

ScanTile::Values ScanTile::computeTile(Value tile, ArrayRef<Value> inputs,
                                       Value buffer, ArrayRef<Value> states,
                                       bool masked) {
  Segment segment;
  segment.buffer = buffer;
  segment.masked = masked;
  segment.states.assign(states.begin(), states.end());
  Value first = f.add(tile, f.mul(segmentIndex, f.index(steps)));
  for (int64_t i = 0; i < steps; ++i) {
    Value step = f.add(first, f.index(i));
    if (masked) {
      segment.stepExists.push_back(f.lessThan(step, end));
      step = f.min(step, f.sub(end, f.index(1)));
    }
    segment.times.push_back(timeOf(step));
  }
  inlineSteps(segment, inputs);

  // The one tile that is masked is not worth the registers of several states:
  // a kernel has as many as its hungriest part needs.
  segment.group = masked ? 1 : group;
  // Groups, and with them vectors of states, start at multiples of this.
  segment.multiple =
      lanes > 1 ? std::gcd(segment.group, statesPerLane) : segment.group;
  for (segment.first = 0; segment.first < statesPerLane;
       segment.first += segment.group) {
    segment.count = std::min(segment.group, statesPerLane - segment.first);
    computeGroup(segment);
  }
  if (!summarizes)
    storeOutputs(segment);
  return segment.states;
}
