// A causal convolution and SiLU of (batch, 2048, seqlen) in bf16: 4 taps, a bias,
// any batch and length. README.md says how it is measured.

!activation = tensor<?x2048x?xbf16>

func.func @conv(
    %x: !activation {ssm.name = "x", ssm.dims = ["batch", "seqlen"]},
    %weight: tensor<2048x4xf32> {ssm.name = "weight"},
    %bias: tensor<2048xf32> {ssm.name = "bias"})
    -> (!activation {ssm.name = "y"}) {
  %y = ssm.causal_conv1d %x, %weight bias(%bias : tensor<2048xf32>)
      activation silu layout channel_major
      : !activation, tensor<2048x4xf32> -> !activation
  return %y : !activation
}
