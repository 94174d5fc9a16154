// Complex A with a dstate that lanes do not divide, packed sequences (one of them
// empty) in reverse and a constant B, against float64.
// RUN: ssmc run %s --device=cpu --check \
// RUN:   --input u=@%S/Inputs/scan_complex_ragged.safetensors:u \
// RUN:   --input delta=@%S/Inputs/scan_complex_ragged.safetensors:delta \
// RUN:   --input A=@%S/Inputs/scan_complex_ragged.safetensors:A \
// RUN:   --input B=@%S/Inputs/scan_complex_ragged.safetensors:B \
// RUN:   --input C=@%S/Inputs/scan_complex_ragged.safetensors:C \
// RUN:   --input initial_state=@%S/Inputs/scan_complex_ragged.safetensors:initial_state \
// RUN:   --input cu_seqlens=@%S/Inputs/scan_complex_ragged.safetensors:cu_seqlens \
// RUN:   --expected-output out=@%S/Inputs/scan_complex_ragged.safetensors:out \
// RUN:   --expected-output last_state=@%S/Inputs/scan_complex_ragged.safetensors:last_state \
// RUN:   --max-rel 4e-6

!activation = tensor<1x?x5xf32>
!constant = tensor<5x33x2xf32>
!matrix = tensor<1x?x33x2xf32>
!state = tensor<?x5x33x2xf32>
!bounds = tensor<?xi32>

func.func @scan(%u: !activation {ssm.name = "u"},
                %delta: !activation {ssm.name = "delta"},
                %A: !constant {ssm.name = "A"},
                %B: !constant {ssm.name = "B"},
                %C: !matrix {ssm.name = "C"},
                %initial_state: !state {ssm.name = "initial_state"},
                %cu_seqlens: !bounds {ssm.name = "cu_seqlens"})
    -> (!activation {ssm.name = "out"}, !state {ssm.name = "last_state"}) {
  %out, %last_state = ssm.selective_scan %u, %delta, %A, %B, %C delta_softplus
      initial_state(%initial_state : !state) cu_seqlens(%cu_seqlens : !bounds) reverse
      : !activation, !activation, !constant, !constant, !matrix -> !activation, !state
  return %out, %last_state : !activation, !state
}
