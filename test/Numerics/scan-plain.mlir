// selective_scan, against outputs of the reference function of state-spaces/mamba.
// RUN: ssmc run %s --device=cpu --check \
// RUN:   --input u=@%S/Inputs/scan_plain.safetensors:u \
// RUN:   --input delta=@%S/Inputs/scan_plain.safetensors:delta \
// RUN:   --input A=@%S/Inputs/scan_plain.safetensors:A \
// RUN:   --input B=@%S/Inputs/scan_plain.safetensors:B \
// RUN:   --input C=@%S/Inputs/scan_plain.safetensors:C \
// RUN:   --expected-output out=@%S/Inputs/scan_plain.safetensors:out \
// RUN:   --expected-output last_state=@%S/Inputs/scan_plain.safetensors:last_state --max-rel 4e-6

!t0 = tensor<2x16x64xf32>
!t1 = tensor<16x16xf32>
!t2 = tensor<2x16x16xf32>

func.func @scan(%u: !t0 {ssm.name = "u"},
                %delta: !t0 {ssm.name = "delta"},
                %A: !t1 {ssm.name = "A"},
                %B: !t0 {ssm.name = "B"},
                %C: !t0 {ssm.name = "C"})
    -> (!t0 {ssm.name = "out"}, !t2 {ssm.name = "last_state"}) {
  %out, %last_state = ssm.selective_scan %u, %delta, %A, %B, %C layout channel_major
      : !t0, !t0, !t1, !t0, !t0
      -> !t0, !t2
  return %out, %last_state : !t0, !t2
}
