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

#endif // DIALECT_SSM_SSMMATHOPS_TD
