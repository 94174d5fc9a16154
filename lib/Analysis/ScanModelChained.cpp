//===- ScanModelChained.cpp - How long a chained scan takes ---------------===//

#include "ssmc/Analysis/ChainLayout.h"
#include "ssmc/Analysis/ScanModel.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace ssmc;
using kernel::Family;
using kernel::ScheduleAttr;

// Fitted to 202 measurements on an H200 (bench/scan/h200), and what is not
// about warps that are alone once more to 42 later ones, which they meet to
// within 7 % (root mean square).
static constexpr int64_t kWarpSize = ChainLayout::kWarpSize, kSchedulers = 4;
/// Instructions of a step that a lane computes the values of, beside its
/// arithmetic: loads, conversions, the store; of an element of rows that are
/// put into shared memory; and of a tile.
static constexpr double kOwnStep = 7, kRowElement = 1.5, kTile = 52;
/// Issue, special functions, accesses and waits get in each other's way:
/// together they take this norm of what each would take alone, weighted.
static constexpr double kNorm = 2.4, kIssue = 0.79, kSpecial = 0.88,
                        kPasses = 0.79;
/// Instructions a clock of a warp that is alone on its scheduler, and clocks
/// that it waits in a tile.
static constexpr double kLoneIpc = 0.86, kTileWait = 800;
/// The same where step values are computed early, which takes some copies for
/// each value.
static constexpr double kEarlyTileWait = 480, kEarlyCopies = 4;
/// Clocks from a warp's states to the next one's; for each state and step that
/// lies between where nothing is scanned ahead.
static constexpr double kHop = 89, kHopPoint = 2.5;
/// A launch, what a block does before its first tile, and the last tile.
static constexpr double kLaunchSeconds = 6.5e-6;
/// What a block does before its first tile and after its last, where another
/// takes its place; the more blocks an SM holds, the less is lost.
static constexpr double kBlockSeconds = 1.5e-6;
/// What a piece of a split scan costs before it is scanned, as a share of that.
static constexpr double kSummaryShare = 0.8;
/// And what joining kJoinPieces of them takes.
static constexpr double kJoinSeconds = 0.4e-6;
/// A warp alone does with fewer than estimated, at most by this factor, where
/// it has to; where it has more than it needs, by the other one, ptxas orders
/// its work for less waiting, and all of it takes this much of the time.
static constexpr double kLeastRegisters = 0.8, kRoomyRegisters = 1.25,
                        kRoomyTime = 0.96;
/// What ptxas uses: in rings for each state and step of a tile, of which it
/// keeps two values; for each state; for the steps that a lane computes the
/// values of, but for a few, and for each of them where they are early; where
/// tiles are scanned ahead; and beside them.
/// Beyond the last ones it spills; what is estimated at a little more than a
/// thread can have still fits.
static constexpr double kRingPointRegisters = 3.3;
static constexpr int64_t kStateRegisters = 3, kOwnStepRegisters = 8,
                         kFewOwnSteps = 4, kEarlyRegisters = 4,
                         kAheadRegisters = 20, kRingRegisters = 8,
                         kAloneRegisters = 32, kMostRegisters = 268,
                         kMostAloneRegisters = 200;

ScanModel::ChainTile ScanModel::chainTile(ScheduleAttr schedule) const {
  int64_t threads = schedule.get("threads", 128),
          steps = schedule.get("steps", 8), width = schedule.get("width", 1),
          lanes = schedule.get("lanes", 1), warps = schedule.get("warps", 1);
  bool isRing = warps > 1, isAhead = isRing && schedule.get("ahead", 1) == 1,
       isEarly = isRing && schedule.get("stages", 1) == 2;
  int64_t channels = kWarpSize / lanes * width;
  int64_t sharedInputs = llvm::count_if(stateInputs, [&](AffineMap map) {
    return kernel::isSharedByChannels(map, channels);
  });
  ChainLayout layout(ChainShape{lanes, width, steps, warps, dstate,
                                sharedInputs, sharedValues});
  int64_t states = layout.statesPerLane(), ownSteps = layout.ownSteps();

  ChainTile tile;
  tile.warps = threads / kWarpSize;
  tile.teams = tile.warps / warps;
  tile.channels = kernel::channelsPerChainedBlock(schedule);
  tile.sharedBytes = tile.warps * layout.words() * 4;
  double points = double(steps * width * states);
  tile.registers =
      width * kStateRegisters * states +
      (isRing ? kRingRegisters + int64_t(kRingPointRegisters * points) +
                    width * kOwnStepRegisters *
                        std::max<int64_t>(ownSteps - kFewOwnSteps, 0) +
                    (isEarly ? width * kEarlyRegisters * ownSteps : 0) +
                    (isAhead ? kAheadRegisters : 0)
              : kAloneRegisters + width * ownSteps * (stepInputs + 6));

  // A tile of a warp: instructions, and those of the special-function unit.
  double own = double(width * ownSteps);
  double rows = double(sharedInputs * steps);
  tile.instructions =
      points * (perState + (isAhead ? 1 : 0)) +
      own * (perStep - kStepOverhead + kOwnStep) +
      rows * (double(llvm::divideCeil(states, 4)) +
              kRowElement * double(dstate) / double(kWarpSize)) +
      kTile;
  // A sum that a lane gives to another takes two choices, a shuffle and an
  // addition.
  double given = double(width * steps) * (1 - 1 / double(lanes));
  tile.instructions += 4 * given;
  tile.special = points * specialPerState + own * specialPerStep;
  tile.wait = isEarly ? kEarlyTileWait : kTileWait;
  if (isEarly)
    tile.instructions += kEarlyCopies * own;
  if (isAhead) {
    tile.instructions += double(width * (steps + 3 * states));
    tile.special += double(width * states);
  }
  // Passes through the load-store unit. Reading what several lanes share takes
  // one for 8 bytes of a lane, everything else one for 128 bytes of a warp
  // (rows are loaded as halves and stored as f32); in memory, each row of a
  // warp's channels takes its own.
  tile.passes = rows * std::max(1.0, double(states) / 2) +
                1.5 * rows * double(dstate) / double(kWarpSize) +
                double((stepInputs + 1) * steps) +
                double(layout.valuePasses()) + given;
  if (isRing) {
    tile.passes += 2 * double(width * states);
    tile.hop = kHop + (isAhead ? 0 : kHopPoint * points);
  }
  tile.tiles =
      tile.teams *
      llvm::divideCeil(std::min(stepsOfPiece(schedule), seqlen), steps);
  return tile;
}

/// The clocks that an SM takes for so many blocks of each kind at a time.
double ScanModel::clocksOf(
    ArrayRef<std::pair<int64_t, const ChainTile *>> blocks) const {
  double issue = 0, special = 0, passes = 0, alone = 0, hops = 0;
  int64_t warps = 0;
  for (auto [count, tile] : blocks) {
    if (count == 0)
      continue;
    warps += count * tile->warps;
    double tiles = double(count * tile->tiles);
    issue += tiles * kIssue * tile->instructions / kSchedulers;
    special += tiles * kSpecial * tile->special * kWarpSize /
               double(target.mufuPerClock);
    passes += tiles * kPasses * tile->passes;
    // Of one block, whose warps and rings work at the same time as others'.
    double ofBlock = double(tile->tiles);
    alone =
        std::max(alone, ofBlock * (tile->instructions / kLoneIpc + tile->wait) /
                            double(tile->warps));
    hops = std::max(hops, ofBlock * tile->hop / double(tile->teams));
  }
  if (warps == 0)
    return 0;
  // Schedulers that have a warp more than others are done last.
  double uneven =
      double(llvm::alignTo(warps, uint64_t(kSchedulers))) / double(warps);
  issue *= uneven;
  special *= uneven;
  double norm = 0;
  for (double clocks : {issue, special, passes, alone})
    norm += std::pow(clocks, kNorm);
  return std::max(std::pow(norm, 1 / kNorm), hops);
}

/// From the registers that a thread needs to those that it gets, and whether
/// they are more than enough; nothing where it would spill.
std::optional<bool> ScanModel::fitRegisters(ScheduleAttr schedule,
                                            int64_t &registers) const {
  bool isRing = schedule.get("warps", 1) > 1;
  int64_t resident = schedule.get("resident", 0);
  if (resident == 0) {
    if (registers > (isRing ? kMostRegisters : kMostAloneRegisters))
      return std::nullopt;
    registers = std::min(registers, target.registersPerThread);
    return false;
  }
  int64_t most = target.registersFor(schedule.get("threads", 128) * resident);
  if (isRing)
    return registers <= most ? std::optional(false) : std::nullopt;
  if (kLeastRegisters * double(registers) > double(most))
    return std::nullopt;
  bool isRoomy = double(most) >= kRoomyRegisters * double(registers);
  registers = most;
  return isRoomy;
}

std::optional<ScanModel::Estimate>
ScanModel::chained(ScheduleAttr schedule) const {
  ChainTile tile = chainTile(schedule);
  bool isSplit = schedule.getFamily() == Family::Split;
  int64_t threads = schedule.get("threads", 128);
  int64_t piece = stepsOfPiece(schedule);

  Estimate result;
  result.sharedBytes = tile.sharedBytes;
  result.registers = tile.registers;
  // Some of a sequence's blocks have all their channels, the others half.
  std::optional<ChainTile> half;
  int64_t fullBlocks = llvm::divideCeil(dim, tile.channels), halfBlocks = 0;
  if (int64_t full = schedule.get("full", 0); full > 0 && full < fullBlocks) {
    half = chainTile(kernel::halveChannels(schedule));
    halfBlocks = llvm::divideCeil(dim - full * tile.channels, half->channels);
    fullBlocks = full;
    result.sharedBytes = std::max(result.sharedBytes, half->sharedBytes);
    result.registers = std::max(result.registers, half->registers);
  }
  std::optional<bool> isRoomy = fitRegisters(schedule, result.registers);
  if (!isRoomy || result.sharedBytes > target.staticSharedPerBlock)
    return std::nullopt;
  result.residentBlocks =
      target.residentBlocks(threads, result.registers, result.sharedBytes);
  if (result.residentBlocks == 0)
    return std::nullopt;
  int64_t sequences = batch * llvm::divideCeil(seqlen, piece);
  result.blocks = sequences * (fullBlocks + halfBlocks);

  // Of the blocks that an SM gets, as many as it holds run at a time.
  int64_t resident = result.residentBlocks;
  int64_t fullPerSM = llvm::divideCeil(sequences * fullBlocks, target.numSMs),
          halfPerSM = llvm::divideCeil(sequences * halfBlocks, target.numSMs);
  int64_t blocksPerSM = fullPerSM + halfPerSM;
  auto inRounds = [&](int64_t blocks, const ChainTile &tile) {
    int64_t rounds = blocks / resident;
    return double(rounds) * clocksOf({{resident, &tile}}) +
           clocksOf({{blocks % resident, &tile}});
  };
  double clocks;
  if (half && blocksPerSM <= resident)
    clocks = clocksOf({{fullPerSM, &tile}, {halfPerSM, &*half}});
  else
    clocks =
        inRounds(fullPerSM, tile) + (half ? inRounds(halfPerSM, *half) : 0);
  if (*isRoomy)
    clocks *= kRoomyTime;
  double rounds = double(blocksPerSM) / double(resident);
  result.seconds =
      std::max(clocks / target.clockHz, bytes / target.bytesPerSecond) +
      kBlockSeconds * std::max(rounds - 1, 0.0) / double(resident) +
      kLaunchSeconds;
  if (isSplit)
    result.seconds =
        result.seconds * (1 + kSummaryShare) + 2 * kLaunchSeconds +
        kJoinSeconds * double(llvm::divideCeil(seqlen, piece * kJoinPieces));
  return result;
}

void ScanModel::addChained(SmallVectorImpl<ScheduleAttr> &to) const {
  SmallVector<std::pair<StringRef, int64_t>> params;
  auto add = [&](Family family,
                 ArrayRef<std::pair<StringRef, int64_t>> others) {
    SmallVector<std::pair<StringRef, int64_t>> all(params);
    llvm::append_range(all, others);
    to.push_back(makeSchedule(family, all));
  };
  // How many blocks of a warp an SM holds decides how many registers each has.
  auto addAlone = [&](ArrayRef<int64_t> teamsOf, ArrayRef<int64_t> residents,
                      Family family = Family::Chained) {
    for (int64_t teams : teamsOf)
      add(family, {{"threads", kWarpSize * teams}, {"warps", 1}});
    for (int64_t resident : residents)
      add(family,
          {{"resident", resident}, {"threads", kWarpSize}, {"warps", 1}});
  };
  auto addSplit = [&](int64_t piece) {
    if (isPacked || seqlen < 2 * piece)
      return;
    params.emplace_back("piece", piece);
    params.emplace_back("segments", 1);
    addAlone({1, 2}, {8}, Family::Split);
    params.pop_back_n(2);
  };
  auto addRing = [&](int64_t lanes, int64_t width, int64_t steps, int64_t warps,
                     int64_t teams) {
    if (warps * teams > 8)
      return;
    // For GPUs before sm_90, ptxas uses up to 35 registers more, and spills
    // what has no room for them.
    bool isFrugal = target.archNumber() >= 90;
    // Where channels are no multiple of what the SMs take at a time, the rest
    // in half blocks: beside full ones where an SM holds both, or after them.
    // Blocks go to SMs in order, and those of a second sequence would come in
    // between.
    int64_t channels = teams * kWarpSize / lanes * width;
    int64_t full = dim / (channels * target.numSMs) * target.numSMs,
            rest = dim - full * channels;
    bool isUneven = isFrugal && batch == 1 && 2 * lanes <= dstate && full > 0 &&
                    rest > 0 && 2 * rest <= target.numSMs * channels;
    for (int64_t ahead : {1, 0}) {
      params.emplace_back("ahead", ahead);
      params.emplace_back("threads", kWarpSize * warps * teams);
      params.emplace_back("warps", warps);
      add(Family::Chained, {});
      if (isUneven && full == target.numSMs)
        add(Family::Chained, {{"full", full}, {"resident", 2}});
      // Step values early are for two warps a scheduler that are half a turn of
      // their ring apart: one has its special functions while the other has the
      // rest. Rings of their own do not stay apart. Half blocks of more than 16
      // steps, twice a full one's, were slower.
      if (isFrugal && ahead == 0 && warps == 2 * kSchedulers) {
        add(Family::Chained, {{"stages", 2}});
        if (isUneven && steps <= 8)
          add(Family::Chained, {{"full", full}, {"stages", 2}});
      }
      params.pop_back_n(3);
    }
  };
  // Few states leave room for several channels a thread, by which loads and
  // stores are wider.
  if (dstate <= 4 && dim % 4 == 0) {
    params = {{"lanes", 1}, {"steps", 4}, {"width", 4}};
    for (int64_t warps : {4, 8})
      addRing(/*lanes=*/1, /*width=*/4, /*steps=*/4, warps, /*teams=*/1);
  }
  for (int64_t lanes : {1, 2, 4, 8, 16, 32})
    for (int64_t steps : {8, 16, 32}) {
      int64_t states = llvm::divideCeil(dstate, lanes);
      params = {{"lanes", lanes}, {"steps", steps}};
      // All states of a channel in a thread exchange nothing, where channels
      // are that many.
      if (lanes == 1 && states == 16 && steps == 8)
        addAlone({}, {16});
      // More lanes than states, or more states than a thread has been seen to
      // do well with; of many steps, fewer of both.
      if ((lanes > 1 && lanes > dstate) || states > 8 ||
          (steps > 16 && (states > 4 || lanes > 2)))
        continue;
      for (int64_t teams : {1, 2, 4, 8})
        for (int64_t warps : {2, 4, 8})
          addRing(lanes, /*width=*/1, steps, warps, teams);
      // A warp alone has never been seen to do better with 8 steps than
      // with 16.
      if (steps < 16 && seqlen > steps)
        continue;
      addAlone({1, 2, 4, 8}, {8, 12});
      for (int64_t piece : {512, 1024, 2048, 4096, 8192})
        addSplit(piece);
      // Two channels a thread halve what a warp reads of the rows that they
      // share, which matters where it has few channels or many states.
      if (lanes < 4 || (lanes == 4 && states < 8) || dim % 2 != 0)
        continue;
      params.emplace_back("width", 2);
      addAlone({1, 2, 4}, {});
    }
}
