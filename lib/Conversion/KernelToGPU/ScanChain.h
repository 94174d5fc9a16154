//===- ScanChain.h - A warp's tiles of a chained scan ---------------------===//
//
// EmitScanChained.cpp says how a tile is computed.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_CONVERSION_KERNELTOGPU_SCANCHAIN_H
#define SSMC_CONVERSION_KERNELTOGPU_SCANCHAIN_H

#include "ScanThread.h"
#include "ssmc/Analysis/ChainLayout.h"

namespace ssmc {

class ScanChain : public ScanThread {
public:
  /// With `summarizes`, for summarize() alone.
  ScanChain(KernelFunction &f, kernel::ScanOp op, bool summarizes = false);
  /// For some channels, by a schedule that need not be the op's.
  ScanChain(KernelFunction &f, kernel::ScanOp op, kernel::ScheduleAttr schedule,
            Channels channels, bool summarizes = false);

  int64_t numThreads() const { return threads; }
  /// The f32 of shared memory that a block needs.
  int64_t sharedWords() const {
    return threads / ChainLayout::kWarpSize * layout->words();
  }
  /// Has it use `words` of the block's, which others of the kernel's blocks use
  /// too, instead of memory of its own.
  void useShared(mlir::Value words) { memory = words; }
  /// The blocks that the channels of one sequence take.
  int64_t blocksPerSequence() const {
    return ScanThread::blocksPerSequence(channelsPerBlock);
  }
  /// Finds this thread's channels, states and place in the ring, for block
  /// `block` of those of sequence `batch`.
  void findPosition(mlir::Value batch, mlir::Value block);

  /// Goes over all steps of the sequence from `initial`: stores the outputs,
  /// and the op's last states where it has any.
  void scan(mlir::ValueRange initial);
  /// Without a ring: goes over the steps from `from` up to, not including,
  /// `to`, stores the outputs and returns the states after them.
  Values scan(mlir::Value from, mlir::Value to, mlir::ValueRange states);
  /// Without a ring: goes over them from state 0 without storing anything;
  /// returns the states after them, then for each the product of its decays.
  Values summarize(mlir::Value from, mlir::Value to);

private:
  /// What a thread has of the tile being computed (ScanChainTile.cpp).
  struct Tile;
  /// The inputs without n of a step, as f32: by channel, then input.
  using Inputs = llvm::SmallVector<Values>;
  /// What a lane computes of a step of its own before it goes over its states.
  struct OwnStep {
    /// By channel: the inputs without n, and the step's values.
    llvm::SmallVector<Values> inputs, values;
    /// By channel: what of the epilogue does not wait for sums.
    llvm::SmallVector<mlir::IRMapping> epilogues;
  };
  /// By own step.
  using Prepared = llvm::SmallVector<OwnStep>;
  /// A step as its states see it.
  struct Step {
    /// Its index along time, and its row in the tile.
    mlir::Value time, row;
    /// Its values, by channel.
    llvm::SmallVector<Values> values;
  };
  /// What of global memory is in registers when a tile begins, as packets.
  struct Fetched {
    /// This thread's share of the rows of the tile.
    Values rows;
    /// The inputs without n that depend on time, at its own steps; where
    /// `early`, of this warp's next tile.
    Values inputs;
  };

  bool isChained() const { return warps > 1; }
  bool usesShared() const { return !shared.empty() || lanes > 1; }
  mlir::Value isWhole(mlir::Value tile);
  int64_t ownSteps() const { return layout->ownSteps(); }
  bool allOwn() const { return lanes <= steps; }
  mlir::Value ownStep(mlir::Value tile, int64_t i);

  void findLane();
  void placeShared();
  Values loadInputsOf(mlir::Value step);
  Values loadInputs(mlir::Value tile, bool clamped);
  Fetched fetch(mlir::Value tile);
  Fetched fetchIf(mlir::Value condition, mlir::Value tile,
                  llvm::ArrayRef<mlir::Value> otherwise);
  Fetched fetchNext(mlir::Value tile, const Fetched &before);
  Fetched split(mlir::ValueRange fetched) const;
  Values scanTiles(mlir::Value from, mlir::ValueRange states);
  Values scanWholeTiles(mlir::Value from, mlir::ValueRange states);
  Values scanPartOfTile(mlir::Value from, mlir::ValueRange states);
  Values walkWholeTiles(mlir::Value first, mlir::Value stop, Fetched fetched,
                        mlir::ValueRange states);

  mlir::Value afterAll(llvm::ArrayRef<mlir::Value> values, mlir::Value number);
  void receive(llvm::ArrayRef<mlir::Value> ahead, Values &states);
  void passOn(llvm::ArrayRef<mlir::Value> states);
  mlir::Value slotAt(mlir::Value warp, int64_t number);
  mlir::Value barrierOf(mlir::Value warp);

  Values computeTile(mlir::Value tile, const Fetched &fetched,
                     llvm::ArrayRef<mlir::Value> states,
                     std::optional<Prepared> prepared);
  Inputs unpackStep(llvm::ArrayRef<mlir::Value> &packets);
  llvm::SmallVector<Inputs> unpackOwn(llvm::ArrayRef<mlir::Value> packets);
  OwnStep prepareStep(Inputs inputs);
  Prepared prepare(llvm::ArrayRef<Inputs> inputs);
  void
  forEachCarried(Prepared &prepared,
                 llvm::function_ref<mlir::Value(mlir::Value value)> replace);
  Values carriedOf(Prepared &prepared);
  void shareValues(const Prepared &prepared);
  mlir::Value valuesOfChannel(int64_t k);
  mlir::Value valuesOfOwner(mlir::Value step);
  Values valuesOfStep(Tile &tile, int64_t step, int64_t k);
  Step findStep(Tile &tile, int64_t number);
  llvm::SmallVector<Values> loadMatrices(const Step &step, mlir::Region &region,
                                         unsigned firstArgument, int64_t k);
  bool isNeeded(unsigned view);
  struct Transition {
    mlir::Value decay, addition, logarithm;
  };
  Transition makeTransition(int64_t j, llvm::ArrayRef<mlir::Value> values,
                            llvm::ArrayRef<Values> matrices);
  void forEachTransition(
      const Step &step,
      llvm::function_ref<void(int64_t number, const Transition &)> body);
  void addReadout(mlir::Value &sum, mlir::Value state, int64_t j,
                  llvm::ArrayRef<mlir::Value> values,
                  llvm::ArrayRef<Values> matrices);
  Values takeStep(const Step &step, llvm::MutableArrayRef<mlir::Value> states);
  Values totalsOfNone();
  mlir::Value combineTotals(mlir::Value total, mlir::Value value);
  void summarizeStep(const Step &step,
                     llvm::MutableArrayRef<mlir::Value> states,
                     llvm::MutableArrayRef<mlir::Value> totals);
  Values decaysOf(llvm::ArrayRef<mlir::Value> totals);
  void makeTransitions(Tile &tile);
  mlir::Value sumLinearValue(Tile &tile, int64_t k);
  mlir::Value decayOfSum(mlir::Value sum, int64_t k, int64_t j);
  void scanFromZero(Tile &tile);
  mlir::Value decayOfTile(Tile &tile, int64_t k, int64_t i);
  void chain(Tile &tile);
  void summarizeTile(Tile &tile);
  void readOut(Tile &tile);
  void sumLanes(Tile &tile);
  Values outputsOf(const OwnStep &step, llvm::ArrayRef<mlir::Value> sums);
  void storeOutputsOf(mlir::Value time, llvm::ArrayRef<mlir::Value> outputs);
  void storeOutputs(Tile &tile);

  // Steps that do not make a tile (ScanChainRest.cpp).
  Values scanRest(mlir::Value count, mlir::ValueRange states);
  Values valuesOfRow(mlir::Value row, int64_t k);
  void takeRow(mlir::Value start, mlir::Value row,
               llvm::MutableArrayRef<mlir::Value> states,
               llvm::MutableArrayRef<mlir::Value> others);
  void storeRest(mlir::Value start, const Prepared &own,
                 llvm::ArrayRef<mlir::Value> sums);

  // The schedule.
  int64_t threads, warps, steps;
  bool scansAhead;
  /// Whether a tile's step values are computed while the one before is.
  bool early;
  /// Whether what a tile needs leaves few registers: not where `early`, unless
  /// several blocks of an SM share them or there are two kinds of blocks.
  bool fewRegisters;
  /// Whether only the states after all steps and their decays are wanted.
  bool summarizes;
  /// Channels of a block.
  int64_t channelsPerBlock;
  /// By step value: whether transition or readout use it, so that other lanes
  /// of the channel have to know it, and its number among those.
  llvm::SmallVector<int64_t> sharedValue;
  int64_t numSharedValues = 0;
  /// The step value that the logarithm of the decay is a multiple of, by
  /// factors that do not depend on time; none where it is anything else.
  std::optional<unsigned> linearValue;
  /// The inputs that the channels of a warp share.
  llvm::SmallVector<unsigned> sharedViews;
  std::optional<ChainLayout> layout;

  // Where this thread stands beside its channels and states.
  mlir::Value lane, channelLane, stateLane, warpOfTime, firstWarp;
  /// The first of this lane's own steps in a tile; whether it has any (others
  /// compute them again, and keep what they get to themselves); and whether it
  /// stores their outputs.
  mlir::Value firstOwn, owns, storesOwn;

  /// Shared memory, and where in it this warp's and its ring's begin.
  mlir::Value memory, warpMemory, teamMemory;
};

} // namespace ssmc

#endif // SSMC_CONVERSION_KERNELTOGPU_SCANCHAIN_H
