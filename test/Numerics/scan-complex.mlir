// selective_scan with complex A, against outputs of the reference function of
// state-spaces/mamba, whose B and C are (batch, dstate, 2 * seqlen).
// RUN: ssmc run %s --device=cpu --check \
// RUN:   --input u=@%S/Inputs/scan_complex.safetensors:u \
// RUN:   --input delta=@%S/Inputs/scan_complex.safetensors:delta \
// RUN:   --input A=@%S/Inputs/scan_complex.safetensors:A \
// RUN:   --input B=@%S/Inputs/scan_complex.safetensors:B \
// RUN:   --input C=@%S/Inputs/scan_complex.safetensors:C \
// RUN:   --input D=@%S/Inputs/scan_complex.safetensors:D \
// RUN:   --input z=@%S/Inputs/scan_complex.safetensors:z \
// RUN:   --input delta_bias=@%S/Inputs/scan_complex.safetensors:delta_bias \
// RUN:   --expected-output out=@%S/Inputs/scan_complex.safetensors:out \
// RUN:   --expected-output last_state=@%S/Inputs/scan_complex.safetensors:last_state \
// RUN:   --max-rel 4e-6

!activation = tensor<2x8x40xf32>
!matrix = tensor<2x4x40x2xf32>
!decay = tensor<8x4x2xf32>
!channel = tensor<8xf32>
!state = tensor<2x8x4x2xf32>

func.func @scan(%u: !activation {ssm.name = "u"},
                %delta: !activation {ssm.name = "delta"},
                %A: !decay {ssm.name = "A"},
                %B: !matrix {ssm.name = "B"},
                %C: !matrix {ssm.name = "C"},
                %D: !channel {ssm.name = "D"},
                %z: !activation {ssm.name = "z"},
                %delta_bias: !channel {ssm.name = "delta_bias"})
    -> (!activation {ssm.name = "out"}, !state {ssm.name = "last_state"}) {
  %out, %last_state = ssm.selective_scan %u, %delta, %A, %B, %C
      D(%D : !channel) z(%z : !activation) delta_bias(%delta_bias : !channel)
      delta_softplus layout channel_major
      : !activation, !activation, !decay, !matrix, !matrix -> !activation, !state
  return %out, %last_state : !activation, !state
}
