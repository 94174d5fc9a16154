// States stored in bf16, activations in bf16, dt clamped.
// RUN: ssmc run %s --device=cpu --check \
// RUN:   --input u=@%S/Inputs/scan_half_state.safetensors:u \
// RUN:   --input delta=@%S/Inputs/scan_half_state.safetensors:delta \
// RUN:   --input A=@%S/Inputs/scan_half_state.safetensors:A \
// RUN:   --input B=@%S/Inputs/scan_half_state.safetensors:B \
// RUN:   --input C=@%S/Inputs/scan_half_state.safetensors:C \
// RUN:   --input D=@%S/Inputs/scan_half_state.safetensors:D \
// RUN:   --input z=@%S/Inputs/scan_half_state.safetensors:z \
// RUN:   --input delta_bias=@%S/Inputs/scan_half_state.safetensors:delta_bias \
// RUN:   --input initial_state=@%S/Inputs/scan_half_state.safetensors:initial_state \
// RUN:   --expected-output out=@%S/Inputs/scan_half_state.safetensors:out \
// RUN:   --max-rel 4e-6 --ulp 0.5
// RUN: ssmc run %s --device=cpu --check \
// RUN:   --input u=@%S/Inputs/scan_half_state.safetensors:u \
// RUN:   --input delta=@%S/Inputs/scan_half_state.safetensors:delta \
// RUN:   --input A=@%S/Inputs/scan_half_state.safetensors:A \
// RUN:   --input B=@%S/Inputs/scan_half_state.safetensors:B \
// RUN:   --input C=@%S/Inputs/scan_half_state.safetensors:C \
// RUN:   --input D=@%S/Inputs/scan_half_state.safetensors:D \
// RUN:   --input z=@%S/Inputs/scan_half_state.safetensors:z \
// RUN:   --input delta_bias=@%S/Inputs/scan_half_state.safetensors:delta_bias \
// RUN:   --input initial_state=@%S/Inputs/scan_half_state.safetensors:initial_state \
// RUN:   --expected-output last_state=@%S/Inputs/scan_half_state.safetensors:last_state \
// RUN:   --max-rel 4e-6 --ulp 0.5

!activation = tensor<?x?x20xbf16>
!matrix = tensor<?x?x16xbf16>
!decay = tensor<20x16xf32>
!channel = tensor<20xf32>
!state = tensor<?x20x16xbf16>

func.func @scan(%u: !activation {ssm.name = "u"},
                %delta: !activation {ssm.name = "delta"},
                %A: !decay {ssm.name = "A"},
                %B: !matrix {ssm.name = "B"},
                %C: !matrix {ssm.name = "C"},
                %D: !channel {ssm.name = "D"},
                %z: !activation {ssm.name = "z"},
                %delta_bias: !channel {ssm.name = "delta_bias"},
                %initial_state: !state {ssm.name = "initial_state"})
    -> (!activation {ssm.name = "out"}, !state {ssm.name = "last_state"}) {
  %out, %last_state = ssm.selective_scan %u, %delta, %A, %B, %C
      D(%D : !channel) z(%z : !activation) delta_bias(%delta_bias : !channel)
      delta_softplus delta_limits [0.001, 0.1]
      initial_state(%initial_state : !state)
      : !activation, !activation, !decay, !matrix, !matrix -> !activation, !state
  return %out, %last_state : !activation, !state
}
