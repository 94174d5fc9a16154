//===- EmitScanTiled.cpp - kernel.scan, tiled over channels and time ------===//
//
// A block walks along time in tiles. Of a tile each thread has one segment,
// `steps` consecutive steps, of `width` channels; the lanes of a warp are
// `segments` segments of neighbouring channels, and `warps` warps have more
// segments of the same channels. For a few states at a time a thread
//
//   1. scans its segment from state 0, keeping decays and inputs in registers,
//      which gives the segment's decay P and its state h;
//   2. joins (P, h) with those of the segments before its own, by shuffles in
//      its warp, then through shared memory between warps;
//   3. goes over its segment again from the state that this gives, and adds
//      the readout.
//
// With one segment a tile, step 3 is all there is. Steps beyond the sequence's
// end, in its last tile, have decay 1 and input 0. What all channels of a block
// read (B and C) is in shared memory (SharedRows.h). Joins have one order,
// so results do not vary from run to run.
//
//===----------------------------------------------------------------------===//

#include "Emitters.h"
#include "ScanTile.h"

using namespace mlir;
using namespace ssmc;

void ssmc::emitScanTiled(KernelFunction &f, kernel::ScanOp op) {
  ScanTile tile(f, op);
  Value blocks = f.index(tile.blocksPerSequence());
  tile.findPosition(f.div(f.blockId(), blocks), f.rem(f.blockId(), blocks));
  Sequence &sequence = tile.getSequence();
  sequence.ifHasState(
      [&] {
        SmallVector<Value> states =
            tile.scan(f.index(0), sequence.numSteps, tile.initialStates());
        if (op.getLastState())
          tile.storeLastStates(states);
      },
      [&] { tile.zeroSteps(f.index(0), sequence.numSteps); });
  tile.zeroOutside();
  f.finish(tile.numThreads(),
           f.gridMap(f.extentSymbol(0) * tile.blocksPerSequence()));
}
