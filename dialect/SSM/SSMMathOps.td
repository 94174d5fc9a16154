//===- SSMMathOps.td - Scalar functions of the models ------*- tablegen -*-===//

#ifndef DIALECT_SSM_SSMMATHOPS_TD
#define DIALECT_SSM_SSMMATHOPS_TD

include "mlir/Interfaces/InferTypeOpInterface.td"
include "dialect/SSM/SSMBase.td"

/// A function of one number, on scalars (inside kernel regions) and elementwise
/// on tensors alike.
class SSM_ScalarOp<string mnemonic> : Op<SSM_Dialect, mnemonic,
    [Pure, SameOperandsAndResultType] # ElementwiseMappable.traits> {
  let arguments = (ins FloatLike:$operand);
  let results = (outs FloatLike:$result);
  let assemblyFormat = "$operand attr-dict `:` type($result)";
}

def SSM_SoftplusOp : SSM_ScalarOp<"softplus"> {
  let summary = "log(1 + exp(x))";
  let description = [{
    Computed as max(x, 0) + log1p(exp(-|x|)), which loses nothing on either
    side. The reference returns x above 20, where the two agree in f32.

    Constraints:
    - (C1) operand and result have one type, a float or a vector or tensor of
      floats.

    Numeric effect: relative error below 4e-7 for x > -80 (`ex2.approx`,
    `rcp.approx` and a polynomial for log1p on (0, 1]).

    Example:
    ```mlir
    %dt = ssm.softplus %x : f32
    ```
  }];
}

def SSM_SiLUOp : SSM_ScalarOp<"silu"> {
  let summary = "x * sigmoid(x), also called swish";
  let description = [{
    Computed as x / (1 + exp(-x)) with `ex2.approx` and `rcp.approx`.

    Constraints:
    - (C1) operand and result have one type, a float or a vector or tensor of
      floats.

    Numeric effect: relative error below 1e-6 for |x| < 80.

    Example:
    ```mlir
    %g = ssm.silu %z : tensor<?x?x512xf32>
    ```
  }];
}

def SSM_CisOp : Op<SSM_Dialect, "cis", [Pure]> {
  let summary = "Cosine and sine of an angle in turns";
  let description = [{
    cos(2 pi x) and sin(2 pi x), in this order: e^(2 pi i x). In turns the angle
    is reduced without loss, whatever its size.

    Constraints:
    - (C1) operand and results are scalars of f32.

    Numeric effect: relative error below 1e-7 of either result, unless that is
    subnormal, and absolute below 6e-8. NaN for infinities.

    Example:
    ```mlir
    %cos, %sin = ssm.cis %turns : f32
    ```
  }];
  let arguments = (ins F32:$turns);
  let results = (outs F32:$cos, F32:$sin);
  let assemblyFormat = "$turns attr-dict `:` type($turns)";
}

#endif // DIALECT_SSM_SSMMATHOPS_TD
