// The selective scan of Mamba-1 on half-precision activations, for any batch and
// any sequence length:
//
//   ssmc compile selective_scan.mlir --compile-to=fused   # one kernel, its regions
//   ssmc compile selective_scan.mlir --compile-to=gpu     # the code of one thread
//   ssmc compile selective_scan.mlir -o scan.ssmb         # PTX and a launch plan

!activation = tensor<?x?x2048xbf16>
!matrix = tensor<?x?x16xbf16>
!channel = tensor<2048xf32>

func.func @selective_scan(
    %u: !activation {ssm.name = "u", ssm.dims = ["batch", "seqlen"]},
    %delta: !activation {ssm.name = "delta", ssm.dims = ["batch", "seqlen"]},
    %A: tensor<2048x16xf32> {ssm.name = "A"},
    %B: !matrix {ssm.name = "B", ssm.dims = ["batch", "seqlen"]},
    %C: !matrix {ssm.name = "C", ssm.dims = ["batch", "seqlen"]},
    %D: !channel {ssm.name = "D"},
    %z: !activation {ssm.name = "z", ssm.dims = ["batch", "seqlen"]},
    %delta_bias: !channel {ssm.name = "delta_bias"})
    -> (!activation {ssm.name = "out"}) {
  %out = ssm.selective_scan %u, %delta, %A, %B, %C
      D(%D : !channel) z(%z : !activation) delta_bias(%delta_bias : !channel)
      delta_softplus
      : !activation, !activation, tensor<2048x16xf32>, !matrix, !matrix
      -> !activation
  return %out : !activation
}
