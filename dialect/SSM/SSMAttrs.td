//===- SSMAttrs.td - Attributes of the ssm dialect ---------*- tablegen -*-===//

#ifndef DIALECT_SSM_SSMATTRS_TD
#define DIALECT_SSM_SSMATTRS_TD

include "mlir/IR/EnumAttr.td"
include "dialect/SSM/SSMDialect.td"

def SSM_Activation : I32EnumAttr<"Activation",
    "what is applied to a convolution's result", [
      I32EnumAttrCase<"None", 0, "none">,
      I32EnumAttrCase<"SiLU", 1, "silu">]> {
  let cppNamespace = "::ssmc::ssm";
  let genSpecializedAttr = 0;
}
def SSM_ActivationAttr : EnumAttr<SSM_Dialect, SSM_Activation, "activation">;

def SSM_Layout : I32EnumAttr<"Layout",
    "which of seqlen and dim is contiguous", [
      // (batch, seqlen, dim), what matrix products make.
      I32EnumAttrCase<"TokenMajor", 0, "token_major">,
      // (batch, dim, seqlen), what upstream's CUDA kernels take.
      I32EnumAttrCase<"ChannelMajor", 1, "channel_major">]> {
  let cppNamespace = "::ssmc::ssm";
  let genSpecializedAttr = 0;
}
def SSM_LayoutAttr : EnumAttr<SSM_Dialect, SSM_Layout, "layout">;

#endif // DIALECT_SSM_SSMATTRS_TD
