// The selective scan of the Mamba paper's Figure 8, one call of it: batch 1,
// 1024 channels, 16 states, bf16 activations, any length.
//
//   ./dev bench paper

!activation = tensor<?x?x1024xbf16>
!matrix = tensor<?x?x16xbf16>
!channel = tensor<1024xf32>

func.func @scan(
    %u: !activation {ssm.name = "u", ssm.dims = ["batch", "seqlen"]},
    %delta: !activation {ssm.name = "delta", ssm.dims = ["batch", "seqlen"]},
    %A: tensor<1024x16xf32> {ssm.name = "A"},
    %B: !matrix {ssm.name = "B", ssm.dims = ["batch", "seqlen"]},
    %C: !matrix {ssm.name = "C", ssm.dims = ["batch", "seqlen"]},
    %D: !channel {ssm.name = "D"},
    %z: !activation {ssm.name = "z", ssm.dims = ["batch", "seqlen"]},
    %delta_bias: !channel {ssm.name = "delta_bias"})
    -> (!activation {ssm.name = "out"}) {
  %out = ssm.selective_scan %u, %delta, %A, %B, %C
      D(%D : !channel) z(%z : !activation) delta_bias(%delta_bias : !channel)
      delta_softplus
      : !activation, !activation, tensor<1024x16xf32>, !matrix, !matrix
      -> !activation
  return %out : !activation
}
