//===- SSMScanOps.td - Recurrences -------------------------*- tablegen -*-===//

#ifndef DIALECT_SSM_SSMSCANOPS_TD
#define DIALECT_SSM_SSMSCANOPS_TD

include "dialect/SSM/SSMBase.td"

def SSM_SelectiveScanOp : SSM_Op<"selective_scan",
    [Pure, AttrSizedOperandSegments]> {
  let summary = "Selective scan (S6), the recurrence of Mamba-1";
  let description = [{
    For each batch b, channel d and state n, over time t (Gu and Dao 2023,
    section 3; reference function `selective_scan_ref` of state-spaces/mamba):

    ```
    dt_t    = delta_t + delta_bias, through softplus with delta_softplus,
              then clamped to delta_limits
    h_t[n]  = exp(dt_t * A[n]) * h_{t-1}[n] + dt_t * B_t[n] * u_t
    y_t     = sum over n of h_t[n] * C_t[n]
    out_t   = (y_t + D * u_t) * silu(z_t)
    ```

    with h_{-1} = initial_state, or zero. `D`, `z`, `delta_bias`, `delta_limits`
    and `initial_state` are optional; the last state is returned if asked for. A
    decode step is a scan of seqlen 1. With `reverse`, time runs from the last
    step to the first.

    With `cu_seqlens`, sequences of unequal lengths are packed one after the
    other along seqlen and batch is 1: sequence s is the steps from cu_seqlens[s]
    up to, not including, cu_seqlens[s+1], and has initial and last states of its
    own; out is 0 at steps of no sequence. A call whose bounds decrease or lie
    outside 0 to seqlen is refused.

    With `state_slots`, initial_state is a pool of states, of which sequence s
    starts from row state_slots[s] (`selective_state_update` with
    state_batch_indices). last_state is the pool with those rows replaced, which
    is done in place where the pool is carried state. A sequence whose slot is
    negative is padding: it changes no row, and out is 0 at its steps. A call
    with a slot that is beyond the pool, or that two sequences share, is refused.

    | operand | token_major | channel_major |
    |---|---|---|
    | u, delta, z, out | (batch, seqlen, dim) | (batch, dim, seqlen) |
    | B, C variable | (batch, seqlen, [ngroups,] dstate) | (batch, [ngroups,] dstate, seqlen) |
    | B, C constant | (dim, dstate) | (dim, dstate) |
    | A | (dim, dstate) | (dim, dstate) |
    | D, delta_bias | (dim) | (dim) |
    | initial_state, last_state | (batch, dim, dstate) | (batch, dim, dstate) |
    | the same, packed | (nseqs, dim, dstate) | |
    | the same, with slots | (nslots, dim, dstate) | (nslots, dim, dstate) |
    | cu_seqlens | (nseqs + 1) | |
    | state_slots | (batch) or (nseqs) | (batch) |

    Channel d reads group d / (dim / ngroups) of B and C.

    Where A is (dim, dstate, 2), the recurrence is complex: A, B, C and the
    states have a last dimension of 2 after those of the table, the real and the
    imaginary part, as `torch.view_as_real` gives it, and

    ```
    y_t     = 2 * Re(sum over n of h_t[n] * C_t[n])
    ```

    which is the sum over the states and their conjugates that A leaves out.
    All else stays real.

    Constraints:
    - (C1) u, delta, z and out have one shape, of rank 3.
    - (C2) A is (dim, dstate), or (dim, dstate, 2) and so complex.
    - (C3) B and C have a shape of the table, with a last dimension of 2 where A
      is complex.
    - (C4) ngroups divides dim.
    - (C5) D and delta_bias are (dim).
    - (C6) initial_state and last_state are of one type, of shape (batch, dim,
      dstate), with cu_seqlens (nseqs, dim, dstate), with state_slots (nslots,
      dim, dstate), with a last dimension of 2 where A is complex.
    - (C7) cu_seqlens is (nseqs + 1), of one sequence at least, and with it batch
      is 1 and the layout token_major.
    - (C8) delta_limits are two numbers, the first not above the second.
    - (C9) state_slots is (batch), with cu_seqlens (nseqs), and needs an
      initial_state.

    Numeric effect: f32 state and accumulation (states are rounded where they are
    stored in half precision); exp by `ex2.approx` of a
    product with log2(e); the sum over n is taken in an order that the schedule
    fixes. The error against float64 is within
    (4e-6 + 2^-22 * min(seqlen, 1/min(dt*|A|))) of max|out|, plus half a unit in
    the last place of out's type. For complex A, |A| stands for |Re A|, and the
    angle dt * Im A is reduced to a fraction of a turn with 48 bits of
    Im(A) / (2 pi): up to 1e5 radians it is right to 1e-7 of one, but for what dt
    itself was rounded by, which the angle multiplies.

    Examples:
    ```mlir
    %out, %last = ssm.selective_scan %u, %delta, %A, %B, %C
        D(%D : tensor<512xf32>) z(%z : tensor<?x?x512xf32>)
        delta_bias(%bias : tensor<512xf32>) delta_softplus
        initial_state(%h : tensor<?x512x16xf32>)
        : tensor<?x?x512xf32>, tensor<?x?x512xf32>, tensor<512x16xf32>,
          tensor<?x?x16xf32>, tensor<?x?x16xf32>
        -> tensor<?x?x512xf32>, tensor<?x512x16xf32>
    ```
    ```mlir
    %out = ssm.selective_scan %u, %delta, %A, %B, %C
        : tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<64x8x2xf32>,
          tensor<?x?x8x2xf32>, tensor<64x8x2xf32> -> tensor<?x?x64xf32>
    ```
  }];

  let arguments = (ins
    SSM_FloatTensor:$u, SSM_FloatTensor:$delta, SSM_F32Tensor:$A,
    SSM_FloatTensor:$B, SSM_FloatTensor:$C,
    Optional<SSM_FloatTensor>:$D, Optional<SSM_FloatTensor>:$z,
    Optional<SSM_FloatTensor>:$delta_bias,
    Optional<SSM_FloatTensor>:$initial_state, Optional<SSM_IdTensor>:$cu_seqlens,
    Optional<SSM_IdTensor>:$state_slots,
    UnitAttr:$delta_softplus, OptionalAttr<DenseF32ArrayAttr>:$delta_limits,
    UnitAttr:$reverse,
    DefaultValuedAttr<SSM_LayoutAttr, "Layout::TokenMajor">:$layout);
  let results = (outs SSM_FloatTensor:$out, Optional<SSM_FloatTensor>:$last_state);

  let assemblyFormat = [{
    $u `,` $delta `,` $A `,` $B `,` $C
    (`D` `(` $D^ `:` type($D) `)`)? (`z` `(` $z^ `:` type($z) `)`)?
    (`delta_bias` `(` $delta_bias^ `:` type($delta_bias) `)`)?
    (`delta_softplus` $delta_softplus^)? (`delta_limits` $delta_limits^)?
    (`initial_state` `(` $initial_state^ `:` type($initial_state) `)`)?
    (`cu_seqlens` `(` $cu_seqlens^ `:` type($cu_seqlens) `)`)?
    (`state_slots` `(` $state_slots^ `:` type($state_slots) `)`)?
    (`reverse` $reverse^)? (`layout` $layout^)? attr-dict
    `:` type($u) `,` type($delta) `,` type($A) `,` type($B) `,` type($C)
    `->` type($out) (`,` type($last_state)^)?
  }];
  let extraClassDeclaration = [{
    /// Whether A, B, C and the states are complex, with a last dimension of
    /// (re, im).
    bool isComplex();
  }];
}

#endif // DIALECT_SSM_SSMSCANOPS_TD
