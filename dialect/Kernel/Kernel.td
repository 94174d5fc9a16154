//===- Kernel.td - The whole kernel dialect, for TableGen ---*- tablegen -*-===//

#ifndef DIALECT_KERNEL_KERNEL_TD
#define DIALECT_KERNEL_KERNEL_TD

include "dialect/Kernel/KernelComputeOps.td"
include "dialect/Kernel/KernelPlanOps.td"

#endif // DIALECT_KERNEL_KERNEL_TD
