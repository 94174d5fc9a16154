//===- KernelBase.td - What all ops of the kernel dialect share -*- tablegen -*-===//

#ifndef DIALECT_KERNEL_KERNELBASE_TD
#define DIALECT_KERNEL_KERNELBASE_TD

include "mlir/Interfaces/SideEffectInterfaces.td"
include "dialect/Kernel/KernelAttrs.td"
include "dialect/Kernel/KernelInterfaces.td"

class Kernel_Op<string mnemonic, list<Trait> traits = []>
    : Op<Kernel_Dialect, mnemonic, traits> {
  let hasVerifier = 1;
}

/// An op that is one GPU kernel. Each region is one block that ends in
/// `kernel.yield` and uses nothing from outside. Every compute op has
/// - (K1) a map for each input and result, in that order, over its iteration
///   dimensions, with as many results as the tensor has dimensions;
/// - (K2) equal static sizes wherever maps name the same dimension, and static
///   sizes wherever a map's result is not a dimension, plain or plus a constant;
/// - (K3) a schedule of a family that the op can be scheduled by, with known
///   parameters;
/// - (K4) regions with the arguments and yields that its description lists;
/// - (K5) variants, at least one, only beside a schedule: each as K3 says, no two
///   schedules alike.
/// `overrides` names the interface's methods, of those with a default, that the
/// op implements besides canShareBuffer.
class Kernel_ComputeOp<string mnemonic, list<Trait> traits = [],
                       list<string> overrides = []>
    : Kernel_Op<mnemonic, [Pure, IsolatedFromAbove, SingleBlock,
                           DeclareOpInterfaceMethods<KernelOpInterface,
                             ["canShareBuffer"] # overrides>] # traits>;

def Kernel_Tensor : RankedTensorOf<[F32, F16, BF16, I32]>;
def Kernel_FloatTensor : RankedTensorOf<[F32, F16, BF16]>;

def Kernel_YieldOp : Op<Kernel_Dialect, "yield",
    [Pure, Terminator, ReturnLike]> {
  let summary = "Ends a region of a compute op with its values";
  let description = [{
    Example:
    ```mlir
    kernel.yield %y : f32
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

#endif // DIALECT_KERNEL_KERNELBASE_TD
