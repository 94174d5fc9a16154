//===- SSMBase.td - What all ops of the ssm dialect share --*- tablegen -*-===//

#ifndef DIALECT_SSM_SSMBASE_TD
#define DIALECT_SSM_SSMBASE_TD

include "mlir/Interfaces/SideEffectInterfaces.td"
include "dialect/SSM/SSMAttrs.td"

/// An op on whole tensors whose verifier checks the numbered constraints of its
/// description, in their order.
class SSM_Op<string mnemonic, list<Trait> traits = []>
    : Op<SSM_Dialect, mnemonic, traits> {
  let hasVerifier = 1;
}

/// Activations and weights: f32, f16 or bf16.
def SSM_FloatTensor : RankedTensorOf<[F32, F16, BF16]>;
/// State and what is derived from A: always f32.
def SSM_F32Tensor : RankedTensorOf<[F32]>;
def SSM_IdTensor : RankedTensorOf<[I32]>;

#endif // DIALECT_SSM_SSMBASE_TD
