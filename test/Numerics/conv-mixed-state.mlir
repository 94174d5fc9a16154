// States of another element type than the activations.
// RUN: ssmc run %s --device=cpu --check \
// RUN:   --input x=@%S/Inputs/conv_mixed_state.safetensors:x \
// RUN:   --input weight=@%S/Inputs/conv_mixed_state.safetensors:weight \
// RUN:   --input bias=@%S/Inputs/conv_mixed_state.safetensors:bias \
// RUN:   --input initial_state=@%S/Inputs/conv_mixed_state.safetensors:initial_state \
// RUN:   --expected-output y=@%S/Inputs/conv_mixed_state.safetensors:y \
// RUN:   --expected-output final_state=@%S/Inputs/conv_mixed_state.safetensors:final_state \
// RUN:   --max-rel 4e-6 --ulp 0.5

!activation = tensor<?x?x12xbf16>
!state = tensor<?x3x12xf32>

func.func @conv(%x: !activation {ssm.name = "x"},
                %weight: tensor<12x4xf32> {ssm.name = "weight"},
                %bias: tensor<12xf32> {ssm.name = "bias"},
                %initial_state: !state {ssm.name = "initial_state"})
    -> (!activation {ssm.name = "y"}, !state {ssm.name = "final_state"}) {
  %y, %final_state = ssm.causal_conv1d %x, %weight
      bias(%bias : tensor<12xf32>) initial_state(%initial_state : !state)
      activation silu
      : !activation, tensor<12x4xf32> -> !activation, !state
  return %y, %final_state : !activation, !state
}
