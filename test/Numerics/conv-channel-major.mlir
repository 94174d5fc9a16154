// (batch, dim, seqlen) tensors, longer than one piece.
// RUN: ssmc run %s --device=cpu --check \
// RUN:   --input x=@%S/Inputs/conv_channel_major.safetensors:x \
// RUN:   --input weight=@%S/Inputs/conv_channel_major.safetensors:weight \
// RUN:   --input bias=@%S/Inputs/conv_channel_major.safetensors:bias \
// RUN:   --input initial_state=@%S/Inputs/conv_channel_major.safetensors:initial_state \
// RUN:   --expected-output y=@%S/Inputs/conv_channel_major.safetensors:y \
// RUN:   --expected-output final_state=@%S/Inputs/conv_channel_major.safetensors:final_state --max-rel 4e-6

!activation = tensor<?x20x?xf32>
!state = tensor<?x2x20xf32>

func.func @conv(%x: !activation {ssm.name = "x"},
                %weight: tensor<20x3xf32> {ssm.name = "weight"},
                %bias: tensor<20xf32> {ssm.name = "bias"},
                %initial_state: !state {ssm.name = "initial_state"})
    -> (!activation {ssm.name = "y"}, !state {ssm.name = "final_state"}) {
  %y, %final_state = ssm.causal_conv1d %x, %weight
      bias(%bias : tensor<20xf32>) initial_state(%initial_state : !state)
      activation silu layout channel_major
      : !activation, tensor<20x3xf32> -> !activation, !state
  return %y, %final_state : !activation, !state
}
