// Views: u and z are parts of one tensor, B and C take every second column of
// another, and nothing is copied.
// RUN: ssmc run %s --device=cpu --check \
// RUN:   --input xz=@%S/Inputs/scan_strided.safetensors:xz \
// RUN:   --input delta=@%S/Inputs/scan_strided.safetensors:delta \
// RUN:   --input A=@%S/Inputs/scan_strided.safetensors:A \
// RUN:   --input bc=@%S/Inputs/scan_strided.safetensors:bc \
// RUN:   --input D=@%S/Inputs/scan_strided.safetensors:D \
// RUN:   --input delta_bias=@%S/Inputs/scan_strided.safetensors:delta_bias \
// RUN:   --expected-output out=@%S/Inputs/scan_strided.safetensors:out --max-rel 4e-6

!activation = tensor<?x?x18xf32>
!matrix = tensor<?x?x5xf32>

func.func @scan(%xz: tensor<?x?x39xf32> {ssm.name = "xz"},
                %delta: !activation {ssm.name = "delta"},
                %A: tensor<18x5xf32> {ssm.name = "A"},
                %bc: tensor<?x?x10xf32> {ssm.name = "bc"},
                %D: tensor<18xf32> {ssm.name = "D"},
                %delta_bias: tensor<18xf32> {ssm.name = "delta_bias"})
    -> (!activation {ssm.name = "out"}) {
  %u = ssm.slice %xz dim 2 offset 3 step 1
      : tensor<?x?x39xf32> -> !activation
  %z = ssm.slice %xz dim 2 offset 21 step 1
      : tensor<?x?x39xf32> -> !activation
  %B = ssm.slice %bc dim 2 offset 0 step 2 : tensor<?x?x10xf32> -> !matrix
  %C = ssm.slice %bc dim 2 offset 1 step 2 : tensor<?x?x10xf32> -> !matrix
  %out = ssm.selective_scan %u, %delta, %A, %B, %C
      D(%D : tensor<18xf32>) z(%z : !activation)
      delta_bias(%delta_bias : tensor<18xf32>) delta_softplus
      : !activation, !activation, tensor<18x5xf32>, !matrix, !matrix -> !activation
  return %out : !activation
}
