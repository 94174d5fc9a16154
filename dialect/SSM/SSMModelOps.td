//===- SSMModelOps.td - Models: weights, state, projections -*- tablegen -*-===//

#ifndef DIALECT_SSM_SSMMODELOPS_TD
#define DIALECT_SSM_SSMMODELOPS_TD

include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/SymbolInterfaces.td"
include "dialect/SSM/SSMBase.td"

def SSM_ParameterOp : SSM_Op<"parameter",
    [Symbol, HasParent<"::mlir::ModuleOp">]> {
  let summary = "A tensor of the checkpoint, bound by name at load";
  let description = [{
    The symbol is the tensor's name in the checkpoint; weights are never part of
    the program.

    Constraints:
    - (C1) the type is a static tensor of f32, f16 or bf16.

    Example:
    ```mlir
    ssm.parameter @"backbone.norm_f.weight" : tensor<256xf32>
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
                       TypeAttrOf<SSM_FloatTensor>:$type);
  let assemblyFormat = "$sym_name attr-dict `:` $type";
}

def SSM_StateOp : SSM_Op<"state", [Symbol, HasParent<"::mlir::ModuleOp">]> {
  let summary = "A tensor carried from call to call, zero at the start";
  let description = [{
    Constraints:
    - (C1) the first dimension is dynamic (batch), the others are static, and
      the elements are f32, f16 or bf16.

    Example:
    ```mlir
    ssm.state @"layers.0.ssm_state" : tensor<?x512x16xf32>
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
                       TypeAttrOf<SSM_FloatTensor>:$type);
  let assemblyFormat = "$sym_name attr-dict `:` $type";
}

def SSM_GetParameterOp : SSM_Op<"get_parameter",
    [Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "The value of a parameter";
  let description = [{
    Constraints:
    - (C1) the name is that of an `ssm.parameter` of the same type.

    Example:
    ```mlir
    %w = ssm.get_parameter @"backbone.norm_f.weight" : tensor<256xf32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$name);
  let results = (outs SSM_FloatTensor:$value);
  let assemblyFormat = "$name attr-dict `:` type($value)";
  let hasVerifier = 0;
}

def SSM_GetStateOp : SSM_Op<"get_state",
    [MemoryEffects<[MemRead]>, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "The value of a state at the start of the call";
  let description = [{
    Constraints:
    - (C1) the name is that of an `ssm.state` of the same type.
    - (C2) no `ssm.set_state` of the same name comes before it in the function.

    Example:
    ```mlir
    %h = ssm.get_state @"layers.0.ssm_state" : tensor<?x512x16xf32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$name);
  let results = (outs SSM_FloatTensor:$value);
  let assemblyFormat = "$name attr-dict `:` type($value)";
  let hasVerifier = 0;
}

def SSM_SetStateOp : SSM_Op<"set_state",
    [MemoryEffects<[MemWrite]>, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Sets what the next call will find in a state";
  let description = [{
    Constraints:
    - (C1) the name is that of an `ssm.state` of the value's type.
    - (C2) a function sets a state at most once.
    - (C3) it stands in a function itself, not in a loop or branch of one.

    Example:
    ```mlir
    ssm.set_state @"layers.0.ssm_state", %last : tensor<?x512x16xf32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$name, SSM_FloatTensor:$value);
  let assemblyFormat = "$name `,` $value attr-dict `:` type($value)";
  let hasVerifier = 0;
}

def SSM_EmbeddingOp : SSM_Op<"embedding", [Pure]> {
  let summary = "Rows of a table by token id";
  let description = [{
    y[b,t,:] = table[ids[b,t],:]. An id outside [0, vocab) gives a row of NaN.

    Constraints:
    - (C1) table is (vocab, d_model).
    - (C2) y has the shape of ids with d_model appended.

    Example:
    ```mlir
    %y = ssm.embedding %ids, %table
        : tensor<?x?xi32>, tensor<256x256xbf16> -> tensor<?x?x256xf32>
    ```
  }];
  let arguments = (ins SSM_IdTensor:$ids, SSM_FloatTensor:$table);
  let results = (outs SSM_FloatTensor:$y);
  let assemblyFormat =
    "$ids `,` $table attr-dict `:` type($ids) `,` type($table) `->` type($y)";
}

def SSM_LinearOp : SSM_Op<"linear", [Pure]> {
  let summary = "A projection, x times the transposed weight, plus bias";
  let description = [{
    y[…,n] = bias[n] + sum over k of x[…,k] * weight[n,k], as torch's
    `nn.functional.linear`; the weight stays in its checkpoint's type.

    Constraints:
    - (C1) weight is (out, in).
    - (C2) x is (…, in) of rank 2 or more, and y is (…, out).
    - (C3) bias is (out).

    Numeric effect: products and sums in f32 (no TF32) in an order that the
    schedule fixes.

    Example:
    ```mlir
    %y = ssm.linear %x, %weight bias(%bias : tensor<1024xf32>)
        : tensor<?x?x256xf32>, tensor<1024x256xbf16> -> tensor<?x?x1024xf32>
    ```
  }];
  let arguments = (ins SSM_FloatTensor:$x, SSM_FloatTensor:$weight,
                       Optional<SSM_FloatTensor>:$bias);
  let results = (outs SSM_FloatTensor:$y);
  let assemblyFormat = [{
    $x `,` $weight (`bias` `(` $bias^ `:` type($bias) `)`)? attr-dict
    `:` type($x) `,` type($weight) `->` type($y)
  }];
}

def SSM_SplitOp : SSM_Op<"split", [Pure]> {
  let summary = "Cuts the last dimension into consecutive pieces";
  let description = [{
    As torch's `split` with sizes along the last dimension. The pieces are views:
    nothing is copied.

    Constraints:
    - (C1) x is of rank 1 or more, and the pieces' last dimensions are static
      and add up to its last.
    - (C2) the pieces agree with x in element type and all other dimensions.

    Example:
    ```mlir
    %x, %z = ssm.split %xz : tensor<?x?x1024xf32>
        -> tensor<?x?x512xf32>, tensor<?x?x512xf32>
    ```
  }];
  let arguments = (ins SSM_FloatTensor:$x);
  let results = (outs Variadic<SSM_FloatTensor>:$pieces);
  let assemblyFormat = "$x attr-dict `:` type($x) `->` type($pieces)";
}

def SSM_SliceOp : SSM_Op<"slice", [Pure]> {
  let summary = "Every so many elements of one dimension";
  let description = [{
    y = x[…, offset : offset + step*size : step, …] along `dim`, a view: nothing
    is copied, and a kernel reads y with x's strides.

    Constraints:
    - (C1) dim is one of x's, static in x and y.
    - (C2) offset is not negative, step is positive, and the last element,
      offset + step*(size-1), is in x.
    - (C3) y agrees with x in element type and all other dimensions.

    Example:
    ```mlir
    %y = ssm.slice %x dim 2 offset 3 step 2
        : tensor<?x?x140xf32> -> tensor<?x?x64xf32>
    ```
  }];
  let arguments = (ins SSM_FloatTensor:$x, I64Attr:$dim, I64Attr:$offset,
                       I64Attr:$step);
  let results = (outs SSM_FloatTensor:$y);
  let assemblyFormat = [{
    $x `dim` $dim `offset` $offset `step` $step attr-dict
    `:` type($x) `->` type($y)
  }];
}

def SSM_LastTokensOp : SSM_Op<"last_tokens", [Pure]> {
  let summary = "The last positions of each sequence";
  let description = [{
    y = x[:, seqlen-count:, :], a view. A count above seqlen is an error of the
    call.

    Constraints:
    - (C1) x is (batch, seqlen, d_model) with d_model static.
    - (C2) y agrees with x but for its second dimension, which is dynamic.

    Example:
    ```mlir
    %y = ssm.last_tokens %x, %last : tensor<?x?x256xf32> -> tensor<?x?x256xf32>
    ```
  }];
  let arguments = (ins SSM_FloatTensor:$x, Index:$count);
  let results = (outs SSM_FloatTensor:$y);
  let assemblyFormat = "$x `,` $count attr-dict `:` type($x) `->` type($y)";
}

#endif // DIALECT_SSM_SSMMODELOPS_TD
