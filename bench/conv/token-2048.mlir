// A causal convolution and SiLU of (batch, seqlen, 2048) in bf16: 4 taps, a bias,
// any batch and length. README.md says how it is measured.

!activation = tensor<?x?x2048xbf16>

func.func @conv(
    %x: !activation {ssm.name = "x", ssm.dims = ["batch", "seqlen"]},
    %weight: tensor<2048x4xf32> {ssm.name = "weight"},
    %bias: tensor<2048xf32> {ssm.name = "bias"})
    -> (!activation {ssm.name = "y"}) {
  %y = ssm.causal_conv1d %x, %weight bias(%bias : tensor<2048xf32>)
      activation silu
      : !activation, tensor<2048x4xf32> -> !activation
  return %y : !activation
}
