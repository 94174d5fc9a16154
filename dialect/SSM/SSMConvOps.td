//===- SSMConvOps.td - Convolutions ------------------------*- tablegen -*-===//

#ifndef DIALECT_SSM_SSMCONVOPS_TD
#define DIALECT_SSM_SSMCONVOPS_TD

include "dialect/SSM/SSMBase.td"

def SSM_CausalConv1dOp : SSM_Op<"causal_conv1d",
    [Pure, AttrSizedOperandSegments]> {
  let summary = "Depthwise causal convolution along the sequence";
  let description = [{
    ```
    y[b,t,d] = act(bias[d] + sum over w of weight[d,w] * x[b, t-(width-1)+w, d])
    ```

    Reference functions `causal_conv1d_fn` and `causal_conv1d_update` of
    Dao-AILab/causal-conv1d. Inputs before t = 0 are `initial_state`, the last
    width-1 inputs of what came before, oldest first, or zero. `final_state`,
    returned if asked for, is the same for what comes after. A decode step is a
    convolution of seqlen 1. `cu_seqlens` and `state_slots` are as for
    `ssm.selective_scan`.

    Constraints:
    - (C1) x and y are (batch, seqlen, dim).
    - (C2) weight is (dim, width), width from 2 to 8.
    - (C3) bias is (dim).
    - (C4) initial_state and final_state are of one type, of shape (batch,
      width-1, dim) in both layouts, with cu_seqlens (nseqs, width-1, dim), with
      state_slots (nslots, width-1, dim).
    - (C5) cu_seqlens is (nseqs + 1), of one sequence at least, and with it batch
      is 1 and the layout token_major.
    - (C6) state_slots is (batch), with cu_seqlens (nseqs), and needs an
      initial_state.

    Numeric effect: an initial_state is rounded to x's element type, and what goes
    into final_state to its own; f32 accumulation from the oldest tap to the newest, bias
    added last.

    Example:
    ```mlir
    %y, %next = ssm.causal_conv1d %x, %weight bias(%bias : tensor<512xf32>)
        initial_state(%state : tensor<?x3x512xf32>) activation silu
        : tensor<?x?x512xf32>, tensor<512x4xbf16>
        -> tensor<?x?x512xf32>, tensor<?x3x512xf32>
    ```
  }];

  let arguments = (ins
    SSM_FloatTensor:$x, SSM_FloatTensor:$weight,
    Optional<SSM_FloatTensor>:$bias, Optional<SSM_FloatTensor>:$initial_state,
    Optional<SSM_IdTensor>:$cu_seqlens, Optional<SSM_IdTensor>:$state_slots,
    DefaultValuedAttr<SSM_ActivationAttr, "Activation::None">:$activation,
    DefaultValuedAttr<SSM_LayoutAttr, "Layout::TokenMajor">:$layout);
  let results = (outs SSM_FloatTensor:$y, Optional<SSM_FloatTensor>:$final_state);

  let assemblyFormat = [{
    $x `,` $weight (`bias` `(` $bias^ `:` type($bias) `)`)?
    (`initial_state` `(` $initial_state^ `:` type($initial_state) `)`)?
    (`cu_seqlens` `(` $cu_seqlens^ `:` type($cu_seqlens) `)`)?
    (`state_slots` `(` $state_slots^ `:` type($state_slots) `)`)?
    (`activation` $activation^)? (`layout` $layout^)? attr-dict
    `:` type($x) `,` type($weight) `->` type($y) (`,` type($final_state)^)?
  }];
}

#endif // DIALECT_SSM_SSMCONVOPS_TD
