//===- KernelDialect.h - The kernel dialect -------------------------------===//

#ifndef DIALECT_KERNEL_KERNELDIALECT_H
#define DIALECT_KERNEL_KERNELDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/RegionKindInterface.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialect/Kernel/KernelDialect.h.inc"
#include "dialect/Kernel/KernelEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialect/Kernel/KernelAttrs.h.inc"

#include "dialect/Kernel/KernelInterfaces.h.inc"

#define GET_OP_CLASSES
#include "dialect/Kernel/KernelOps.h.inc"

namespace ssmc::kernel {

/// A result of a map that says a size: the extent of `dim`, plus `extra`.
struct SizedDim {
  unsigned dim;
  int64_t extra;
};
/// What a result of a map says of the size at its place, if anything.
std::optional<SizedDim> getSizedDim(mlir::AffineExpr expr);

/// The extent of each iteration dimension of `op`, kDynamic where no operand or
/// result that names it is static.
llvm::SmallVector<int64_t> getIterationExtents(KernelOpInterface op);

/// Whether `channels` neighbouring channels of a scan, the first a multiple of
/// that, read the same elements of an input with this map at each step and
/// state: it uses d not at all, or in groups that they lie in.
bool isSharedByChannels(mlir::AffineMap map, int64_t channels);

/// Whether a scan's tiles are those of `chained`: of that family, and of a
/// split scan's pieces that are one segment.
bool hasChainedTiles(ScheduleAttr schedule);

/// The channels of a block whose tiles are those of `chained`.
int64_t channelsPerChainedBlock(ScheduleAttr schedule);

/// A chained schedule for blocks that have half the channels of `schedule`'s,
/// and as much work a thread: twice the lanes, and twice the steps.
ScheduleAttr halveChannels(ScheduleAttr schedule);

} // namespace ssmc::kernel

#endif // DIALECT_KERNEL_KERNELDIALECT_H
