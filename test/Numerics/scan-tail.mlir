// selective_scan, against outputs of the reference function of state-spaces/mamba.
// RUN: ssmc run %s --device=cpu --check \
// RUN:   --input u=@%S/Inputs/scan_tail.safetensors:u \
// RUN:   --input delta=@%S/Inputs/scan_tail.safetensors:delta \
// RUN:   --input A=@%S/Inputs/scan_tail.safetensors:A \
// RUN:   --input B=@%S/Inputs/scan_tail.safetensors:B \
// RUN:   --input C=@%S/Inputs/scan_tail.safetensors:C \
// RUN:   --input D=@%S/Inputs/scan_tail.safetensors:D \
// RUN:   --input z=@%S/Inputs/scan_tail.safetensors:z \
// RUN:   --input delta_bias=@%S/Inputs/scan_tail.safetensors:delta_bias \
// RUN:   --expected-output out=@%S/Inputs/scan_tail.safetensors:out \
// RUN:   --expected-output last_state=@%S/Inputs/scan_tail.safetensors:last_state --max-rel 4e-6

!t0 = tensor<2x10x131xf32>
!t1 = tensor<10x16xf32>
!t2 = tensor<2x16x131xf32>
!t3 = tensor<10xf32>
!t4 = tensor<2x10x16xf32>

func.func @scan(%u: !t0 {ssm.name = "u"},
                %delta: !t0 {ssm.name = "delta"},
                %A: !t1 {ssm.name = "A"},
                %B: !t2 {ssm.name = "B"},
                %C: !t2 {ssm.name = "C"},
                %D: !t3 {ssm.name = "D"},
                %z: !t0 {ssm.name = "z"},
                %delta_bias: !t3 {ssm.name = "delta_bias"})
    -> (!t0 {ssm.name = "out"}, !t4 {ssm.name = "last_state"}) {
  %out, %last_state = ssm.selective_scan %u, %delta, %A, %B, %C
      D(%D : !t3) z(%z : !t0) delta_bias(%delta_bias : !t3) delta_softplus layout channel_major
      : !t0, !t0, !t1, !t2, !t2
      -> !t0, !t4
  return %out, %last_state : !t0, !t4
}
