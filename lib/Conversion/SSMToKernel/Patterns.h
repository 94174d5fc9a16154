//===- Patterns.h - From ssm ops to kernels -------------------------------===//

#ifndef SSMC_CONVERSION_SSMTOKERNEL_PATTERNS_H
#define SSMC_CONVERSION_SSMTOKERNEL_PATTERNS_H

#include "dialect/Kernel/KernelDialect.h"
#include "dialect/SSM/SSMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/PatternMatch.h"

namespace ssmc {

void populateScanToKernelPatterns(mlir::RewritePatternSet &patterns);
void populateConvToKernelPatterns(mlir::RewritePatternSet &patterns);
void populateNormToKernelPatterns(mlir::RewritePatternSet &patterns);
void populateModelToKernelPatterns(mlir::RewritePatternSet &patterns);
void populateElementwiseToKernelPatterns(mlir::RewritePatternSet &patterns);

/// What the regions of a complex scan yield. `args` are the step values dt and
/// dt * u, then the parts of A, B and C, the real one first.
llvm::SmallVector<mlir::Value> complexTransition(mlir::ImplicitLocOpBuilder &b,
                                                 mlir::ValueRange args);
llvm::SmallVector<mlir::Value> complexReadout(mlir::ImplicitLocOpBuilder &b,
                                              mlir::Value hRe, mlir::Value hIm,
                                              mlir::ValueRange args);

//===----------------------------------------------------------------------===//
// Building kernel regions
//===----------------------------------------------------------------------===//

/// Fills `region` with a block that takes `arguments` and yields what `build`
/// returns.
void buildRegion(
    mlir::ImplicitLocOpBuilder &b, mlir::Region &region,
    mlir::TypeRange arguments,
    llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::ValueRange)> build);

/// The f32 value of a half or f32.
mlir::Value widen(mlir::ImplicitLocOpBuilder &b, mlir::Value value);
/// An f32 value rounded to `type` (to nearest, ties to even).
mlir::Value narrow(mlir::ImplicitLocOpBuilder &b, mlir::Value value,
                   mlir::Type type);
/// a * b and a + b in f32, which may become parts of one fused multiply-add.
mlir::Value mul(mlir::ImplicitLocOpBuilder &b, mlir::Value lhs,
                mlir::Value rhs);
mlir::Value add(mlir::ImplicitLocOpBuilder &b, mlir::Value lhs,
                mlir::Value rhs);
mlir::Value constantF32(mlir::ImplicitLocOpBuilder &b, float value);

/// The element types of tensors.
llvm::SmallVector<mlir::Type> elementTypes(mlir::ValueRange values);

/// A map from `numDims` dimensions to these of them.
mlir::AffineMap selectDims(mlir::MLIRContext *context, unsigned numDims,
                           llvm::ArrayRef<unsigned> dims);
/// The map of an activation from (b, t, d, …): (b, t, d) or (b, d, t) by its
/// layout, (0, t, d) where sequences are packed into one batch row.
mlir::AffineMap activationMap(mlir::MLIRContext *context, unsigned numDims,
                              ssm::Layout layout, bool packed);
/// 0, 1, …, n-1.
llvm::SmallVector<unsigned> firstDims(unsigned n);

} // namespace ssmc

#endif // SSMC_CONVERSION_SSMTOKERNEL_PATTERNS_H
