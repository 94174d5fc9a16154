// Packed sequences with states in rows of a pool. One is padding, and some steps
// are of no sequence: out is 0 there, and rows that no slot names stay.
// RUN: ssmc run %s --device=cpu --check \
// RUN:   --input u=@%S/Inputs/scan_slots.safetensors:u \
// RUN:   --input delta=@%S/Inputs/scan_slots.safetensors:delta \
// RUN:   --input A=@%S/Inputs/scan_slots.safetensors:A \
// RUN:   --input B=@%S/Inputs/scan_slots.safetensors:B \
// RUN:   --input C=@%S/Inputs/scan_slots.safetensors:C \
// RUN:   --input D=@%S/Inputs/scan_slots.safetensors:D \
// RUN:   --input z=@%S/Inputs/scan_slots.safetensors:z \
// RUN:   --input delta_bias=@%S/Inputs/scan_slots.safetensors:delta_bias \
// RUN:   --input initial_state=@%S/Inputs/scan_slots.safetensors:initial_state \
// RUN:   --input cu_seqlens=@%S/Inputs/scan_slots.safetensors:cu_seqlens \
// RUN:   --input state_slots=@%S/Inputs/scan_slots.safetensors:state_slots \
// RUN:   --expected-output out=@%S/Inputs/scan_slots.safetensors:out \
// RUN:   --expected-output last_state=@%S/Inputs/scan_slots.safetensors:last_state \
// RUN:   --max-rel 4e-6

!activation = tensor<1x?x24xf32>
!matrix = tensor<1x?x16xf32>
!decay = tensor<24x16xf32>
!channel = tensor<24xf32>
!pool = tensor<?x24x16xf32>
!indices = tensor<?xi32>

func.func @scan(%u: !activation {ssm.name = "u"},
                %delta: !activation {ssm.name = "delta"},
                %A: !decay {ssm.name = "A"},
                %B: !matrix {ssm.name = "B"},
                %C: !matrix {ssm.name = "C"},
                %D: !channel {ssm.name = "D"},
                %z: !activation {ssm.name = "z"},
                %delta_bias: !channel {ssm.name = "delta_bias"},
                %initial_state: !pool {ssm.name = "initial_state"},
                %cu_seqlens: !indices {ssm.name = "cu_seqlens"},
                %state_slots: !indices {ssm.name = "state_slots"})
    -> (!activation {ssm.name = "out"}, !pool {ssm.name = "last_state"}) {
  %out, %last_state = ssm.selective_scan %u, %delta, %A, %B, %C
      D(%D : !channel) z(%z : !activation) delta_bias(%delta_bias : !channel)
      delta_softplus
      initial_state(%initial_state : !pool) cu_seqlens(%cu_seqlens : !indices)
      state_slots(%state_slots : !indices)
      : !activation, !activation, !decay, !matrix, !matrix -> !activation, !pool
  return %out, %last_state : !activation, !pool
}
