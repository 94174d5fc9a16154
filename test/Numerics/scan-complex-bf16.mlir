// Complex A, activations in bf16 with groups, against float64 on the same inputs.
// RUN: ssmc run %s --device=cpu --check \
// RUN:   --input u=@%S/Inputs/scan_complex_bf16.safetensors:u \
// RUN:   --input delta=@%S/Inputs/scan_complex_bf16.safetensors:delta \
// RUN:   --input A=@%S/Inputs/scan_complex_bf16.safetensors:A \
// RUN:   --input B=@%S/Inputs/scan_complex_bf16.safetensors:B \
// RUN:   --input C=@%S/Inputs/scan_complex_bf16.safetensors:C \
// RUN:   --input D=@%S/Inputs/scan_complex_bf16.safetensors:D \
// RUN:   --input z=@%S/Inputs/scan_complex_bf16.safetensors:z \
// RUN:   --input delta_bias=@%S/Inputs/scan_complex_bf16.safetensors:delta_bias \
// RUN:   --input initial_state=@%S/Inputs/scan_complex_bf16.safetensors:initial_state \
// RUN:   --expected-output out=@%S/Inputs/scan_complex_bf16.safetensors:out \
// RUN:   --max-rel 4e-6 --ulp 0.5
// RUN: ssmc run %s --device=cpu --check \
// RUN:   --input u=@%S/Inputs/scan_complex_bf16.safetensors:u \
// RUN:   --input delta=@%S/Inputs/scan_complex_bf16.safetensors:delta \
// RUN:   --input A=@%S/Inputs/scan_complex_bf16.safetensors:A \
// RUN:   --input B=@%S/Inputs/scan_complex_bf16.safetensors:B \
// RUN:   --input C=@%S/Inputs/scan_complex_bf16.safetensors:C \
// RUN:   --input D=@%S/Inputs/scan_complex_bf16.safetensors:D \
// RUN:   --input z=@%S/Inputs/scan_complex_bf16.safetensors:z \
// RUN:   --input delta_bias=@%S/Inputs/scan_complex_bf16.safetensors:delta_bias \
// RUN:   --input initial_state=@%S/Inputs/scan_complex_bf16.safetensors:initial_state \
// RUN:   --expected-output last_state=@%S/Inputs/scan_complex_bf16.safetensors:last_state \
// RUN:   --max-rel 4e-6

!activation = tensor<?x?x12xbf16>
!matrix = tensor<?x?x2x8x2xbf16>
!decay = tensor<12x8x2xf32>
!channel = tensor<12xf32>
!state = tensor<?x12x8x2xf32>

func.func @scan(%u: !activation {ssm.name = "u", ssm.dims = ["batch", "seqlen"]},
                %delta: !activation {ssm.name = "delta"},
                %A: !decay {ssm.name = "A"},
                %B: !matrix {ssm.name = "B"},
                %C: !matrix {ssm.name = "C"},
                %D: !channel {ssm.name = "D"},
                %z: !activation {ssm.name = "z"},
                %delta_bias: !channel {ssm.name = "delta_bias"},
                %initial_state: !state {ssm.name = "initial_state"})
    -> (!activation {ssm.name = "out"}, !state {ssm.name = "last_state"}) {
  %out, %last_state = ssm.selective_scan %u, %delta, %A, %B, %C
      D(%D : !channel) z(%z : !activation) delta_bias(%delta_bias : !channel)
      delta_softplus initial_state(%initial_state : !state)
      : !activation, !activation, !decay, !matrix, !matrix -> !activation, !state
  return %out, %last_state : !activation, !state
}
