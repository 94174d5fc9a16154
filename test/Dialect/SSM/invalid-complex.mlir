// What the verifier of selective_scan refuses where A is complex, in the order of
// the constraints.

// RUN: ssmc-opt %s --split-input-file --verify-diagnostics

// C2
func.func @A_parts(%u: tensor<2x7x6xf32>, %A: tensor<6x4x3xf32>, %B: tensor<2x7x4x2xf32>, %C: tensor<2x7x4x2xf32>) {
  // expected-error@+1 {{'ssm.selective_scan' op expects A of shape (dim = 6, dstate, re_im = 2), got 'tensor<6x4x3xf32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %C
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x4x3xf32>,
        tensor<2x7x4x2xf32>, tensor<2x7x4x2xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C2
func.func @A_dynamic_parts(%u: tensor<2x7x6xf32>, %A: tensor<6x4x?xf32>, %B: tensor<2x7x4x2xf32>, %C: tensor<2x7x4x2xf32>) {
  // expected-error@+1 {{expects A with a static re_im, got 'tensor<6x4x?xf32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %C
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x4x?xf32>,
        tensor<2x7x4x2xf32>, tensor<2x7x4x2xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C3
func.func @real_B(%u: tensor<2x7x6xf32>, %A: tensor<6x4x2xf32>, %B: tensor<2x7x4x1xf32>, %C: tensor<2x7x4x2xf32>) {
  // expected-error@+1 {{expects B of shape (batch = 2, seqlen = 7, dstate = 4, re_im = 2), got 'tensor<2x7x4x1xf32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %C
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x4x2xf32>,
        tensor<2x7x4x1xf32>, tensor<2x7x4x2xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C3
func.func @constant_C(%u: tensor<2x7x6xf32>, %A: tensor<6x4x2xf32>, %B: tensor<6x4x2xf32>, %C: tensor<6x4x1xf32>) {
  // expected-error@+1 {{expects C of shape (dim = 6, dstate = 4, re_im = 2), got 'tensor<6x4x1xf32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %C
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x4x2xf32>,
        tensor<6x4x2xf32>, tensor<6x4x1xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C3
func.func @groups_C(%u: tensor<2x7x6xf32>, %A: tensor<6x4x2xf32>, %B: tensor<2x7x3x4x2xf32>, %C: tensor<2x7x3x4x1xf32>) {
  // expected-error@+1 {{expects C of shape (batch = 2, seqlen = 7, ngroups = 3, dstate = 4, re_im = 2), got 'tensor<2x7x3x4x1xf32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %C
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x4x2xf32>,
        tensor<2x7x3x4x2xf32>, tensor<2x7x3x4x1xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C3: complex B with a real A
func.func @real_A(%u: tensor<2x7x6xf32>, %A: tensor<6x4xf32>, %B: tensor<2x7x4x2xf32>, %C: tensor<2x7x4xf32>) {
  // expected-error@+1 {{expects B of shape (batch = 2, seqlen = 7, ngroups, dstate = 4), got 'tensor<2x7x4x2xf32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %C
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x4xf32>,
        tensor<2x7x4x2xf32>, tensor<2x7x4xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C4
func.func @groups(%u: tensor<2x7x6xf32>, %A: tensor<6x4x2xf32>, %B: tensor<2x7x4x4x2xf32>, %C: tensor<2x7x4x4x2xf32>) {
  // expected-error@+1 {{expects an ngroups that divides dim = 6, got B of type 'tensor<2x7x4x4x2xf32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %C
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x4x2xf32>,
        tensor<2x7x4x4x2xf32>, tensor<2x7x4x4x2xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C6
func.func @state(%u: tensor<2x7x6xf32>, %A: tensor<6x4x2xf32>, %B: tensor<2x7x4x2xf32>, %C: tensor<2x7x4x2xf32>,
    %h: tensor<2x6x4xf32>) {
  // expected-error@+1 {{expects initial_state of shape (batch = 2, dim = 6, dstate = 4, re_im = 2), got 'tensor<2x6x4xf32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %C initial_state(%h : tensor<2x6x4xf32>)
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x4x2xf32>,
        tensor<2x7x4x2xf32>, tensor<2x7x4x2xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// cis C1
func.func @cis(%x: f16) {
  // expected-error@+1 {{'ssm.cis' op operand #0 must be 32-bit float, but got 'f16'}}
  %cos, %sin = ssm.cis %x : f16
  return
}
