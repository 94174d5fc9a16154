//===- ScanThread.h - A thread's channels and states of a scan ------------===//
//
// What the emitters of tiled, split and chained scans share: where a thread
// stands, what it loads once, and its states. A thread has `width` neighbouring
// channels; `lanes` threads share the states of each.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_CONVERSION_KERNELTOGPU_SCANTHREAD_H
#define SSMC_CONVERSION_KERNELTOGPU_SCANTHREAD_H

#include "Sequences.h"
#include "SharedRows.h"
#include "llvm/ADT/MapVector.h"

namespace ssmc {

class ScanThread {
public:
  using Values = llvm::SmallVector<mlir::Value>;

  /// Channels that a kernel's blocks share, up to, not including, `end`.
  struct Channels {
    int64_t first, end;
  };

  /// Reads `width` and `lanes` of `schedule`.
  ScanThread(KernelFunction &f, kernel::ScanOp op,
             kernel::ScheduleAttr schedule, Channels channels);
  /// The same of the op's schedule, for all channels.
  ScanThread(KernelFunction &f, kernel::ScanOp op);

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

  /// Stores 0 at these steps of the sequence, and at those of no sequence.
  void zeroSteps(mlir::Value from, mlir::Value to);
  void zeroOutside();

protected:
  /// Finds the sequence, and this thread's channels and states, for block
  /// `block` of those of sequence `batch`; `channelLane` counts threads along
  /// channels, of which the block has as many as make `channelsPerBlock`.
  void findChannels(mlir::Value batch, mlir::Value block,
                    int64_t channelsPerBlock, mlir::Value channelLane,
                    mlir::Value stateLane);
  int64_t blocksPerSequence(int64_t channelsPerBlock) const;
  /// Whether every thread has channels, the last block's too.
  bool fillsBlocks(int64_t channelsPerBlock) const {
    return (channels.end - channels.first) % channelsPerBlock == 0;
  }
  /// Loads what does not depend on time.
  void loadInvariants();
  bool isInvariant(unsigned view) const;
  /// Whether a region uses one of its arguments.
  static bool usesArgument(mlir::Region &region, unsigned argument) {
    return !region.getArgument(argument).use_empty();
  }

  mlir::Value channelAt(int64_t k);
  mlir::Value stateAt(int64_t i);
  /// A state beyond the last one contributes nothing.
  mlir::Value orZero(mlir::Value value, int64_t i);
  mlir::Value timeOf(mlir::Value step);
  Values pointAt(mlir::Value time, int64_t k, mlir::Value state = {});
  /// Says what is fetched and put together, once `shared` is known.
  void planShares();
  /// This thread's share of all shared rows of the tile that begins at step
  /// `tile`, by packets; of rows beyond the last step, where `clamped`, the
  /// last one's.
  Values fetchShares(mlir::Value tile, bool clamped);
  void putShares(llvm::ArrayRef<mlir::Value> fetched, mlir::Value buffer);
  /// By packets; of step `step`, for all of this thread's channels.
  Values loadInput(unsigned view, mlir::Value step);
  /// The inputs without n of one step, by channel, then input; those that
  /// depend on time are taken from the front of `packets`, or 0 where it is
  /// known that they were not loaded.
  llvm::SmallVector<Values> unpackInputs(
      llvm::ArrayRef<mlir::Value> &packets,
      llvm::function_ref<bool(unsigned view)> isLoaded = [](unsigned) {
        return true;
      });
  /// The inputs with n of one step and channel that `region`, whose arguments
  /// they are from `firstArgument` on, uses, for `count` states from number
  /// `first` on: by input, then state. `loadRows` loads those of the inputs
  /// that the block shares, from a column on; `time` is the step's index.
  using LoadRows = llvm::function_ref<std::optional<Values>(
      unsigned view, mlir::Value column, int64_t count)>;
  llvm::SmallVector<Values> loadMatrices(mlir::Region &region,
                                         unsigned firstArgument, int64_t k,
                                         mlir::Value time, int64_t first,
                                         int64_t count, int64_t multiple,
                                         LoadRows loadRows);
  void storeZero(mlir::Value time);

  KernelFunction &f;
  kernel::ScanOp op;
  llvm::SmallVector<unsigned> stepInputs, stateInputs;

  Channels channels;
  int64_t width, lanes;
  /// States of a channel in a thread, and whether the last lanes hold fewer.
  int64_t statesPerLane;
  bool ragged;

  // Where this thread stands. `channel` is its first channel.
  mlir::Value batch, channel, channelExists, state;
  /// It writes its channels' outputs; it speaks for its channels' states.
  mlir::Value writes, leads;
  std::optional<Sequence> sequence;
  /// For each of a ragged lane's states, whether it exists.
  Values exists;
  /// The step after the last.
  mlir::Value end;
  /// Rows that channels share, by view.
  llvm::MapVector<unsigned, SharedRows> shared;
  /// What fetches and puts them: each of them, or two at the same time.
  llvm::SmallVector<SharedRows> shares;
  /// Inputs that do not depend on time, by view and channel.
  llvm::DenseMap<unsigned, llvm::SmallVector<Values>> invariants;

private:
  Values statePoint(mlir::Value channel, mlir::Value state);
  void forEachState(llvm::function_ref<void(mlir::Value channel,
                                            mlir::Value state, int64_t number)>
                        body);
};

} // namespace ssmc

#endif // SSMC_CONVERSION_KERNELTOGPU_SCANTHREAD_H
