//===- ScanModel.cpp - Which schedule a scan should have ------------------===//

#include "ssmc/Analysis/ScanModel.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace ssmc;
using kernel::Family;
using kernel::ScheduleAttr;

// Fitted to 330 measurements on an H200, which they meet to within 18 % (root
// mean square).
/// Instructions a clock of a warp that is alone on its scheduler, which waits
/// for its own results, and of a scheduler that has many.
static constexpr double kLoneIpc = 0.5, kPeakIpc = 0.57;
static constexpr int64_t kSchedulers = 4;
/// A launch, and what a block does before its first step.
static constexpr double kLaunchSeconds = 5e-6;
/// Clocks that a lone warp waits for a tile's loads; with two stages, which has
/// them on their way before; and for those of a sequential scan's few steps.
static constexpr double kTileWait = 800, kTileWaitTwoStages = 420,
                        kStepsWait = 1400;
/// Instructions of one round of joins for a state, and clocks of a barrier
/// between warps that share time.
static constexpr double kJoinRound = 15, kJoinBarrier = 46;
/// What a piece of a split scan costs before it is scanned, as a share of that.
static constexpr double kSummaryShare = 0.68;
/// What ptxas uses beyond the values that a thread has to keep.
static constexpr double kRegisterSlack = 1.23;
/// Beyond this estimate ptxas spills on some architecture.
static constexpr double kMostRegisters = 200;
static constexpr int64_t kBaseRegisters = 40;
/// States that a thread can hold without spilling.
static constexpr int64_t kStatesPerThread = 32;

ScanModel::ScanModel(kernel::ScanOp op, ArrayRef<int64_t> extents,
                     const TargetModel &target)
    : context(op.getContext()), target(target), isComplex(op.isComplex()),
      isPacked(bool(op.getOffsets())), batch(extents[0]), seqlen(extents[1]),
      dim(extents[2]), dstate(extents[3]) {
  // Work grows linearly with the number of states, so two counts tell what is
  // of the step and what of a state.
  KernelCost cost = computeKernelCost(op);
  SmallVector<int64_t> one(extents), two(extents);
  one[0] = two[0] = 1;
  one[1] = two[1] = int64_t(1) << 20;
  one[2] = two[2] = 1;
  one[3] = 1;
  two[3] = 2;
  KernelWork a = cost.at(one), b = cost.at(two);
  double points = double(one[1]);
  auto instructions = [&](const KernelWork &work) {
    return (work.mufu + work.fma) / points;
  };
  Value state = op.getInitialState() ? op.getInitialState() : op.getLastState();
  if (state)
    stateBytes = (isComplex ? 2 : 1) *
                 getElementTypeOrSelf(state.getType()).getIntOrFloatBitWidth() /
                 8;
  // Packed sequences share the steps there are.
  if (isPacked)
    seqlen = llvm::divideCeil(seqlen, batch);
  perState = instructions(b) - instructions(a);
  perStep = instructions(a) - perState + kStepOverhead;
  specialPerState = (b.mufu - a.mufu) / points;
  specialPerStep = a.mufu / points - specialPerState;
  bytes = cost.at(extents).bytes();
  SmallVector<AffineMap> maps = op.getOperandMaps();
  for (unsigned i : op.getStepInputs())
    if (maps[i].isFunctionOfDim(1))
      ++stepInputs;
  unsigned numValues = op.getStep().front().getTerminator()->getNumOperands();
  auto isUsed = [](Region &region, unsigned argument) {
    return !region.getArgument(argument).use_empty();
  };
  for (unsigned i = 0; i < numValues && !isComplex; ++i)
    if (isUsed(op.getTransition(), i) || isUsed(op.getReadout(), i + 1))
      ++sharedValues;
  for (unsigned i : op.getStateInputs())
    if (maps[i].isFunctionOfDim(1))
      stateInputs.push_back(maps[i]);
}

/// The time of all blocks, of which an SM has some at a time.
double ScanModel::timeOfBlocks(const Estimate &estimate, int64_t warpsPerBlock,
                               const WarpWork &work) const {
  int64_t perWave = target.numSMs * estimate.residentBlocks;
  int64_t fullWaves = estimate.blocks / perWave;
  auto wave = [&](int64_t blocks) {
    double blocksPerSM = double(llvm::divideCeil(blocks, target.numSMs));
    double warps = blocksPerSM * double(warpsPerBlock);
    double perScheduler = std::max(warps / kSchedulers, 1.0);
    double clocks = std::max(work.instructions / kLoneIpc + work.waits,
                             work.instructions * perScheduler / kPeakIpc);
    // The special-function unit takes a warp in several clocks.
    double special = work.special * warps * 32.0 / double(target.mufuPerClock);
    return std::max(clocks, special) / target.clockHz;
  };
  double seconds = double(fullWaves) * wave(perWave);
  if (int64_t rest = estimate.blocks % perWave)
    seconds += wave(rest);
  return std::max(seconds, bytes / target.bytesPerSecond) + kLaunchSeconds;
}

ScanModel::Estimate ScanModel::sequential(ScheduleAttr schedule) const {
  int64_t threads = schedule.get("threads", 128),
          lanes = schedule.get("lanes", 1), steps = schedule.get("steps", 4);
  int64_t states = llvm::divideCeil(dstate, lanes);
  int64_t perValue = isComplex ? 2 : 1;
  Estimate result;
  result.blocks = batch * llvm::divideCeil(dim, threads / lanes);
  result.registers = std::min<int64_t>(
      target.registersPerThread,
      int64_t(kRegisterSlack *
              double(kBaseRegisters + 3 * states * perValue + 6 * steps)));
  result.residentBlocks =
      std::max<int64_t>(1, target.residentBlocks(threads, result.registers, 0));
  // B and C are loaded and widened by every thread.
  double perThreadStep = perStep + double(states) * (perState + 2) +
                         (lanes > 1 ? 2 * double(llvm::Log2_64(lanes)) : 0.0);
  WarpWork work;
  work.instructions = double(seqlen) * perThreadStep;
  work.special =
      double(seqlen) * (specialPerStep + double(states) * specialPerState);
  work.waits = double(llvm::divideCeil(seqlen, std::max<int64_t>(steps, 1))) *
               kStepsWait;
  result.seconds = timeOfBlocks(result, threads / 32, work);
  return result;
}

int64_t ScanModel::stepsOfPiece(ScheduleAttr schedule) const {
  return schedule.getFamily() == Family::Split ? schedule.get("piece", 4096)
                                               : seqlen;
}

std::optional<ScanModel::Estimate>
ScanModel::tiled(ScheduleAttr schedule) const {
  int64_t threads = schedule.get("threads", 128),
          segments = schedule.get("segments", 8),
          steps = schedule.get("steps", 8), width = schedule.get("width", 1),
          lanes = schedule.get("lanes", 1), warps = schedule.get("warps", 1),
          group = schedule.get("states", 4), stages = schedule.get("stages", 1);
  int64_t states = llvm::divideCeil(dstate, lanes);
  int64_t channels = threads / 32 / warps * (32 / (segments * lanes)) * width;
  int64_t tileSteps = segments * warps * steps;
  bool isSplit = schedule.getFamily() == Family::Split;
  int64_t piece = stepsOfPiece(schedule);
  bool isSegmented = segments * warps > 1;

  Estimate result;
  int64_t sharedInputs = llvm::count_if(stateInputs, [&](AffineMap map) {
    return kernel::isSharedByChannels(map, channels);
  });
  // In two buffers, as f32, with a gap after each segment.
  result.sharedBytes =
      sharedInputs * 2 * 4 * (tileSteps * dstate + tileSteps / steps * 4);
  if (warps > 1)
    result.sharedBytes +=
        4 * group * width * warps * (channels / width) * lanes * 4;
  double kept =
      double(kBaseRegisters) +
      double(width * (2 * states + steps * (2 + stepInputs * stages)));
  if (isSegmented)
    kept += double(2 * steps * group * width);
  result.registers = std::min<int64_t>(target.registersPerThread,
                                       int64_t(kRegisterSlack * kept));
  if (kRegisterSlack * kept > kMostRegisters ||
      result.sharedBytes > target.staticSharedPerBlock)
    return std::nullopt;
  result.residentBlocks =
      target.residentBlocks(threads, result.registers, result.sharedBytes);
  if (result.residentBlocks == 0)
    return std::nullopt;
  result.blocks =
      batch * llvm::divideCeil(seqlen, piece) * llvm::divideCeil(dim, channels);

  // A tile of a warp: its steps, a second pass over the states of a segment,
  // and the joins.
  double points = double(steps * width);
  WarpWork work;
  work.instructions = points * (perStep + double(states) * perState);
  work.special = points * (specialPerStep + double(states) * specialPerState);
  work.waits = stages == 2 ? kTileWaitTwoStages : kTileWait;
  if (isSegmented)
    work.instructions += points * double(states) * 2 +
                         double(states * width) *
                             (kJoinRound * double(llvm::Log2_64(segments)) + 6);
  if (warps > 1) {
    work.instructions += double(states * width) * (4 * double(warps) + 8);
    work.waits += double(llvm::divideCeil(states, group)) * kJoinBarrier;
  }
  double tiles = double(llvm::divideCeil(std::min(piece, seqlen), tileSteps));
  work.instructions *= tiles;
  work.special *= tiles;
  work.waits *= tiles;
  result.seconds = timeOfBlocks(result, threads / 32, work);
  if (isSplit)
    result.seconds = result.seconds * (1 + kSummaryShare) + 2 * kLaunchSeconds;
  return result;
}

std::optional<ScanModel::Estimate>
ScanModel::estimate(ScheduleAttr schedule) const {
  if (schedule.getFamily() == Family::Sequential)
    return sequential(schedule);
  if (kernel::hasChainedTiles(schedule))
    return chained(schedule);
  return tiled(schedule);
}

ScheduleAttr
ScanModel::makeSchedule(Family family,
                        ArrayRef<std::pair<StringRef, int64_t>> params) const {
  Builder b(context);
  SmallVector<NamedAttribute> attributes;
  for (auto [name, value] : params)
    attributes.push_back(b.getNamedAttr(name, b.getI64IntegerAttr(value)));
  return ScheduleAttr::get(context, family, b.getDictionaryAttr(attributes));
}

SmallVector<ScheduleAttr> ScanModel::getCandidates() const {
  // A complex state is two numbers, and its slope three.
  int64_t perThread = kStatesPerThread / (isComplex ? 2 : 1);
  int64_t lanes = llvm::PowerOf2Ceil(llvm::divideCeil(dstate, perThread));
  lanes = std::min<int64_t>(lanes, 32);
  // A step is bound by its states' way from and to memory: threads that are
  // neighbours have neighbouring accesses, of 16 bytes.
  if (seqlen == 1 && stateBytes != 0) {
    int64_t perAccess = std::max<int64_t>(1, 16 / stateBytes);
    // Where that is more threads than run at a time, two accesses a thread have
    // more on their way.
    int64_t enough = 2 * target.numSMs * target.threadsPerSM;
    while (lanes < 32 && dstate % (2 * lanes * perAccess) == 0 &&
           (dstate > 2 * lanes * perAccess || batch * dim * lanes < enough))
      lanes *= 2;
  }
  // Small blocks: each is one wave of work of equal length, and there are
  // seldom enough channels to fill the device.
  SmallVector<ScheduleAttr> candidates = {
      makeSchedule(Family::Sequential, {{"lanes", lanes},
                                        {"steps", seqlen == 1 ? 1 : 4},
                                        {"threads", seqlen == 1 ? 128 : 64}})};
  if (isComplex || seqlen == 1)
    return candidates;

  addChained(candidates);
  // Tiles whose segments are joined are slower than chains; as pieces, they
  // spread one long sequence over blocks.
  int64_t tileLanes =
      std::max<int64_t>(1, llvm::PowerOf2Ceil(llvm::divideCeil(dstate, 16)));
  for (int64_t segments : {2, 4, 8, 16, 32})
    for (int64_t steps : {8, 4})
      for (int64_t threads : {64, 128})
        for (int64_t piece : {512, 1024, 2048, 4096})
          if (segments * tileLanes <= 32 && !isPacked && seqlen >= 2 * piece)
            candidates.push_back(
                makeSchedule(Family::Split, {{"lanes", tileLanes},
                                             {"piece", piece},
                                             {"segments", segments},
                                             {"stages", 2},
                                             {"states", steps == 4 ? 4 : 2},
                                             {"steps", steps},
                                             {"threads", threads},
                                             {"warps", 1}}));
  return candidates;
}

ScanModel::Choice ScanModel::choose() const {
  Choice best;
  for (ScheduleAttr schedule : getCandidates()) {
    std::optional<Estimate> estimate = this->estimate(schedule);
    if (!estimate)
      continue;
    ++best.candidates;
    if (!best.schedule || estimate->seconds < best.estimate.seconds) {
      best.schedule = schedule;
      best.estimate = *estimate;
    }
  }
  return best;
}
