//===- ChainLayout.h - A warp of a chained scan ---------------------------===//
//
// Which channel and states a lane of a warp has, and where the warp keeps what
// its lanes tell each other: for the kernel, and for the model of its time.
// lib/Conversion/KernelToGPU/EmitScanChained.cpp says what it is for.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_ANALYSIS_CHAINLAYOUT_H
#define SSMC_ANALYSIS_CHAINLAYOUT_H

#include <cstdint>

namespace ssmc {

/// The schedule, and what of the op the layout depends on.
struct ChainShape {
  int64_t lanes, width, steps, warps, dstate;
  /// Inputs with a state dimension that all channels of the warp read, and
  /// values of a step that all lanes of its channel need.
  int64_t sharedRows, sharedValues;
};

/// Places in shared memory are in words of 4 bytes from where the warp's begin.
class ChainLayout {
public:
  static constexpr int64_t kWarpSize = 32;

  explicit ChainLayout(const ChainShape &shape);

  /// A lane's number has, from the lowest bit on: one bit of its channel, the
  /// bits of its share of the states, the rest of its channel. An access of 16
  /// bytes a lane takes two passes, not four, where lanes that differ in bit 0,
  /// or all that differ in bit 1, read the same; so that holds of what channels
  /// share and of what lanes of a channel share (measured on an H200).
  int64_t channelBits() const { return channelLanes() > 1 ? 1 : 0; }
  int64_t channelLaneOf(int64_t lane) const;
  int64_t stateLaneOf(int64_t lane) const;
  /// How far apart two lanes are whose shares of the states differ by `bit`.
  int64_t laneDistance(int64_t bit) const { return bit << channelBits(); }

  /// Lanes that are channels, and channels of the warp.
  int64_t channelLanes() const { return kWarpSize / shape.lanes; }
  int64_t channels() const { return channelLanes() * shape.width; }
  int64_t statesPerLane() const;
  /// Steps of a tile that a lane computes the values and outputs of: an equal
  /// share, or one for as many of a channel's lanes as there are steps.
  int64_t ownSteps() const;
  int64_t ownWords() const { return ownSteps() * shape.sharedValues; }

  /// The rows of the i-th shared input: steps x dstate.
  int64_t rowsAt(int64_t i) const { return i * rowsWords(); }
  /// A value of a channel's step.
  int64_t valueAt(int64_t channel, int64_t step, int64_t value) const;
  /// The same of a lane's own steps begins at this many words from its
  /// channel's.
  int64_t ownPitch() const { return stepsPitch; }
  int64_t valuePitch() const { return channelPitch; }
  /// States on their way to the next warp, of all lanes.
  int64_t slotsAt() const { return slots; }
  /// All that a warp has.
  int64_t words() const { return total; }

  /// Passes through shared memory that a tile's step values take: stores by
  /// those who compute them, loads by all.
  int64_t valuePasses() const;

private:
  int64_t rowsWords() const;
  int64_t countPasses(int64_t ofOwnSteps, int64_t ofChannels) const;
  void choosePitches();

  ChainShape shape;
  int64_t stepsPitch = 0, channelPitch = 0;
  int64_t values = 0, slots = 0, total = 0;
};

} // namespace ssmc

#endif // SSMC_ANALYSIS_CHAINLAYOUT_H
