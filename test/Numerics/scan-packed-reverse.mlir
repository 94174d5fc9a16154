// Packed sequences in reverse, each from its own last step.
// RUN: ssmc run %s --device=cpu --check \
// RUN:   --input u=@%S/Inputs/scan_packed_reverse.safetensors:u \
// RUN:   --input delta=@%S/Inputs/scan_packed_reverse.safetensors:delta \
// RUN:   --input A=@%S/Inputs/scan_packed_reverse.safetensors:A \
// RUN:   --input B=@%S/Inputs/scan_packed_reverse.safetensors:B \
// RUN:   --input C=@%S/Inputs/scan_packed_reverse.safetensors:C \
// RUN:   --input D=@%S/Inputs/scan_packed_reverse.safetensors:D \
// RUN:   --input z=@%S/Inputs/scan_packed_reverse.safetensors:z \
// RUN:   --input delta_bias=@%S/Inputs/scan_packed_reverse.safetensors:delta_bias \
// RUN:   --input initial_state=@%S/Inputs/scan_packed_reverse.safetensors:initial_state \
// RUN:   --input cu_seqlens=@%S/Inputs/scan_packed_reverse.safetensors:cu_seqlens \
// RUN:   --expected-output out=@%S/Inputs/scan_packed_reverse.safetensors:out \
// RUN:   --max-rel 4e-6
// RUN: ssmc run %s --device=cpu --check \
// RUN:   --input u=@%S/Inputs/scan_packed_reverse.safetensors:u \
// RUN:   --input delta=@%S/Inputs/scan_packed_reverse.safetensors:delta \
// RUN:   --input A=@%S/Inputs/scan_packed_reverse.safetensors:A \
// RUN:   --input B=@%S/Inputs/scan_packed_reverse.safetensors:B \
// RUN:   --input C=@%S/Inputs/scan_packed_reverse.safetensors:C \
// RUN:   --input D=@%S/Inputs/scan_packed_reverse.safetensors:D \
// RUN:   --input z=@%S/Inputs/scan_packed_reverse.safetensors:z \
// RUN:   --input delta_bias=@%S/Inputs/scan_packed_reverse.safetensors:delta_bias \
// RUN:   --input initial_state=@%S/Inputs/scan_packed_reverse.safetensors:initial_state \
// RUN:   --input cu_seqlens=@%S/Inputs/scan_packed_reverse.safetensors:cu_seqlens \
// RUN:   --expected-output last_state=@%S/Inputs/scan_packed_reverse.safetensors:last_state \
// RUN:   --max-rel 4e-6

!activation = tensor<1x?x13xf32>
!matrix = tensor<1x?x33xf32>
!decay = tensor<13x33xf32>
!channel = tensor<13xf32>
!state = tensor<?x13x33xf32>
!bounds = tensor<?xi32>

func.func @scan(%u: !activation {ssm.name = "u"},
                %delta: !activation {ssm.name = "delta"},
                %A: !decay {ssm.name = "A"},
                %B: !matrix {ssm.name = "B"},
                %C: !matrix {ssm.name = "C"},
                %D: !channel {ssm.name = "D"},
                %z: !activation {ssm.name = "z"},
                %delta_bias: !channel {ssm.name = "delta_bias"},
                %initial_state: !state {ssm.name = "initial_state"},
                %cu_seqlens: !bounds {ssm.name = "cu_seqlens"})
    -> (!activation {ssm.name = "out"}, !state {ssm.name = "last_state"}) {
  %out, %last_state = ssm.selective_scan %u, %delta, %A, %B, %C
      D(%D : !channel) z(%z : !activation) delta_bias(%delta_bias : !channel)
      delta_softplus
      initial_state(%initial_state : !state) cu_seqlens(%cu_seqlens : !bounds) reverse
      : !activation, !activation, !decay, !matrix, !matrix -> !activation, !state
  return %out, %last_state : !activation, !state
}
