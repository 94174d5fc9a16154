// A convolution whose result the scan alone reads, in bf16, with a state of the
// scan and none of the convolution.

!x = tensor<?x?x20xbf16>
!matrix = tensor<?x?x16xbf16>
!state = tensor<?x20x16xbf16>

func.func @conv_scan(
    %x: !x {ssm.name = "u", ssm.dims = ["batch", "seqlen"]},
    %weight: tensor<20x4xf32> {ssm.name = "weight"},
    %bias: tensor<20xf32> {ssm.name = "bias"},
    %delta: !x {ssm.name = "delta", ssm.dims = ["batch", "seqlen"]},
    %A: tensor<20x16xf32> {ssm.name = "A"},
    %B: !matrix {ssm.name = "B", ssm.dims = ["batch", "seqlen"]},
    %C: !matrix {ssm.name = "C", ssm.dims = ["batch", "seqlen"]},
    %D: tensor<20xf32> {ssm.name = "D"},
    %z: !x {ssm.name = "z", ssm.dims = ["batch", "seqlen"]},
    %delta_bias: tensor<20xf32> {ssm.name = "delta_bias"},
    %h: !state {ssm.name = "initial_state", ssm.dims = ["batch"]})
    -> (!x {ssm.name = "out"}, !state {ssm.name = "last_state"}) {
  %u = ssm.causal_conv1d %x, %weight bias(%bias : tensor<20xf32>)
      activation silu : !x, tensor<20x4xf32> -> !x
  %out, %last = ssm.selective_scan %u, %delta, %A, %B, %C
      D(%D : tensor<20xf32>) z(%z : !x) delta_bias(%delta_bias : tensor<20xf32>)
      delta_softplus initial_state(%h : !state)
      : !x, !x, tensor<20x16xf32>, !matrix, !matrix -> !x, !state
  return %out, %last : !x, !state
}
