//===- ComputeOpVerifiers.h - What verifiers of compute ops share ---------===//

#ifndef DIALECT_KERNEL_COMPUTEOPVERIFIERS_H
#define DIALECT_KERNEL_COMPUTEOPVERIFIERS_H

#include "dialect/Kernel/KernelDialect.h"

namespace ssmc::kernel {

using mlir::AffineMap;
using mlir::LogicalResult;

/// Far beyond any model; the code of a kernel grows with both.
inline constexpr int64_t kMaxWidth = 64;
inline constexpr int64_t kMaxStates = 65536;

/// (K3) and (K5)
LogicalResult verifySchedule(KernelOpInterface op);
/// (K1) and (K2). `values` are the inputs and results that have maps.
LogicalResult verifyMaps(KernelOpInterface op, mlir::ArrayAttr maps,
                         mlir::ValueRange values);
/// (K4)
LogicalResult verifyRegion(mlir::Operation *op, llvm::StringRef name,
                           mlir::Region &region, mlir::TypeRange arguments,
                           mlir::TypeRange yields);
llvm::SmallVector<mlir::Type> elementTypes(mlir::ValueRange values);
llvm::SmallVector<mlir::Type> concat(llvm::ArrayRef<mlir::Type> a,
                                     llvm::ArrayRef<mlir::Type> b);
llvm::SmallVector<AffineMap> mapValues(mlir::ArrayAttr maps);
AffineMap dimsMap(mlir::MLIRContext *context, unsigned numDims,
                  llvm::ArrayRef<unsigned> dims);
LogicalResult verifyMapIs(mlir::Operation *op, llvm::StringRef what,
                          AffineMap map, AffineMap expected);
llvm::SmallVector<mlir::Value> inputsAndResults(mlir::ValueRange inputs,
                                                mlir::ValueRange results);
/// (C1) of several ops: there are the dimensions that the op names.
LogicalResult verifyHasDims(KernelOpInterface op, unsigned least);
/// (C1) of several ops: these iteration dimensions are static.
LogicalResult verifyStaticDims(KernelOpInterface op,
                               llvm::ArrayRef<unsigned> dims);
/// (C1) of scans and windows: the emitters write out what happens along this
/// static dimension.
LogicalResult verifyExtent(KernelOpInterface op, unsigned dim, int64_t min,
                           int64_t max);
/// States of scans and windows have a map of their own: (states, middle, last),
/// of which there are `count`, and with `complex` a last dimension of 2.
LogicalResult verifyState(mlir::Operation *op, llvm::StringRef name,
                          mlir::Value state, int64_t count, int64_t middle,
                          int64_t last, mlir::Type elementType,
                          bool complex = false);
/// (C1) of scans and windows: the map of what is indexed by (b, t, d).
LogicalResult verifyActivationMap(mlir::Operation *op, llvm::StringRef what,
                                  AffineMap map, mlir::Value offsets);
/// (C3) of scans and windows, where there are offsets.
LogicalResult verifyOffsets(mlir::Operation *op, mlir::Value offsets,
                            int64_t sequences);
/// (C4) of scans and windows, where there are slots.
LogicalResult verifySlots(mlir::Operation *op, mlir::Value slots,
                          mlir::Value initialState, int64_t sequences);

} // namespace ssmc::kernel

#endif // DIALECT_KERNEL_COMPUTEOPVERIFIERS_H
