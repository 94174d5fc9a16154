// Decays of up to 1e5 radians a step, whose fraction of a turn has to be right,
// against float64.
// RUN: ssmc run %s --device=cpu --check \
// RUN:   --input u=@%S/Inputs/scan_complex_angles.safetensors:u \
// RUN:   --input delta=@%S/Inputs/scan_complex_angles.safetensors:delta \
// RUN:   --input A=@%S/Inputs/scan_complex_angles.safetensors:A \
// RUN:   --input B=@%S/Inputs/scan_complex_angles.safetensors:B \
// RUN:   --input C=@%S/Inputs/scan_complex_angles.safetensors:C \
// RUN:   --input initial_state=@%S/Inputs/scan_complex_angles.safetensors:initial_state \
// RUN:   --expected-output out=@%S/Inputs/scan_complex_angles.safetensors:out \
// RUN:   --expected-output last_state=@%S/Inputs/scan_complex_angles.safetensors:last_state \
// RUN:   --max-rel 4e-6

!activation = tensor<?x?x6xf32>
!matrix = tensor<?x?x4x2xf32>
!constant = tensor<6x4x2xf32>
!state = tensor<?x6x4x2xf32>

func.func @scan(%u: !activation {ssm.name = "u"},
                %delta: !activation {ssm.name = "delta"},
                %A: !constant {ssm.name = "A"},
                %B: !matrix {ssm.name = "B"},
                %C: !constant {ssm.name = "C"},
                %initial_state: !state {ssm.name = "initial_state"})
    -> (!activation {ssm.name = "out"}, !state {ssm.name = "last_state"}) {
  %out, %last_state = ssm.selective_scan %u, %delta, %A, %B, %C
      initial_state(%initial_state : !state)
      : !activation, !activation, !constant, !matrix, !constant -> !activation, !state
  return %out, %last_state : !activation, !state
}
