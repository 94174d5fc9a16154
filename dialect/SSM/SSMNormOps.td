//===- SSMNormOps.td - Normalizations ----------------------*- tablegen -*-===//

#ifndef DIALECT_SSM_SSMNORMOPS_TD
#define DIALECT_SSM_SSMNORMOPS_TD

include "dialect/SSM/SSMBase.td"

def SSM_RMSNormOp : SSM_Op<"rms_norm", [Pure]> {
  let summary = "Residual add and root-mean-square normalization";
  let description = [{
    ```
    r = x + residual                       (x where there is no residual)
    y = r * rsqrt(mean over dim of r^2 + eps) * weight
    ```

    Reference function `rms_norm_fn(x, weight, bias=None, residual=…,
    prenorm=True)` of state-spaces/mamba. `residual_out`, returned if asked for,
    is r rounded to its own element type; y is computed from the unrounded r.

    Constraints:
    - (C1) x, residual, y and residual_out have one shape, of rank 2 or more,
      whose last dimension is static.
    - (C2) weight is (dim), dim being the last dimension of x.
    - (C3) eps is positive.

    Numeric effect: f32 throughout; the sum of squares is taken in a fixed tree
    order; rsqrt by `rsqrt.approx` and one Newton step.

    Example:
    ```mlir
    %y, %r = ssm.rms_norm %x, %weight residual(%r0 : tensor<?x?x256xf32>) eps 1.0e-5
        : tensor<?x?x256xbf16>, tensor<256xf32>
        -> tensor<?x?x256xbf16>, tensor<?x?x256xf32>
    ```
  }];

  let arguments = (ins
    SSM_FloatTensor:$x, SSM_FloatTensor:$weight,
    Optional<SSM_FloatTensor>:$residual, F32Attr:$eps);
  let results = (outs SSM_FloatTensor:$y, Optional<SSM_FloatTensor>:$residual_out);

  let assemblyFormat = [{
    $x `,` $weight (`residual` `(` $residual^ `:` type($residual) `)`)?
    `eps` $eps attr-dict
    `:` type($x) `,` type($weight) `->` type($y) (`,` type($residual_out)^)?
  }];
}

#endif // DIALECT_SSM_SSMNORMOPS_TD
