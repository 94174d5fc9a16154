//===- SSMBlockOps.td - Whole blocks -----------------------*- tablegen -*-===//

#ifndef DIALECT_SSM_SSMBLOCKOPS_TD
#define DIALECT_SSM_SSMBLOCKOPS_TD

include "dialect/SSM/SSMBase.td"

def SSM_MambaBlockOp : SSM_Op<"mamba_block", [Pure, AttrSizedOperandSegments]> {
  let summary = "A Mamba-1 block (the mixer of one layer)";
  let description = [{
    The class `Mamba` of state-spaces/mamba, as one op that
    `ssm-decompose-blocks` expands:

    ```
    x, z      = split(linear(hidden, in_proj))
    x         = causal_conv1d(x, conv_weight, conv_bias, conv_state, silu)
    dt, B, C  = split(linear(x, x_proj), [dt_rank, dstate, dstate])
    delta     = linear(dt, dt_proj)
    y         = selective_scan(x, delta, A, B, C, D, z, dt_bias, softplus, ssm_state)
    out       = linear(y, out_proj)
    ```

    | operand | shape |
    |---|---|
    | hidden, out | (batch, seqlen, d_model) |
    | in_proj, in_proj_bias | (2*dim, d_model), (2*dim) |
    | conv_weight, conv_bias | (dim, width), (dim) |
    | x_proj | (dt_rank + 2*dstate, dim) |
    | dt_proj, dt_bias | (dim, dt_rank), (dim) |
    | A, D | (dim, dstate), (dim) |
    | out_proj, out_proj_bias | (d_model, dim), (d_model) |
    | conv_state, next_conv_state | (batch, width-1, dim) |
    | ssm_state, next_ssm_state | (batch, dim, dstate) |

    Constraints:
    - (C1) every shape is that of the table.
    - (C2) hidden and out have the same element type, which all activations
      inside the block take.
    - (C3) width is from 2 to 8.

    Example:
    ```mlir
    %out, %conv1, %ssm1 = ssm.mamba_block %x in_proj(%w_in : tensor<1024x256xbf16>)
        conv(%w_conv : tensor<512x4xf32>) conv_bias(%b_conv : tensor<512xf32>)
        x_proj(%w_x : tensor<48x512xbf16>) dt_proj(%w_dt : tensor<512x16xbf16>)
        dt_bias(%b_dt : tensor<512xf32>) A(%A : tensor<512x16xf32>)
        D(%D : tensor<512xf32>) out_proj(%w_out : tensor<256x512xbf16>)
        state(%conv0, %ssm0 : tensor<?x3x512xf32>, tensor<?x512x16xf32>)
        : tensor<?x?x256xf32>
        -> tensor<?x?x256xf32>, tensor<?x3x512xf32>, tensor<?x512x16xf32>
    ```
  }];

  let arguments = (ins
    SSM_FloatTensor:$hidden,
    SSM_FloatTensor:$in_proj, Optional<SSM_FloatTensor>:$in_proj_bias,
    SSM_FloatTensor:$conv_weight, Optional<SSM_FloatTensor>:$conv_bias,
    SSM_FloatTensor:$x_proj, SSM_FloatTensor:$dt_proj, SSM_FloatTensor:$dt_bias,
    SSM_F32Tensor:$A, SSM_FloatTensor:$D,
    SSM_FloatTensor:$out_proj, Optional<SSM_FloatTensor>:$out_proj_bias,
    SSM_FloatTensor:$conv_state, SSM_F32Tensor:$ssm_state);
  let results = (outs SSM_FloatTensor:$out, SSM_FloatTensor:$next_conv_state,
                      SSM_F32Tensor:$next_ssm_state);

  let assemblyFormat = [{
    $hidden `in_proj` `(` $in_proj `:` type($in_proj) `)`
    (`in_proj_bias` `(` $in_proj_bias^ `:` type($in_proj_bias) `)`)?
    `conv` `(` $conv_weight `:` type($conv_weight) `)`
    (`conv_bias` `(` $conv_bias^ `:` type($conv_bias) `)`)?
    `x_proj` `(` $x_proj `:` type($x_proj) `)`
    `dt_proj` `(` $dt_proj `:` type($dt_proj) `)`
    `dt_bias` `(` $dt_bias `:` type($dt_bias) `)`
    `A` `(` $A `:` type($A) `)` `D` `(` $D `:` type($D) `)`
    `out_proj` `(` $out_proj `:` type($out_proj) `)`
    (`out_proj_bias` `(` $out_proj_bias^ `:` type($out_proj_bias) `)`)?
    `state` `(` $conv_state `,` $ssm_state `:` type($conv_state) `,` type($ssm_state) `)`
    attr-dict `:` type($hidden) `->` type($out) `,` type($next_conv_state) `,` type($next_ssm_state)
  }];
}

#endif // DIALECT_SSM_SSMBLOCKOPS_TD
