//===- ScanModelChained.cpp - How long a chained scan takes ---------------===//

#include "ssmc/Analysis/ScanModel.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace ssmc;
using kernel::Family;
using kernel::ScheduleAttr;

static constexpr int64_t kSchedulers = 4, kWarpSize = 32;
/// Instructions a clock of a warp that is alone on its scheduler, and of a
/// scheduler that has several; the share of the special-function unit's rate
/// that is reached.
static constexpr double kLoneIpc = 0.45, kPeakIpc = 0.72, kPeakSpecial = 0.85;
/// Instructions of a step that a lane computes the values of, beside its
/// arithmetic: loads, conversions, the store; and of a tile.
static constexpr double kOwnStep = 16, kTile = 50;
/// Of an element of rows that are put into shared memory.
static constexpr double kRowElement = 1.6;
/// Clocks in which a lone warp waits in a tile; from a warp's states to the
/// next one's, and for each step that lies between where nothing is scanned
/// ahead.
static constexpr double kTileWait = 250, kHop = 110, kHopStep = 5;
/// A launch, and what a block does before its first tile.
static constexpr double kLaunchSeconds = 4e-6;
/// Bytes a clock that an SM gets from the second-level cache.
static constexpr double kCacheBytesPerClock = 20;
/// What ptxas uses beyond the values that a thread has to keep, and beyond what
/// it spills.
static constexpr int64_t kRingRegisters = 92, kAloneRegisters = 50,
                         kMostRegisters = 252;

/// Rows of this many words begin on different banks.
static int64_t pitchOf(int64_t words) {
  return 4 * (llvm::divideCeil(words, 4) | 1);
}

std::optional<ScanModel::Estimate>
ScanModel::chained(ScheduleAttr schedule) const {
  int64_t threads = schedule.get("threads", 128),
          steps = schedule.get("steps", 8), width = schedule.get("width", 1),
          lanes = schedule.get("lanes", 1), warps = schedule.get("warps", 1);
  bool isRing = warps > 1, isAhead = isRing && schedule.get("ahead", 1) == 1;
  int64_t states = llvm::divideCeil(dstate, lanes);
  int64_t ownSteps = std::max<int64_t>(1, steps / lanes);
  int64_t channels = kWarpSize / lanes * width;
  int64_t blockChannels = threads / kWarpSize / warps * channels;
  int64_t sharedInputs = llvm::count_if(stateInputs, [&](AffineMap map) {
    return kernel::isSharedByChannels(map, channels);
  });

  Estimate result;
  // Two step values are what selective scans tell other lanes.
  int64_t rowWords = int64_t(llvm::alignTo(steps * dstate, 4));
  int64_t early = sharedInputs > 0 ? rowWords : 0;
  if (lanes > 1)
    early = std::max(early + channels * pitchOf(2 * steps),
                     lanes * channels * pitchOf(steps));
  int64_t words = early + std::max<int64_t>(0, sharedInputs - 1) * rowWords;
  if (isRing)
    words += width * states * kWarpSize;
  result.sharedBytes = threads / kWarpSize * words * 4;

  double points = double(steps * width * states);
  int64_t kept = isRing ? kRingRegisters + int64_t(2 * points)
                        : kAloneRegisters + width * (3 * states + steps);
  result.registers = kept + width * ownSteps * stepInputs;
  if (result.registers > kMostRegisters ||
      result.sharedBytes > target.staticSharedPerBlock)
    return std::nullopt;
  result.residentBlocks =
      target.residentBlocks(threads, result.registers, result.sharedBytes);
  if (result.residentBlocks == 0)
    return std::nullopt;
  result.blocks = batch * llvm::divideCeil(dim, blockChannels);

  // A tile of a warp.
  double own = double(width * ownSteps);
  double instructions = points * (perState + (isAhead ? 1 : 0)) +
                        own * (perStep - kStepOverhead + kOwnStep) +
                        double(sharedInputs) * double(steps) *
                            (double(llvm::divideCeil(states, 4)) +
                             kRowElement * double(dstate) / double(kWarpSize)) +
                        kTile;
  if (lanes > 1)
    instructions += double(width) * (double(steps) + own * double(lanes));
  double special = points * specialPerState + own * specialPerStep;
  if (isAhead) {
    instructions += double(width * (steps + 3 * states));
    special += double(width * states);
  }
  double hop = kHop + (isAhead ? 0 : kHopStep * double(steps));

  // Rows of the inputs are read by sectors, B and C once a block.
  double sector = std::max(1.0, 16.0 / double(blockChannels));
  double cacheBytes =
      double(steps * channels) * 2 * double(stepInputs + 1) * sector +
      double(steps * dstate * sharedInputs) * 2 * double(channels) /
          double(blockChannels);

  double rounds =
      double(llvm::divideCeil(llvm::divideCeil(seqlen, steps), warps));
  auto wave = [&](int64_t blocks) {
    double warpsPerSM = double(llvm::divideCeil(blocks, target.numSMs)) *
                        double(threads / kWarpSize);
    double perScheduler = std::max(1.0, warpsPerSM / kSchedulers);
    double specialClocks = special * kWarpSize * warpsPerSM /
                           double(target.mufuPerClock) / kPeakSpecial;
    double clocks =
        std::max({instructions / kLoneIpc + kTileWait,
                  instructions * perScheduler / kPeakIpc, specialClocks,
                  cacheBytes * warpsPerSM / kCacheBytesPerClock});
    if (isRing)
      clocks = std::max(clocks, hop * double(warps));
    return rounds * clocks / target.clockHz;
  };
  int64_t perWave = target.numSMs * result.residentBlocks;
  double seconds = double(result.blocks / perWave) * wave(perWave);
  if (int64_t rest = result.blocks % perWave)
    seconds += wave(rest);
  result.seconds =
      std::max(seconds, bytes / target.bytesPerSecond) + kLaunchSeconds;
  return result;
}

void ScanModel::addChained(SmallVectorImpl<ScheduleAttr> &to) const {
  for (int64_t lanes : {1, 2, 4, 8, 16, 32})
    for (int64_t steps : {8, 16}) {
      int64_t states = llvm::divideCeil(dstate, lanes);
      // More than there are states, or more states than registers hold.
      if (lanes > dstate || states > 16)
        continue;
      for (int64_t warps : {1, 2, 4, 8})
        for (int64_t teams : {1, 2, 4, 8})
          for (int64_t ahead : {1, 0}) {
            if (warps * teams > 8 || (warps == 1 && ahead == 0))
              continue;
            SmallVector<std::pair<StringRef, int64_t>> params = {
                {"lanes", lanes},
                {"steps", steps},
                {"threads", kWarpSize * warps * teams},
                {"warps", warps}};
            if (warps > 1)
              params.emplace_back("ahead", ahead);
            to.push_back(makeSchedule(Family::Chained, params));
          }
    }
}
