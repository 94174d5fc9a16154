//===- ScanChain.cpp - Where a warp's tiles lie, and the walk over them ---===//

#include "ScanChain.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <numeric>

using namespace mlir;
using namespace ssmc;

namespace {
/// The iteration dimensions.
enum Dim : unsigned { b, t, d, n };
constexpr int64_t kWarpSize = ChainLayout::kWarpSize;
} // namespace

/// The step value that the logarithm of the decay is a product with.
static std::optional<unsigned>
findLinearValue(kernel::ScanOp op, unsigned numValues,
                llvm::function_ref<bool(unsigned stateInput)> isInvariant) {
  if (op.getDecay() != kernel::Decay::Exp2)
    return std::nullopt;
  Block &transition = op.getTransition().front();
  auto product =
      transition.getTerminator()->getOperand(0).getDefiningOp<arith::MulFOp>();
  if (!product)
    return std::nullopt;
  for (auto [value, factor] : {std::pair(product.getLhs(), product.getRhs()),
                               std::pair(product.getRhs(), product.getLhs())}) {
    auto argument = dyn_cast<BlockArgument>(value);
    if (argument && argument.getArgNumber() < numValues &&
        dependsOnlyOn(factor, [&](unsigned i) {
          return i >= numValues && isInvariant(i - numValues);
        }))
      return argument.getArgNumber();
  }
  return std::nullopt;
}

ScanChain::ScanChain(KernelFunction &f, kernel::ScanOp op, bool summarizes)
    : ScanChain(f, op, op.getScheduleAttr(), {0, f.staticExtent(Dim::d)},
                summarizes) {}

ScanChain::ScanChain(KernelFunction &f, kernel::ScanOp op,
                     kernel::ScheduleAttr schedule, Channels channels,
                     bool summarizes)
    : ScanThread(f, op, schedule, channels), summarizes(summarizes) {
  threads = schedule.get("threads", 128);
  warps = schedule.get("warps", 1);
  steps = schedule.get("steps", 8);
  scansAhead = schedule.get("ahead", 1) == 1;
  // Pieces of a split scan have the parameters of tiled scans too.
  early = schedule.getFamily() == kernel::Family::Chained &&
          schedule.get("stages", 1) == 2;
  fewRegisters = !early || schedule.get("resident", 0) > 0 ||
                 op.getScheduleAttr().get("full", 0) > 0;
  int64_t channelsPerWarp = kWarpSize / lanes * width;
  channelsPerBlock = kernel::channelsPerChainedBlock(schedule);

  unsigned numValues = op.getStep().front().getTerminator()->getNumOperands();
  for (unsigned i = 0; i < numValues; ++i) {
    bool isShared = usesArgument(op.getTransition(), i) ||
                    (!summarizes && usesArgument(op.getReadout(), i + 1));
    sharedValue.push_back(isShared ? numSharedValues++ : -1);
  }
  linearValue = findLinearValue(
      op, numValues, [&](unsigned i) { return isInvariant(stateInputs[i]); });
  for (auto [i, view] : llvm::enumerate(stateInputs))
    if (!isInvariant(view) &&
        kernel::isSharedByChannels(f.map(view), channelsPerWarp) &&
        ((!summarizes && usesArgument(op.getReadout(), 1 + numValues + i)) ||
         usesArgument(op.getTransition(), numValues + i)))
      sharedViews.push_back(view);
  layout.emplace(ChainShape{lanes, width, steps, warps, f.staticExtent(Dim::n),
                            int64_t(sharedViews.size()), numSharedValues});
}

/// As ChainLayout says.
void ScanChain::findLane() {
  Value lowLanes = f.index(int64_t(1) << layout->channelBits());
  Value low = f.rem(lane, lowLanes), high = f.div(lane, lowLanes);
  stateLane = f.rem(high, f.index(lanes));
  channelLane = f.add(low, f.mul(f.div(high, f.index(lanes)), lowLanes));
}

void ScanChain::findPosition(Value ofBatch, Value block) {
  Value warp = f.div(f.threadId(), f.index(kWarpSize));
  lane = f.rem(f.threadId(), f.index(kWarpSize));
  warpOfTime = f.rem(warp, f.index(warps));
  Value team = f.div(warp, f.index(warps));
  firstWarp = f.mul(team, f.index(warps));
  findLane();
  findChannels(ofBatch, block, channelsPerBlock,
               f.add(f.mul(team, f.index(layout->channelLanes())), channelLane),
               stateLane);
  owns = f.lessThan(stateLane, f.index(steps));
  Value owner = allOwn() ? stateLane : f.rem(stateLane, f.index(steps));
  firstOwn = f.mul(owner, f.index(ownSteps()));
  storesOwn = allOwn() ? channelExists : f.both(channelExists, owns);
  leads = channelExists;
  writes = f.both(channelExists, f.both(f.equal(stateLane, f.index(0)),
                                        f.equal(warpOfTime, f.index(0))));
  placeShared();
}

void ScanChain::placeShared() {
  int64_t words = layout->words();
  if (words == 0)
    return;
  if (!memory)
    memory = f.sharedF32({sharedWords()});
  teamMemory = f.mul(firstWarp, f.index(words));
  warpMemory = f.add(teamMemory, f.mul(warpOfTime, f.index(words)));
  for (auto [i, view] : llvm::enumerate(sharedViews))
    shared.try_emplace(view, f, view, steps, f.staticExtent(Dim::n), lane,
                       memory, f.add(warpMemory, f.index(layout->rowsAt(i))));
  planShares();
}

//===----------------------------------------------------------------------===//
// Inputs of a tile
//===----------------------------------------------------------------------===//

/// The i-th of the steps of a tile that this lane computes the values of.
Value ScanChain::ownStep(Value tile, int64_t i) {
  return f.add(tile, f.add(firstOwn, f.index(i)));
}

/// Whether an input without n has to be known: a summary has no outputs.
bool ScanChain::isNeeded(unsigned view) {
  unsigned number = llvm::find(stepInputs, view) - stepInputs.begin();
  return !summarizes || usesArgument(op.getStep(), number);
}

/// The inputs without n of a step that depend on time, in packets.
ScanChain::Values ScanChain::loadInputsOf(Value step) {
  Values packets;
  for (unsigned view : stepInputs)
    if (!isInvariant(view) && isNeeded(view))
      llvm::append_range(packets, loadInput(view, step));
  return packets;
}

/// The same of this lane's own steps; of those beyond the end, where `clamped`,
/// the last step's.
ScanChain::Values ScanChain::loadInputs(Value tile, bool clamped) {
  Values packets;
  for (int64_t i = 0; i < ownSteps(); ++i) {
    Value step = ownStep(tile, i);
    if (clamped)
      step = f.min(step, f.sub(end, f.index(1)));
    llvm::append_range(packets, loadInputsOf(step));
  }
  return packets;
}

/// Whether the tile that begins at this step has all its steps. Where step
/// values are not computed early, it is of the next tile what the loop over
/// whole tiles asks, and so it is written as there.
Value ScanChain::isWhole(Value tile) {
  return f.lessThan(tile, f.sub(end, f.index(steps - 1)));
}

// A branch has values, so what is fetched in one is put together and taken
// apart again.
static SmallVector<Value> concat(ArrayRef<Value> lhs, ArrayRef<Value> rhs) {
  SmallVector<Value> all(lhs);
  llvm::append_range(all, rhs);
  return all;
}

ScanChain::Fetched ScanChain::split(ValueRange fetched) const {
  size_t ofRows = 0;
  for (const SharedRows &rows : shares)
    ofRows += rows.shareSize();
  return {Values(fetched.take_front(ofRows)),
          Values(fetched.drop_front(ofRows))};
}

/// All that a tile that has all its steps needs of global memory.
ScanChain::Fetched ScanChain::fetch(Value tile) {
  Values rows = fetchShares(tile, /*clamped=*/false);
  return {rows, loadInputs(tile, /*clamped=*/false)};
}

/// The same of a tile that has all its steps if `condition`; else `otherwise`,
/// or zeros.
ScanChain::Fetched ScanChain::fetchIf(Value condition, Value tile,
                                      ArrayRef<Value> otherwise) {
  return split(f.loadIf(
      condition,
      [&] {
        Fetched fetched = fetch(tile);
        return concat(fetched.rows, fetched.inputs);
      },
      otherwise));
}

/// What the tile after the one at `tile`, of which `before` is, begins with. Of
/// a tile that does not have all its steps, what was fetched before stands for
/// it, and is used by nothing. The branch is for more than the last tile:
/// without one, an assembler moves the loads to the end of the tile before,
/// where there is no time left for them.
ScanChain::Fetched ScanChain::fetchNext(Value tile, const Fetched &before) {
  Values old = concat(before.rows, before.inputs);
  if (old.empty())
    return {};
  Value stride = f.index(steps * warps), next = f.add(tile, stride);
  if (!early)
    return fetchIf(isWhole(next), next, old);
  Value afterNext = f.add(next, stride);
  auto fetchRows = [&] { return fetchShares(next, /*clamped=*/false); };
  return split(f.valuesIf(
      isWhole(afterNext),
      [&] {
        Values rows = fetchRows();
        return concat(rows, loadInputs(afterNext, /*clamped=*/false));
      },
      [&] {
        return concat(f.loadIf(isWhole(next), fetchRows, before.rows),
                      before.inputs);
      }));
}

//===----------------------------------------------------------------------===//
// The ring of warps
//===----------------------------------------------------------------------===//

/// Where a warp puts a state of each lane for the next warp.
Value ScanChain::slotAt(Value warp, int64_t number) {
  int64_t words = std::gcd<int64_t>(4, numStates());
  Value at = f.add(teamMemory, f.mul(warp, f.index(layout->words())));
  at = f.add(at, f.mul(lane, f.index(words)));
  return f.add(at,
               f.index(layout->slotsAt() + number / words * words * kWarpSize));
}

/// The barrier at which a warp tells the next one that it has passed its states
/// on. Number 0 is left to barriers of the whole block.
Value ScanChain::barrierOf(Value warp) {
  return f.add(f.add(firstWarp, warp), f.index(1));
}

/// `number`, which cannot be known before `values` are: an assembler moves
/// arithmetic past barriers, and what could be done ahead would be done while
/// the next warp waits. The lanes that compare a value with itself do not
/// differ, whatever it is.
Value ScanChain::afterAll(ArrayRef<Value> values, Value number) {
  if (values.empty())
    return number;
  Value all;
  for (Value value : values) {
    Value bits = arith::BitcastOp::create(f.b, f.b.getI32Type(), value);
    all = all ? arith::XOrIOp::create(f.b, all, bits).getResult() : bits;
  }
  Value same = f.equal(all, f.shuffleXor(all, 0));
  return f.select(same, number, f.index(0));
}

/// Waits for the states that the warp before passes on, once `ahead` are known.
void ScanChain::receive(ArrayRef<Value> ahead, Values &states) {
  Value from = afterAll(
      ahead, f.rem(f.add(warpOfTime, f.index(warps - 1)), f.index(warps)));
  f.namedBarrier(barrierOf(from), 2 * kWarpSize);
  int64_t words = std::gcd<int64_t>(4, numStates());
  states.clear();
  for (int64_t i = 0; i < numStates(); i += words)
    llvm::append_range(states, f.loadWords(memory, slotAt(from, i), words));
}

void ScanChain::passOn(ArrayRef<Value> states) {
  int64_t words = std::gcd<int64_t>(4, numStates());
  for (int64_t i = 0; i < numStates(); i += words)
    f.storeWords(memory, slotAt(warpOfTime, i), states.slice(i, words));
  f.arrive(barrierOf(warpOfTime), 2 * kWarpSize);
}

//===----------------------------------------------------------------------===//
// The walk
//===----------------------------------------------------------------------===//

/// The tiles of this warp that have all their steps: from `first`, its first
/// one, on, as long as they begin before `stop`. What a tile needs is on its
/// way while the one before is computed. `fetched` is the first tile's; where
/// step values are computed early, it is prepared here.
ScanChain::Values ScanChain::walkWholeTiles(Value first, Value stop,
                                            Fetched fetched,
                                            ValueRange states) {
  Value stride = f.index(steps * warps);
  std::optional<Prepared> prepared;
  Values ofPrepared;
  if (early) {
    Value second = f.add(first, stride);
    Values inputs = f.loadIf(
        isWhole(second), [&] { return loadInputs(second, /*clamped=*/false); });
    loadInvariants();
    prepared = prepare(unpackOwn(fetched.inputs));
    shareValues(*prepared);
    fetched.inputs = inputs;
    ofPrepared = carriedOf(*prepared);
  }
  Values carried(states);
  for (const Values &values : {fetched.rows, fetched.inputs, ofPrepared})
    llvm::append_range(carried, values);
  auto loop = scf::ForOp::create(f.b, first, stop, stride, carried);
  OpBuilder::InsertionGuard guard(f.b);
  f.b.setInsertionPointToStart(loop.getBody());
  ValueRange args = loop.getRegionIterArgs();
  Values before(args.take_front(states.size()));
  if (prepared) {
    auto next = args.take_back(ofPrepared.size()).begin();
    forEachCarried(*prepared, [&](Value) -> Value { return *next++; });
  }
  Values results = computeTile(
      loop.getInductionVar(),
      split(args.drop_front(states.size()).drop_back(ofPrepared.size())),
      before, std::move(prepared));
  // A loop that carries nothing has its end from the start.
  if (!carried.empty())
    scf::YieldOp::create(f.b, results);
  return Values(loop.getResults().take_front(states.size()));
}

/// This warp's tiles, of the steps from `from` to the end, that have all their
/// steps. `states` are those before the first tile, and the result those after
/// the last, where no ring passes them on.
ScanChain::Values ScanChain::scanWholeTiles(Value from, ValueRange states) {
  Value stop = early ? f.sub(end, f.rem(f.sub(end, from), f.index(steps)))
                     : f.sub(end, f.index(steps - 1));
  Value first = f.add(from, f.mul(warpOfTime, f.index(steps)));
  Value hasWhole = f.lessThan(first, stop);
  // What does not depend on time is needed after the first tile's inputs, so
  // that both are on their way at the same time. With a second tile's inputs
  // besides, that holds only inside the branch: of values from outside of it,
  // LLVM would wait for the first tile's before it loads the second's.
  Fetched fetched;
  if (!early) {
    fetched = fetchIf(hasWhole, first, {});
    loadInvariants();
  }
  return f.valuesIf(
      hasWhole,
      [&] {
        if (early)
          fetched = fetch(first);
        return walkWholeTiles(first, stop, fetched, states);
      },
      [&] { return Values(states); });
}

/// The same of a tile that has not, which is the last.
ScanChain::Values ScanChain::scanPartOfTile(Value from, ValueRange states) {
  Value count = f.sub(end, from);
  Value rest = f.rem(count, f.index(steps));
  Value isOwn = f.both(
      f.lessThan(f.index(0), rest),
      f.equal(f.rem(f.div(count, f.index(steps)), f.index(warps)), warpOfTime));
  return f.valuesIf(
      isOwn,
      [&] {
        // Those of the whole tiles were loaded in their branch.
        if (early) {
          invariants.clear();
          loadInvariants();
        }
        return scanRest(rest, states);
      },
      [&] { return Values(states); });
}

/// All of this warp's tiles of the steps from `from` to the end.
ScanChain::Values ScanChain::scanTiles(Value from, ValueRange states) {
  return scanPartOfTile(from, scanWholeTiles(from, states));
}

void ScanChain::scan(ValueRange initial) {
  end = sequence->numSteps;
  if (!isChained()) {
    Values states = scanTiles(f.index(0), initial);
    if (op.getLastState())
      storeLastStates(states);
    return;
  }
  // The last warp of the ring passes on the states before the first tile, which
  // the first warp has; whose turn it would be after the last tile takes the
  // states after it.
  f.ifThen(f.equal(warpOfTime, f.index(warps - 1)),
           [&] { passOn(llvm::to_vector(initial)); });
  Values none = scanTiles(f.index(0), {});
  assert(none.empty() && "a ring carries states in shared memory");
  Value numTiles = f.div(f.add(end, f.index(steps - 1)), f.index(steps));
  f.ifThen(f.equal(f.rem(numTiles, f.index(warps)), warpOfTime), [&] {
    Values states;
    receive({}, states);
    if (op.getLastState())
      storeLastStates(states);
  });
}

ScanChain::Values ScanChain::scan(Value from, Value to, ValueRange states) {
  assert(!isChained() && !summarizes);
  end = to;
  return scanTiles(from, states);
}

ScanChain::Values ScanChain::summarize(Value from, Value to) {
  assert(!isChained() && summarizes);
  end = to;
  Values before = zeroStates();
  llvm::append_range(before, totalsOfNone());
  Values summary = scanTiles(from, before);
  ArrayRef<Value> totals = ArrayRef(summary).drop_front(numStates());
  Values decays = decaysOf(totals);
  summary.truncate(numStates());
  llvm::append_range(summary, decays);
  return summary;
}
