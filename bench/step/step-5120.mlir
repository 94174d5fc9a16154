// One decode step of a selective scan (selective_state_update): 5120 channels,
// 16 states, bf16 activations, f32 states in rows of a pool, any batch.
//
//   bench/step/README.md says how it is measured.

!activation = tensor<?x1x5120xbf16>
!matrix = tensor<?x1x16xbf16>
!decay = tensor<5120x16xf32>
!channel = tensor<5120xf32>
!pool = tensor<?x5120x16xf32>
!slots = tensor<?xi32>

ssm.state @h : !pool

func.func @step(
    %u: !activation {ssm.name = "u", ssm.dims = ["batch"]},
    %delta: !activation {ssm.name = "delta", ssm.dims = ["batch"]},
    %A: !decay {ssm.name = "A"},
    %B: !matrix {ssm.name = "B", ssm.dims = ["batch"]},
    %C: !matrix {ssm.name = "C", ssm.dims = ["batch"]},
    %D: !channel {ssm.name = "D"},
    %z: !activation {ssm.name = "z", ssm.dims = ["batch"]},
    %delta_bias: !channel {ssm.name = "delta_bias"},
    %slots: !slots {ssm.name = "slots", ssm.dims = ["batch"]})
    -> (!activation {ssm.name = "out"}) {
  %old = ssm.get_state @h : !pool
  %out, %new = ssm.selective_scan %u, %delta, %A, %B, %C
      D(%D : !channel) z(%z : !activation) delta_bias(%delta_bias : !channel)
      delta_softplus
      initial_state(%old : !pool) state_slots(%slots : !slots)
      : !activation, !activation, !decay, !matrix, !matrix
      -> !activation, !pool
  ssm.set_state @h, %new : !pool
  return %out : !activation
}
