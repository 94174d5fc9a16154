//===- ScanTile.h - A block's tiles of channels and time ------------------===//
//
// What the families `tiled` and `split` of kernel.scan share; EmitScanTiled.cpp
// says how a tile is computed.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_CONVERSION_KERNELTOGPU_SCANTILE_H
#define SSMC_CONVERSION_KERNELTOGPU_SCANTILE_H

#include "Sequences.h"
#include "SharedRows.h"
#include "llvm/ADT/MapVector.h"

namespace ssmc {

class ScanTile {
public:
  using Values = llvm::SmallVector<mlir::Value>;

  ScanTile(KernelFunction &f, kernel::ScanOp op);

  int64_t numThreads() const { return threads; }
  /// The blocks that the channels of one sequence take.
  int64_t blocksPerSequence() const;

  /// Finds this thread's sequence, channels and segment, for block `block` of
  /// all sequences' blocks, and loads what does not depend on time.
  void findPosition(mlir::Value block);

  Sequence &getSequence() { return *sequence; }

  /// A thread's states: those of its first channel, then of the next.
  int64_t numStates() const { return width * statesPerLane; }
  Values zeroStates();
  /// The op's initial states, or 0.
  Values initialStates();
  void storeLastStates(mlir::ValueRange states);
  /// States of a buffer of f32, at the indices that `pointAt` makes of a
  /// channel and a state.
  using PointAt =
      llvm::function_ref<Values(mlir::Value channel, mlir::Value state)>;
  Values loadStates(mlir::Value buffer, PointAt pointAt);
  void storeStates(mlir::Value buffer, mlir::ValueRange states,
                   PointAt pointAt);

  /// Goes over the steps from `from` up to, not including, `to` of the
  /// sequence: stores the outputs and returns the states after them.
  Values scan(mlir::Value from, mlir::Value to, mlir::ValueRange states);
  /// Goes over them from state 0 without storing anything; returns the states
  /// after them, then for each the product of its decays.
  Values summarize(mlir::Value from, mlir::Value to);

  /// Stores 0 at these steps of the sequence, and at those of no sequence.
  void zeroSteps(mlir::Value from, mlir::Value to);
  void zeroOutside();

private:
  /// What a thread has of the tile being computed (ScanSegment.cpp).
  struct Segment;

  Values statePoint(mlir::Value channel, mlir::Value state);
  void forEachState(llvm::function_ref<void(mlir::Value channel,
                                            mlir::Value state, int64_t number)>
                        body);
  void loadInvariants();
  mlir::Value stateAt(int64_t i);
  mlir::Value channelAt(int64_t k);
  mlir::Value timeOf(mlir::Value step);
  mlir::Value orZero(mlir::Value value, int64_t i);
  Values pointAt(mlir::Value time, int64_t k, mlir::Value state = {});

  Values fetchShares(mlir::Value tile);
  void putShares(llvm::ArrayRef<mlir::Value> shares, mlir::Value buffer);
  void meet();
  Values loadInput(unsigned view, mlir::Value step);
  Values loadInputs(mlir::Value tile, bool clamped);
  Values walk(mlir::Value from, mlir::Value to, mlir::ValueRange states);
  Values walkTiles(mlir::Value from, mlir::Value to, mlir::ValueRange states);
  Values loopOverTiles(mlir::Value from, mlir::Value whole,
                       mlir::ValueRange carried);
  void storeZero(mlir::Value time);

  Values computeTile(mlir::Value tile, llvm::ArrayRef<mlir::Value> inputs,
                     mlir::Value buffer, llvm::ArrayRef<mlir::Value> states,
                     bool masked);
  void inlineSteps(Segment &segment, llvm::ArrayRef<mlir::Value> inputs);
  llvm::SmallVector<Values> loadMatrices(Segment &segment, mlir::Region &region,
                                         unsigned firstArgument, int64_t step,
                                         int64_t k);
  int64_t stateIndex(const Segment &segment, int64_t pair) const;
  void computeGroup(Segment &segment);
  void makeTransitions(Segment &segment);
  void scanFromZero(Segment &segment);
  void joinLanes(Segment &segment);
  void joinWarps(Segment &segment);
  void startSegments(Segment &segment);
  void summarizeWarp(Segment &segment);
  void readOut(Segment &segment);
  mlir::Value sumStates(mlir::Value sum, bool isConditional);
  void storeOutputs(Segment &segment);

  KernelFunction &f;
  kernel::ScanOp op;
  llvm::SmallVector<unsigned> stepInputs, stateInputs;

  // The schedule.
  int64_t threads, segments, steps, width, lanes, warps, group, stages;
  /// Derived from it: lanes that are channels, channels and steps a block has
  /// in a tile, states of a channel in a thread, and whether the last lanes
  /// hold fewer.
  int64_t channelLanes, channelsPerBlock, tileSteps, statesPerLane;
  bool ragged;
  bool isSegmented() const { return segments * warps > 1; }
  /// Whether only the states after all steps and their decays are wanted.
  bool summarizes = false;
  size_t numCarriedStates() const { return numStates() * (summarizes ? 2 : 1); }

  // Where this thread stands. `channel` is its first channel.
  mlir::Value batch, channel, channelExists, state, segment, segmentIndex,
      warpOfTime, lastLane, slot;
  /// It writes its channels' outputs; it speaks for its channels' states.
  mlir::Value writes, leads;
  std::optional<Sequence> sequence;
  /// The step after the last.
  mlir::Value end;
  /// For each of a ragged lane's states, whether it exists.
  Values exists;
  /// Inputs that do not depend on time, by view and channel.
  llvm::DenseMap<unsigned, llvm::SmallVector<Values>> invariants;
  llvm::MapVector<unsigned, SharedRows> shared;
  /// (P, h) of each warp's segments, where warps share time.
  mlir::Value joints;
};

} // namespace ssmc

#endif // SSMC_CONVERSION_KERNELTOGPU_SCANTILE_H
