// selective_state_update, against outputs of the reference function of state-spaces/mamba.
// A decode step is a scan of seqlen 1.
// RUN: ssmc run %s --device=cpu --check \
// RUN:   --input x=@%S/Inputs/update_base.safetensors:x \
// RUN:   --input dt=@%S/Inputs/update_base.safetensors:dt \
// RUN:   --input A=@%S/Inputs/update_base.safetensors:A \
// RUN:   --input B=@%S/Inputs/update_base.safetensors:B \
// RUN:   --input C=@%S/Inputs/update_base.safetensors:C \
// RUN:   --input D=@%S/Inputs/update_base.safetensors:D \
// RUN:   --input z=@%S/Inputs/update_base.safetensors:z \
// RUN:   --input dt_bias=@%S/Inputs/update_base.safetensors:dt_bias \
// RUN:   --input state=@%S/Inputs/update_base.safetensors:state \
// RUN:   --expected-output out=@%S/Inputs/update_base.safetensors:out \
// RUN:   --expected-output state_out=@%S/Inputs/update_base.safetensors:state_out --max-rel 4e-6

!t0 = tensor<3x40xf32>
!t1 = tensor<40x16xf32>
!t2 = tensor<3x16xf32>
!t3 = tensor<40xf32>
!t4 = tensor<3x40x16xf32>
!t5 = tensor<3x1x40xf32>
!t6 = tensor<3x1x16xf32>

func.func @update(%x: !t0 {ssm.name = "x"},
                %dt: !t0 {ssm.name = "dt"},
                %A: !t1 {ssm.name = "A"},
                %B: !t2 {ssm.name = "B"},
                %C: !t2 {ssm.name = "C"},
                %D: !t3 {ssm.name = "D"},
                %z: !t0 {ssm.name = "z"},
                %dt_bias: !t3 {ssm.name = "dt_bias"},
                %state: !t4 {ssm.name = "state"})
    -> (!t0 {ssm.name = "out"}, !t4 {ssm.name = "state_out"}) {
  %x1 = tensor.expand_shape %x [[0, 1], [2]] output_shape [3, 1, 40] : !t0 into !t5
  %dt1 = tensor.expand_shape %dt [[0, 1], [2]] output_shape [3, 1, 40] : !t0 into !t5
  %B1 = tensor.expand_shape %B [[0, 1], [2]] output_shape [3, 1, 16] : !t2 into !t6
  %C1 = tensor.expand_shape %C [[0, 1], [2]] output_shape [3, 1, 16] : !t2 into !t6
  %z1 = tensor.expand_shape %z [[0, 1], [2]] output_shape [3, 1, 40] : !t0 into !t5
  %y, %state_out = ssm.selective_scan %x1, %dt1, %A, %B1, %C1
      D(%D : !t3) z(%z1 : !t5) delta_bias(%dt_bias : !t3) delta_softplus
      initial_state(%state : !t4)
      : !t5, !t5, !t1, !t6, !t6
      -> !t5, !t4
  %out = tensor.collapse_shape %y [[0, 1], [2]] : !t5 into !t0
  return %out, %state_out : !t0, !t4
}
