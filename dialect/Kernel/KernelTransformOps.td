//===- KernelTransformOps.td - What fusion strategies say ---*- tablegen -*-===//

#ifndef DIALECT_KERNEL_KERNELTRANSFORMOPS_TD
#define DIALECT_KERNEL_KERNELTRANSFORMOPS_TD

include "mlir/Dialect/Transform/IR/TransformDialect.td"
include "mlir/Dialect/Transform/Interfaces/TransformInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "dialect/Kernel/KernelAttrs.td"

/// An op of a strategy. `target` is any ops: what is said is done for all
/// kernels in them, themselves included. The handle stays valid; handles on
/// kernels that moved into others are empty.
class Kernel_TransformOp<string mnemonic>
    : Op<Transform_Dialect, "kernel." # mnemonic,
         [DeclareOpInterfaceMethods<TransformOpInterface>,
          DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let cppNamespace = "::ssmc::kernel";
}

/// A fusion, which never fails: what cannot move stays, with a remark of the
/// category kernel-fuse that says why.
class Kernel_FusionOp<string mnemonic> : Kernel_TransformOp<mnemonic> {
  let arguments = (ins TransformHandleTypeInterface:$target);
  let assemblyFormat = "$target attr-dict `:` type($target)";
}

def Kernel_FuseMapsOp : Kernel_FusionOp<"fuse_maps"> {
  let summary = "Elementwise kernels move into elementwise kernels";
  let description = [{
    A `kernel.map` whose result one other `kernel.map` reads, and nothing else,
    moves into its body. It stays where its elements would be computed more than
    once, as those of a broadcast would.

    Example:
    ```mlir
    transform.kernel.fuse_maps %module : !transform.any_op
    ```
  }];
}

def Kernel_FuseProducersOp : Kernel_TransformOp<"fuse_producers"> {
  let summary = "Elementwise kernels move into the scans that read them";
  let description = [{
    A `kernel.map` whose result one `kernel.scan` reads, and nothing else, moves
    into it, and so do those that it reads. `into transition` takes results that
    are read with n; those of their ops that need nothing with n go to the step
    region. `into step` takes results that are read without n, into the step or,
    where that alone uses them, the epilogue. A map stays where its elements
    would be computed more than once.

    A `decay linear` that is then exp2 of a value becomes `decay exp2` of it.

    Example:
    ```mlir
    transform.kernel.fuse_producers %module into transition : !transform.any_op
    ```
  }];
  let arguments = (ins TransformHandleTypeInterface:$target,
                       Kernel_DestinationAttr:$into);
  let assemblyFormat = "$target `into` $into attr-dict `:` type($target)";
}

def Kernel_FuseConsumersOp : Kernel_FusionOp<"fuse_consumers"> {
  let summary = "Elementwise kernels move into the epilogue before them";
  let description = [{
    A `kernel.map` that alone reads the result of a `kernel.scan` or a
    `kernel.window` moves into its epilogue, and so do those that read its result
    in turn. It stays where there are offsets or slots, since results are 0 at
    steps of no sequence.

    Example:
    ```mlir
    transform.kernel.fuse_consumers %module : !transform.any_op
    ```
  }];
}

def Kernel_FuseWindowsOp : Kernel_FusionOp<"fuse_windows"> {
  let summary = "Convolutions move into the scans that read them";
  let description = [{
    A `kernel.window` whose result one `kernel.scan` reads, and nothing else,
    moves into its step region, where its input is read once for each tap, so
    many steps earlier. It stays where it carries states, where the sequences are
    not packed alike, and where the scan runs backwards.

    Example:
    ```mlir
    transform.kernel.fuse_windows %module : !transform.any_op
    ```
  }];
}

def Kernel_SetScheduleOp : Kernel_TransformOp<"set_schedule"> {
  let summary = "Gives kernels a schedule";
  let description = [{
    Each op of the handle is a kernel and gets the schedule in place of what it
    has. It is an error, with the op's own, if an op is no kernel or cannot be
    scheduled so.

    Example:
    ```mlir
    transform.kernel.set_schedule %scan to <sequential, {lanes = 4}>
        : !transform.any_op
    ```
  }];
  let arguments = (ins TransformHandleTypeInterface:$target,
                       Kernel_ScheduleAttr:$schedule);
  let assemblyFormat = "$target `to` $schedule attr-dict `:` type($target)";
}

#endif // DIALECT_KERNEL_KERNELTRANSFORMOPS_TD
