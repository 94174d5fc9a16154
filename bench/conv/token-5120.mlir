// A causal convolution and SiLU of (batch, seqlen, 5120) in bf16: 4 taps, a bias,
// any batch and length. README.md says how it is measured.

!activation = tensor<?x?x5120xbf16>

func.func @conv(
    %x: !activation {ssm.name = "x", ssm.dims = ["batch", "seqlen"]},
    %weight: tensor<5120x4xf32> {ssm.name = "weight"},
    %bias: tensor<5120xf32> {ssm.name = "bias"})
    -> (!activation {ssm.name = "y"}) {
  %y = ssm.causal_conv1d %x, %weight bias(%bias : tensor<5120xf32>)
      activation silu
      : !activation, tensor<5120x4xf32> -> !activation
  return %y : !activation
}
