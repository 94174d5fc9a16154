// A convolution and a scan over the same packed sequences.

!x = tensor<1x?x24xf32>
!matrix = tensor<1x?x16xf32>

func.func @conv_scan(
    %x: !x {ssm.name = "u"},
    %weight: tensor<24x4xf32> {ssm.name = "weight"},
    %delta: !x {ssm.name = "delta"},
    %A: tensor<24x16xf32> {ssm.name = "A"},
    %B: !matrix {ssm.name = "B"}, %C: !matrix {ssm.name = "C"},
    %D: tensor<24xf32> {ssm.name = "D"}, %z: !x {ssm.name = "z"},
    %cu_seqlens: tensor<?xi32> {ssm.name = "cu_seqlens"})
    -> (!x {ssm.name = "out"}) {
  %u = ssm.causal_conv1d %x, %weight cu_seqlens(%cu_seqlens : tensor<?xi32>)
      activation silu : !x, tensor<24x4xf32> -> !x
  %out = ssm.selective_scan %u, %delta, %A, %B, %C
      D(%D : tensor<24xf32>) z(%z : !x) cu_seqlens(%cu_seqlens : tensor<?xi32>)
      : !x, !x, tensor<24x16xf32>, !matrix, !matrix -> !x
  return %out : !x
}
