// What nothing uses goes away, equal values become one, states stay.

// RUN: ssmc-opt %s --canonicalize --cse | FileCheck %s

ssm.parameter @w : tensor<8x8xf32>
ssm.state @h : tensor<?x8x4xf32>

// CHECK-LABEL: func @unused
// CHECK-NEXT: return
func.func @unused(
    %ids: tensor<?x?xi32>, %x: tensor<?x?x8xf32>, %A: tensor<8x4xf32>,
    %B: tensor<?x?x4xf32>, %k: tensor<8x4xf32>, %b: tensor<8xf32>,
    %n: index) {
  %w = ssm.get_parameter @w : tensor<8x8xf32>
  %h = ssm.get_state @h : tensor<?x8x4xf32>
  %scan, %last = ssm.selective_scan %x, %x, %A, %B, %B
      initial_state(%h : tensor<?x8x4xf32>)
      : tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<8x4xf32>,
        tensor<?x?x4xf32>, tensor<?x?x4xf32>
      -> tensor<?x?x8xf32>, tensor<?x8x4xf32>
  %conv = ssm.causal_conv1d %scan, %k
      : tensor<?x?x8xf32>, tensor<8x4xf32> -> tensor<?x?x8xf32>
  %norm = ssm.rms_norm %conv, %b eps 1.0e-5
      : tensor<?x?x8xf32>, tensor<8xf32> -> tensor<?x?x8xf32>
  %softplus = ssm.softplus %norm : tensor<?x?x8xf32>
  %silu = ssm.silu %softplus : tensor<?x?x8xf32>
  %linear = ssm.linear %silu, %w
      : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  %p0, %p1 = ssm.split %linear
      : tensor<?x?x8xf32> -> tensor<?x?x4xf32>, tensor<?x?x4xf32>
  %tokens = ssm.last_tokens %x, %n : tensor<?x?x8xf32> -> tensor<?x?x8xf32>
  %rows = ssm.embedding %ids, %w
      : tensor<?x?xi32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  return
}

// CHECK-LABEL: func @unused_block
// CHECK-NEXT: return
func.func @unused_block(
    %x: tensor<?x1x3xf32>, %w_in: tensor<12x3xf32>, %w_conv: tensor<6x3xf32>,
    %w_x: tensor<9x6xf32>, %w_dt: tensor<6x1xf32>, %d: tensor<6xf32>,
    %A: tensor<6x4xf32>, %w_out: tensor<3x6xf32>, %conv0: tensor<?x2x6xf32>,
    %ssm0: tensor<?x6x4xf32>) {
  %out, %conv1, %ssm1 = ssm.mamba_block %x in_proj(%w_in : tensor<12x3xf32>)
      conv(%w_conv : tensor<6x3xf32>) x_proj(%w_x : tensor<9x6xf32>)
      dt_proj(%w_dt : tensor<6x1xf32>) dt_bias(%d : tensor<6xf32>)
      A(%A : tensor<6x4xf32>) D(%d : tensor<6xf32>)
      out_proj(%w_out : tensor<3x6xf32>)
      state(%conv0, %ssm0 : tensor<?x2x6xf32>, tensor<?x6x4xf32>)
      : tensor<?x1x3xf32>
      -> tensor<?x1x3xf32>, tensor<?x2x6xf32>, tensor<?x6x4xf32>
  return
}

// CHECK-LABEL: func @states
// CHECK-NEXT: %[[H:.*]] = ssm.get_state @h
// CHECK-NEXT: %[[NEXT:.*]] = ssm.silu %[[H]]
// CHECK-NEXT: ssm.set_state @h, %[[NEXT]]
// CHECK-NEXT: return
func.func @states() {
  %h = ssm.get_state @h : tensor<?x8x4xf32>
  %next = ssm.silu %h : tensor<?x8x4xf32>
  ssm.set_state @h, %next : tensor<?x8x4xf32>
  return
}

// CHECK-LABEL: func @parameter_twice
// CHECK-NEXT: %[[W:.*]] = ssm.get_parameter @w
// CHECK-NEXT: return %[[W]], %[[W]]
func.func @parameter_twice() -> (tensor<8x8xf32>, tensor<8x8xf32>) {
  %w0 = ssm.get_parameter @w : tensor<8x8xf32>
  %w1 = ssm.get_parameter @w : tensor<8x8xf32>
  return %w0, %w1 : tensor<8x8xf32>, tensor<8x8xf32>
}
