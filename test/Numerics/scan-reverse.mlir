// Time runs from the last step to the first.
// RUN: ssmc run %s --device=cpu --check \
// RUN:   --input u=@%S/Inputs/scan_reverse.safetensors:u \
// RUN:   --input delta=@%S/Inputs/scan_reverse.safetensors:delta \
// RUN:   --input A=@%S/Inputs/scan_reverse.safetensors:A \
// RUN:   --input B=@%S/Inputs/scan_reverse.safetensors:B \
// RUN:   --input C=@%S/Inputs/scan_reverse.safetensors:C \
// RUN:   --input D=@%S/Inputs/scan_reverse.safetensors:D \
// RUN:   --input z=@%S/Inputs/scan_reverse.safetensors:z \
// RUN:   --input delta_bias=@%S/Inputs/scan_reverse.safetensors:delta_bias \
// RUN:   --input initial_state=@%S/Inputs/scan_reverse.safetensors:initial_state \
// RUN:   --expected-output out=@%S/Inputs/scan_reverse.safetensors:out \
// RUN:   --max-rel 4e-6
// RUN: ssmc run %s --device=cpu --check \
// RUN:   --input u=@%S/Inputs/scan_reverse.safetensors:u \
// RUN:   --input delta=@%S/Inputs/scan_reverse.safetensors:delta \
// RUN:   --input A=@%S/Inputs/scan_reverse.safetensors:A \
// RUN:   --input B=@%S/Inputs/scan_reverse.safetensors:B \
// RUN:   --input C=@%S/Inputs/scan_reverse.safetensors:C \
// RUN:   --input D=@%S/Inputs/scan_reverse.safetensors:D \
// RUN:   --input z=@%S/Inputs/scan_reverse.safetensors:z \
// RUN:   --input delta_bias=@%S/Inputs/scan_reverse.safetensors:delta_bias \
// RUN:   --input initial_state=@%S/Inputs/scan_reverse.safetensors:initial_state \
// RUN:   --expected-output last_state=@%S/Inputs/scan_reverse.safetensors:last_state \
// RUN:   --max-rel 4e-6

!activation = tensor<?x?x24xf32>
!matrix = tensor<?x?x8xf32>
!decay = tensor<24x8xf32>
!channel = tensor<24xf32>
!state = tensor<?x24x8xf32>

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
      delta_softplus delta_limits [0.02, 0.1]
      initial_state(%initial_state : !state) reverse
      : !activation, !activation, !decay, !matrix, !matrix -> !activation, !state
  return %out, %last_state : !activation, !state
}
