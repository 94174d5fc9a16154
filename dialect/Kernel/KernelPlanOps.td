//===- KernelPlanOps.td - Launch plans ----------------------*- tablegen -*-===//

#ifndef DIALECT_KERNEL_KERNELPLANOPS_TD
#define DIALECT_KERNEL_KERNELPLANOPS_TD

include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "dialect/Kernel/KernelBase.td"

def Kernel_DerivedOp : Kernel_Op<"derived",
    [Symbol, HasParent<"::mlir::ModuleOp">]> {
  let summary = "A tensor computed once at load from parameters";
  let description = [{
    Constraints:
    - (C1) the type has a static shape.

    Example:
    ```mlir
    kernel.derived @derived_0 : tensor<512x16xf32>
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<Kernel_Tensor>:$type);
  let assemblyFormat = "$sym_name attr-dict `:` $type";
}

def Kernel_GetDerivedOp : Kernel_Op<"get_derived",
    [Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "The value of a derived tensor";
  let description = [{
    Constraints:
    - (C1) the name is that of a `kernel.derived` of the same type.

    Example:
    ```mlir
    %A = kernel.get_derived @derived_0 : tensor<512x16xf32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$name);
  let results = (outs Kernel_Tensor:$value);
  let assemblyFormat = "$name attr-dict `:` type($value)";
  let hasVerifier = 0;
}

def Kernel_SetDerivedOp : Kernel_Op<"set_derived",
    [MemoryEffects<[MemWrite]>, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Stores a derived tensor, in the entry `init` alone";
  let description = [{
    Constraints:
    - (C1) the name is that of a `kernel.derived` of the value's type.

    Example:
    ```mlir
    kernel.set_derived @derived_0, %A : tensor<512x16xf32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$name, Kernel_Tensor:$value);
  let assemblyFormat = "$name `,` $value attr-dict `:` type($value)";
  let hasVerifier = 0;
}

def Kernel_PlanOp : Kernel_Op<"plan",
    [Symbol, HasParent<"::mlir::ModuleOp">, NoTerminator, SingleBlock,
     NoRegionArguments]> {
  let summary = "What one entry point allocates, launches and copies";
  let description = [{
    A table, run from top to bottom. `dims` names the sizes that a call fixes;
    they are the symbols s0, s1, … of every map inside.

    Constraints:
    - (C1) the body holds only `kernel.buffer`, `kernel.launch`, `kernel.copy` and
      `kernel.choose`.
    - (C2) every map inside has no dimension and a symbol for each of `dims`.

    Example:
    ```mlir
    kernel.plan @twice dims ["n"] {
      %x = kernel.buffer input "x" shape affine_map<()[n] -> (n)> : memref<?xf32>
      %y = kernel.buffer output "y" shape affine_map<()[n] -> (n)> : memref<?xf32>
      kernel.launch @kernels::@map_0
          grid affine_map<()[n] -> (n ceildiv 256, 1, 1)>
          args (%x, %y : memref<?xf32>, memref<?xf32>)
          offsets affine_map<()[n] -> (0, 0)> scalars affine_map<()[n] -> (n)>
          cost affine_map<()[n] -> (n * 8, 0, n)>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrArrayAttr:$dims);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name `dims` $dims attr-dict-with-keyword $body";
}

def Kernel_BufferOp : Kernel_Op<"buffer", [HasParent<"PlanOp">]> {
  let summary = "A contiguous, row-major buffer of a plan";
  let description = [{
    Inputs and outputs are matched with the caller's by name and order;
    parameters, states and derived tensors by name with the symbols of the
    module. Temporaries share one arena.

    Constraints:
    - (C1) the shape has a result for each dimension of the type, which is a
      constant where the dimension is static.
    - (C2) only an input of i32 has `rules`, and a rule's limit is one number.

    Example: see `kernel.plan`.
  }];
  let arguments = (ins Kernel_BufferKindAttr:$kind, StrAttr:$name,
                       AffineMapAttr:$shape,
                       OptionalAttr<TypedArrayAttrBase<Kernel_InputRuleAttr,
                         "rules">>:$rules);
  let results = (outs AnyMemRef:$buffer);
  let assemblyFormat =
    "$kind $name `shape` $shape (`rules` $rules^)? attr-dict `:` type($buffer)";
}

def Kernel_LaunchOp : Kernel_Op<"launch",
    [ParentOneOf<["PlanOp", "ChooseOp"]>, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Launches a kernel on buffers of the plan";
  let description = [{
    The kernel's parameters are a pointer for each buffer, `offsets` elements
    after its start, and then the scalars as i64.

    `cost` is what the kernel does at least, whatever its schedule: bytes read
    and written, results of the special-function unit, and of the FMA pipe. It
    is for people and for tools that judge times.

    Constraints:
    - (C1) grid has three results, offsets one for each argument.
    - (C2) the kernel is a gpu.func with a parameter for each argument and
      scalar, while there is still a gpu.module.
    - (C3) cost has three results.

    Example: see `kernel.plan`.
  }];
  let arguments = (ins SymbolRefAttr:$kernel, AffineMapAttr:$grid,
                       Variadic<AnyMemRef>:$args, AffineMapAttr:$offsets,
                       AffineMapAttr:$scalars,
                       OptionalAttr<AffineMapAttr>:$cost);
  let assemblyFormat = [{
    $kernel `grid` $grid `args` `(` $args `:` type($args) `)`
    `offsets` $offsets `scalars` $scalars (`cost` $cost^)? attr-dict
  }];
}

def Kernel_CopyOp : Kernel_Op<"copy",
    [ParentOneOf<["PlanOp", "ChooseOp"]>]> {
  let summary = "Copies a whole buffer";
  let description = [{
    Constraints:
    - (C1) source and target have one type.

    Example:
    ```mlir
    kernel.copy %a to %b : memref<?xf32>, memref<?xf32>
    ```
  }];
  let arguments = (ins AnyMemRef:$source, AnyMemRef:$target);
  let assemblyFormat =
    "$source `to` $target attr-dict `:` type($source) `,` type($target)";
}

def Kernel_ChooseOp : Kernel_Op<"choose",
    [HasParent<"PlanOp">, NoTerminator, SingleBlock, NoRegionArguments]> {
  let summary = "One step of a plan, in one of several ways";
  let description = [{
    All alternatives compute the same; the runtime takes one each time that it
    fixes the plan's sizes. Steps of one `group` are alike but for their buffers,
    as those of a model's layers, and what is measured for one holds for all. A
    label says what is special about an alternative; `cost` is an estimate of its
    nanoseconds. Where nothing was measured, the runtime takes the cheapest, and
    without costs the first.

    Constraints:
    - (C1) there are at least two alternatives, and no two labels are alike.
    - (C2) each alternative is launches and copies, at least one.
    - (C3) a cost is one number.

    Example:
    ```mlir
    kernel.choose "map_0"
    alternative "threads 256" cost affine_map<()[n] -> (n * 2)> {
      kernel.launch @kernels::@map_0
          grid affine_map<()[n] -> (n ceildiv 256, 1, 1)>
          args (%x, %y : memref<?xf32>, memref<?xf32>)
          offsets affine_map<()[n] -> (0, 0)> scalars affine_map<()[n] -> (n)>
    } alternative "copy" cost affine_map<()[n] -> (n * 3 + 1000)> {
      kernel.copy %x to %y : memref<?xf32>, memref<?xf32>
    }
    ```
  }];
  let arguments = (ins StrAttr:$group, StrArrayAttr:$labels,
                       OptionalAttr<AffineMapArrayAttr>:$costs);
  let regions = (region VariadicRegion<SizedRegion<1>>:$alternatives);
  let hasCustomAssemblyFormat = 1;
}

#endif // DIALECT_KERNEL_KERNELPLANOPS_TD
