// States in rows of a pool; one sequence is padding.
// RUN: ssmc run %s --device=cpu --check \
// RUN:   --input x=@%S/Inputs/conv_slots.safetensors:x \
// RUN:   --input weight=@%S/Inputs/conv_slots.safetensors:weight \
// RUN:   --input bias=@%S/Inputs/conv_slots.safetensors:bias \
// RUN:   --input initial_state=@%S/Inputs/conv_slots.safetensors:initial_state \
// RUN:   --input state_slots=@%S/Inputs/conv_slots.safetensors:state_slots \
// RUN:   --expected-output y=@%S/Inputs/conv_slots.safetensors:y \
// RUN:   --expected-output final_state=@%S/Inputs/conv_slots.safetensors:final_state \
// RUN:   --max-rel 4e-6

!activation = tensor<?x20x?xf32>
!pool = tensor<?x3x20xf32>
!slots = tensor<?xi32>

func.func @conv(%x: !activation {ssm.name = "x"},
                %weight: tensor<20x4xf32> {ssm.name = "weight"},
                %bias: tensor<20xf32> {ssm.name = "bias"},
                %initial_state: !pool {ssm.name = "initial_state"},
                %state_slots: !slots {ssm.name = "state_slots"})
    -> (!activation {ssm.name = "y"}, !pool {ssm.name = "final_state"}) {
  %y, %final_state = ssm.causal_conv1d %x, %weight bias(%bias : tensor<20xf32>)
      initial_state(%initial_state : !pool) state_slots(%state_slots : !slots)
      activation silu layout channel_major
      : !activation, tensor<20x4xf32> -> !activation, !pool
  return %y, %final_state : !activation, !pool
}
