//===- KernelDialect.td - The kernel dialect ---------------*- tablegen -*-===//

#ifndef DIALECT_KERNEL_KERNELDIALECT_TD
#define DIALECT_KERNEL_KERNELDIALECT_TD

include "mlir/IR/OpBase.td"

def Kernel_Dialect : Dialect {
  let name = "kernel";
  let cppNamespace = "::ssmc::kernel";
  let summary = "The language of fused GPU kernels and launch plans";
  let description = [{
    A compute op of this dialect (`kernel.map`, `kernel.scan`, `kernel.matmul`,
    `kernel.row_reduce`, `kernel.window`, `kernel.gather`) is one GPU kernel. In
    the way of `linalg.generic` it has an iteration space, an affine map from
    that space to the indices of each operand and result, and regions that say
    what happens per element. Fusing an elementwise op into a kernel means
    moving it into a region; layouts, groups and broadcasts are maps. How the
    iteration space is spread over blocks, threads and time is the `schedule`
    attribute, which changes no result but for the order of sums.

    After `convert-kernel-to-gpu` the compute ops are gone: what is left is a
    `kernel.plan` for each entry point, a table of buffers and launches.
  }];
  let useDefaultAttributePrinterParser = 1;
}

#endif // DIALECT_KERNEL_KERNELDIALECT_TD
