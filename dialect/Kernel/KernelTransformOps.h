//===- KernelTransformOps.h - What fusion strategies say ------------------===//

#ifndef DIALECT_KERNEL_KERNELTRANSFORMOPS_H
#define DIALECT_KERNEL_KERNELTRANSFORMOPS_H

#include "dialect/Kernel/KernelDialect.h"
#include "mlir/Dialect/Transform/IR/TransformDialect.h"
#include "mlir/Dialect/Transform/Interfaces/TransformInterfaces.h"

#define GET_OP_CLASSES
#include "dialect/Kernel/KernelTransformOps.h.inc"

namespace ssmc::kernel {

/// Adds the ops `transform.kernel.*` to the transform dialect.
void registerTransformExtension(mlir::DialectRegistry &registry);

} // namespace ssmc::kernel

#endif // DIALECT_KERNEL_KERNELTRANSFORMOPS_H
