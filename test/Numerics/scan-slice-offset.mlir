// Rows of B and C begin at offsets that no vector load can take, though rows are
// whole numbers of vectors apart.
// RUN: ssmc run %s --device=cpu --check \
// RUN:   --input u=@%S/Inputs/scan_slice_offset.safetensors:u \
// RUN:   --input delta=@%S/Inputs/scan_slice_offset.safetensors:delta \
// RUN:   --input A=@%S/Inputs/scan_slice_offset.safetensors:A \
// RUN:   --input bc=@%S/Inputs/scan_slice_offset.safetensors:bc \
// RUN:   --input D=@%S/Inputs/scan_slice_offset.safetensors:D \
// RUN:   --input delta_bias=@%S/Inputs/scan_slice_offset.safetensors:delta_bias \
// RUN:   --expected-output out=@%S/Inputs/scan_slice_offset.safetensors:out --max-rel 4e-6

!activation = tensor<?x?x12xf32>
!matrix = tensor<?x?x8xf32>

func.func @scan(%u: !activation {ssm.name = "u"},
                %delta: !activation {ssm.name = "delta"},
                %A: tensor<12x8xf32> {ssm.name = "A"},
                %bc: tensor<?x?x32xf32> {ssm.name = "bc"},
                %D: tensor<12xf32> {ssm.name = "D"},
                %delta_bias: tensor<12xf32> {ssm.name = "delta_bias"})
    -> (!activation {ssm.name = "out"}) {
  %B = ssm.slice %bc dim 2 offset 1 step 1 : tensor<?x?x32xf32> -> !matrix
  %C = ssm.slice %bc dim 2 offset 18 step 1 : tensor<?x?x32xf32> -> !matrix
  %out = ssm.selective_scan %u, %delta, %A, %B, %C
      D(%D : tensor<12xf32>) delta_bias(%delta_bias : tensor<12xf32>)
      delta_softplus
      : !activation, !activation, tensor<12x8xf32>, !matrix, !matrix -> !activation
  return %out : !activation
}
