//===- SSMDialect.td - The ssm dialect ---------------------*- tablegen -*-===//

#ifndef DIALECT_SSM_SSMDIALECT_TD
#define DIALECT_SSM_SSMDIALECT_TD

include "mlir/IR/OpBase.td"

def SSM_Dialect : Dialect {
  let name = "ssm";
  let cppNamespace = "::ssmc::ssm";
  let summary = "The language of state-space models";
  let description = [{
    Says what a model computes, one op per mathematical step, on tensors, with
    the names of the reference code (state-spaces/mamba, causal-conv1d). How it
    is computed is said by the `kernel` dialect.

    Sizes have names throughout: `batch`, `seqlen`, `dim` (the channels of a
    block, d_inner), `dstate`, `width` (taps of the convolution), `ngroups`,
    `d_model`, `dt_rank`, `vocab`. Two dimensions of one op with the same name
    are equal; `batch` and `seqlen` may be dynamic, the others are static, which
    the constraints on shapes below do not repeat.
    All arithmetic is in f32, whatever the element types of the tensors: inputs
    are widened, results rounded once (to nearest, ties to even).

    Activations are token-major, (batch, seqlen, dim), the layout that matrix
    products make.

    Attributes say what a caller sees of a module:
    - (A1) `ssm.model`, of a module: a dictionary of what is known of the model
      apart from its computation, e.g. `vocab_size`.
    - (A2) `ssm.name`, of an argument or result of a function: its name, a
      string that is not empty.
    - (A3) `ssm.dims`, of an argument or result that is a tensor: the names of
      its dynamic dimensions, in order; equal names are equal sizes.

    Example:
    ```mlir
    func.func @pad(%ids: tensor<?x?xi32> {ssm.dims = ["batch", "seqlen"], ssm.name = "ids"})
        -> (tensor<?x?xi32> {ssm.name = "ids"})
    ```
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
}

#endif // DIALECT_SSM_SSMDIALECT_TD
