//===- ScanTile.h - A block's tiles of channels and time ------------------===//
//
// What the families `tiled` and `split` of kernel.scan share; EmitScanTiled.cpp
// says how a tile is computed.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_CONVERSION_KERNELTOGPU_SCANTILE_H
#define SSMC_CONVERSION_KERNELTOGPU_SCANTILE_H

#include "ScanThread.h"

namespace ssmc {

class ScanTile : public ScanThread {
public:
  ScanTile(KernelFunction &f, kernel::ScanOp op);

  int64_t numThreads() const { return threads; }
  /// The blocks that the channels of one sequence take.
  int64_t blocksPerSequence() const {
    return ScanThread::blocksPerSequence(channelsPerBlock);
  }

  /// Finds this thread's channels and segment, for block `block` of those of
  /// sequence `batch`, and loads what does not depend on time.
  void findPosition(mlir::Value batch, mlir::Value block);

  /// Goes over the steps from `from` up to, not including, `to` of the
  /// sequence: stores the outputs and returns the states after them.
  Values scan(mlir::Value from, mlir::Value to, mlir::ValueRange states);
  /// Goes over them from state 0 without storing anything; returns the states
  /// after them, then for each the product of its decays.
  Values summarize(mlir::Value from, mlir::Value to);

private:
  /// What a thread has of the tile being computed (ScanSegment.cpp).
  struct Segment;

  void meet();
  Values loadInputs(mlir::Value tile, bool clamped);
  Values walk(mlir::Value from, mlir::Value to, mlir::ValueRange states);
  Values walkTiles(mlir::Value from, mlir::Value to, mlir::ValueRange states);
  Values loopOverTiles(mlir::Value from, mlir::Value whole,
                       mlir::ValueRange carried);

  Values computeTile(mlir::Value tile, llvm::ArrayRef<mlir::Value> inputs,
                     mlir::Value buffer, llvm::ArrayRef<mlir::Value> states,
                     bool masked);
  void inlineSteps(Segment &segment, llvm::ArrayRef<mlir::Value> packets);
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

  // The schedule.
  int64_t threads, segments, steps, warps, group, stages;
  /// Derived from it: lanes that are channels, and channels and steps a block
  /// has in a tile.
  int64_t channelLanes, channelsPerBlock, tileSteps;
  bool isSegmented() const { return segments * warps > 1; }
  /// Whether only the states after all steps and their decays are wanted.
  bool summarizes = false;
  size_t numCarriedStates() const { return numStates() * (summarizes ? 2 : 1); }

  // Where this thread stands beside its channels and states.
  mlir::Value segment, segmentIndex, warpOfTime, lastLane, slot;
  /// (P, h) of each warp's segments, where warps share time.
  mlir::Value joints;
};

} // namespace ssmc

#endif // SSMC_CONVERSION_KERNELTOGPU_SCANTILE_H
