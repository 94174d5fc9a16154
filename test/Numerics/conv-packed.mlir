// Packed sequences, some shorter than the window: no tap crosses a boundary.
// RUN: ssmc run %s --device=cpu --check \
// RUN:   --input x=@%S/Inputs/conv_packed.safetensors:x \
// RUN:   --input weight=@%S/Inputs/conv_packed.safetensors:weight \
// RUN:   --input bias=@%S/Inputs/conv_packed.safetensors:bias \
// RUN:   --input initial_state=@%S/Inputs/conv_packed.safetensors:initial_state \
// RUN:   --input cu_seqlens=@%S/Inputs/conv_packed.safetensors:cu_seqlens \
// RUN:   --expected-output y=@%S/Inputs/conv_packed.safetensors:y \
// RUN:   --expected-output final_state=@%S/Inputs/conv_packed.safetensors:final_state --max-rel 4e-6

!activation = tensor<1x?x20xf32>
!state = tensor<?x3x20xf32>

func.func @conv(%x: !activation {ssm.name = "x"},
                %weight: tensor<20x4xf32> {ssm.name = "weight"},
                %bias: tensor<20xf32> {ssm.name = "bias"},
                %initial_state: !state {ssm.name = "initial_state"},
                %cu_seqlens: tensor<?xi32> {ssm.name = "cu_seqlens"})
    -> (!activation {ssm.name = "y"}, !state {ssm.name = "final_state"}) {
  %y, %final_state = ssm.causal_conv1d %x, %weight
      bias(%bias : tensor<20xf32>) initial_state(%initial_state : !state)
      cu_seqlens(%cu_seqlens : tensor<?xi32>) activation silu
      : !activation, tensor<20x4xf32> -> !activation, !state
  return %y, %final_state : !activation, !state
}
