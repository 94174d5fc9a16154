// A selective scan with all that a Mamba block gives it, of 64 channels and 16
// states, bf16 activations, any batch and length: what README.md experiments with.

!activation = tensor<?x?x64xbf16>
!matrix = tensor<?x?x16xbf16>
!channel = tensor<64xf32>

func.func @scan(
    %u: !activation {ssm.name = "u", ssm.dims = ["batch", "seqlen"]},
    %delta: !activation {ssm.name = "delta", ssm.dims = ["batch", "seqlen"]},
    %A: tensor<64x16xf32> {ssm.name = "A"},
    %B: !matrix {ssm.name = "B", ssm.dims = ["batch", "seqlen"]},
    %C: !matrix {ssm.name = "C", ssm.dims = ["batch", "seqlen"]},
    %D: !channel {ssm.name = "D"},
    %z: !activation {ssm.name = "z", ssm.dims = ["batch", "seqlen"]},
    %delta_bias: !channel {ssm.name = "delta_bias"})
    -> (!activation {ssm.name = "out"}) {
  %out = ssm.selective_scan %u, %delta, %A, %B, %C
      D(%D : !channel) z(%z : !activation) delta_bias(%delta_bias : !channel)
      delta_softplus
      : !activation, !activation, tensor<64x16xf32>, !matrix, !matrix
      -> !activation
  return %out : !activation
}
