//===- EmitScanChained.cpp - kernel.scan, chained from warp to warp -------===//
//
// The lanes of a warp are channels, each of whose states `lanes` lanes share. A
// warp goes over time in tiles of `steps` steps. Of a tile a lane
//
//   1. computes the step's values at `steps` / `lanes` steps of its channel,
//      and tells the other lanes of the channel through shared memory; and what
//      takes long of these steps' outputs and waits for no sum (a gate's SiLU);
//   2. goes over all steps with its share of the states, and adds up its part
//      of the readouts;
//   3. gets the other lanes' parts for its own steps, by shuffles, and computes
//      their outputs.
//
// So nothing of a step is computed twice, however many lanes share its states.
// Which lane has what, and where in shared memory, says ChainLayout.
// Where `warps` warps share the channels of a warp, they are a ring: each has
// every `warps`-th tile, and takes the states before it from the warp before
// and passes the states after it on, by way of shared memory and a barrier of
// the two. What does not depend on states is done beforehand: decays and inputs
// and, if `ahead`, a scan from state 0, after which the states are passed on
// with one multiply-add for each. Tiles are joined in their order, so results
// do not vary from run to run.
//
// With two `stages`, what 1. computes of a tile is computed in the one before,
// between its decays, whose special functions leave a warp time; a tile then
// begins with 2., and its inputs are fetched two tiles ahead.
//
// Where channels divided by SMs is far from a multiple of a block's channels,
// `full` blocks of a sequence have as many, and the others half of them, with
// twice the lanes and steps, which is as much for each thread: an SM holds one
// of either, where two of the larger would leave others with one, or takes one
// of the smaller after its last full one.
//
// What all channels of a warp read (B and C) it holds in shared memory; where a
// tile's rows are few, half of the lanes fetch B while the others fetch C.
// Steps at the end of a sequence that do not fill a tile are taken one after
// the other (ScanChainRest.cpp).
//
//===----------------------------------------------------------------------===//

#include "Emitters.h"
#include "ScanChain.h"

using namespace mlir;
using namespace ssmc;

namespace {
/// The iteration dimensions.
enum Dim : unsigned { b, t, d, n };
} // namespace

/// What block `block` of a sequence's with these channels does.
static void emitBlock(KernelFunction &f, ScanChain &chain, Value batch,
                      Value block) {
  chain.findPosition(batch, block);
  Sequence &sequence = chain.getSequence();
  sequence.ifHasState([&] { chain.scan(chain.initialStates()); },
                      [&] { chain.zeroSteps(f.index(0), sequence.numSteps); });
  chain.zeroOutside();
}

void ssmc::emitScanChained(KernelFunction &f, kernel::ScanOp op) {
  kernel::ScheduleAttr schedule = op.getScheduleAttr();
  int64_t numChannels = f.staticExtent(Dim::d), ofFull = numChannels;
  if (int64_t full = schedule.get("full", 0))
    ofFull =
        std::min(numChannels, full * kernel::channelsPerChainedBlock(schedule));
  ScanChain full(f, op, schedule, {0, ofFull});
  int64_t fullBlocks = full.blocksPerSequence(), blocks = fullBlocks;
  std::optional<ScanChain> half;
  if (ofFull < numChannels) {
    half.emplace(f, op, kernel::halveChannels(schedule),
                 ScanThread::Channels{ofFull, numChannels});
    blocks += half->blocksPerSequence();
  }
  Value batch = f.div(f.blockId(), f.index(blocks));
  Value block = f.rem(f.blockId(), f.index(blocks));
  if (!half) {
    emitBlock(f, full, batch, block);
  } else {
    if (int64_t words = std::max(full.sharedWords(), half->sharedWords())) {
      Value memory = f.sharedF32({words});
      full.useShared(memory);
      half->useShared(memory);
    }
    f.ifThenElse(
        f.lessThan(block, f.index(fullBlocks)),
        [&] { emitBlock(f, full, batch, block); },
        [&] { emitBlock(f, *half, batch, f.sub(block, f.index(fullBlocks))); });
  }
  // It makes rings of one channel a thread, and warps alone, no faster.
  if (schedule.get("warps", 1) > 1 && schedule.get("width", 1) > 1)
    f.holdAddresses();
  f.finish(full.numThreads(), f.gridMap(f.extentSymbol(Dim::b) * blocks),
           schedule.get("resident", 0));
}
