//===- Emitters.h - One emitter per schedule ------------------------------===//
//
// Each writes the body of a kernel's function, inlining the op's regions, and
// calls finish(). Emitters look at nothing but the op.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_CONVERSION_KERNELTOGPU_EMITTERS_H
#define SSMC_CONVERSION_KERNELTOGPU_EMITTERS_H

#include "KernelFunction.h"

namespace ssmc {

/// One thread an element of the results.
void emitMap(KernelFunction &f, kernel::MapOp op);
/// One thread an element of the result.
void emitGather(KernelFunction &f, kernel::GatherOp op);
/// One block a row: partial sums a thread, a tree over lanes, then over warps.
void emitRowReduce(KernelFunction &f, kernel::RowReduceOp op);
/// A warp computes `columns` outputs of one row: lanes split k, and the partial
/// sums are added by exchanging halves, so that columns share the shuffles.
void emitMatmulRows(KernelFunction &f, kernel::MatmulOp op);
/// A block computes 64 x 64 outputs from tiles in shared memory.
void emitMatmulTiled(KernelFunction &f, kernel::MatmulOp op);
/// A thread walks some channels along time with the window in registers.
void emitWindow(KernelFunction &f, kernel::WindowOp op);
/// A warp has a piece of one channel's sequence, each lane some neighbouring
/// steps of it.
void emitWindowTiled(KernelFunction &f, kernel::WindowOp op);
/// `lanes` threads walk a channel along time with its states in registers.
void emitScanSequential(KernelFunction &f, kernel::ScanOp op);
/// Blocks walk tiles of channels and time, whose segments are joined.
void emitScanTiled(KernelFunction &f, kernel::ScanOp op);

/// Warps walk tiles of channels and time and pass states from one to the next.
void emitScanChained(KernelFunction &f, kernel::ScanOp op);

/// A scan whose sequence is split over blocks is three kernels, which share two
/// scratch buffers, of (b, pieces, d, n) f32 each: the decay of each piece and
/// its state, which the second kernel replaces by the state before the piece.
llvm::SmallVector<mlir::AffineExpr> getSplitScratch(kernel::ScanOp op);
/// The decay of each piece, and the state after it from state 0.
void emitSplitSummaries(KernelFunction &f, kernel::ScanOp op);
/// The state before each piece, in the order of pieces, and the last state.
void emitSplitJoin(KernelFunction &f, kernel::ScanOp op);
/// The outputs of each piece, from the state before it.
void emitSplitScan(KernelFunction &f, kernel::ScanOp op);

} // namespace ssmc

#endif // SSMC_CONVERSION_KERNELTOGPU_EMITTERS_H
