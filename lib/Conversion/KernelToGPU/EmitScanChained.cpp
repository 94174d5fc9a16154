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
// What all channels of a warp read (B and C) it holds in shared memory. Steps
// beyond the sequence's end, in its last tile, have decay 1 and input 0.
//
//===----------------------------------------------------------------------===//

#include "Emitters.h"
#include "ScanChain.h"

using namespace mlir;
using namespace ssmc;

void ssmc::emitScanChained(KernelFunction &f, kernel::ScanOp op) {
  ScanChain chain(f, op);
  chain.findPosition(f.blockId());
  Sequence &sequence = chain.getSequence();
  sequence.ifHasState([&] { chain.scan(chain.initialStates()); },
                      [&] { chain.zeroSteps(f.index(0), sequence.numSteps); });
  chain.zeroOutside();
  f.finish(chain.numThreads(),
           f.gridMap(f.extentSymbol(0) * chain.blocksPerSequence()));
}
