// What the verifiers of the operators refuse, in the order of the constraints.

// RUN: ssmc-opt %s --split-input-file --verify-diagnostics

//===----------------------------------------------------------------------===//
// selective_scan
//===----------------------------------------------------------------------===//

// C1
func.func @rank(%u: tensor<2x6xf32>, %A: tensor<6x4xf32>, %B: tensor<2x7x4xf32>) {
  // expected-error@+1 {{'ssm.selective_scan' op expects u of shape (batch, seqlen, dim), got 'tensor<2x6xf32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %B
      : tensor<2x6xf32>, tensor<2x6xf32>, tensor<6x4xf32>, tensor<2x7x4xf32>,
        tensor<2x7x4xf32> -> tensor<2x6xf32>
  return
}

// -----

// C1
func.func @delta(%u: tensor<2x7x6xf32>, %delta: tensor<2x7x5xf32>,
                 %A: tensor<6x4xf32>, %B: tensor<2x7x4xf32>) {
  // expected-error@+1 {{expects delta of shape (batch = 2, seqlen = 7, dim = 6), got 'tensor<2x7x5xf32>'}}
  %out = ssm.selective_scan %u, %delta, %A, %B, %B
      : tensor<2x7x6xf32>, tensor<2x7x5xf32>, tensor<6x4xf32>,
        tensor<2x7x4xf32>, tensor<2x7x4xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C1
func.func @out(%u: tensor<2x7x6xf32>, %A: tensor<6x4xf32>, %B: tensor<2x7x4xf32>) {
  // expected-error@+1 {{expects out of shape (batch = 2, seqlen = 7, dim = 6), got 'tensor<2x8x6xf32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %B
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x4xf32>,
        tensor<2x7x4xf32>, tensor<2x7x4xf32> -> tensor<2x8x6xf32>
  return
}

// -----

// C1
func.func @z(%u: tensor<2x7x6xf32>, %A: tensor<6x4xf32>, %B: tensor<2x7x4xf32>,
             %z: tensor<3x7x6xf32>) {
  // expected-error@+1 {{expects z of shape (batch = 2, seqlen = 7, dim = 6), got 'tensor<3x7x6xf32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %B z(%z : tensor<3x7x6xf32>)
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x4xf32>,
        tensor<2x7x4xf32>, tensor<2x7x4xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C2
func.func @A(%u: tensor<2x7x6xf32>, %A: tensor<5x4xf32>, %B: tensor<2x7x4xf32>) {
  // expected-error@+1 {{expects A of shape (dim = 6, dstate), got 'tensor<5x4xf32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %B
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<5x4xf32>,
        tensor<2x7x4xf32>, tensor<2x7x4xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C2
func.func @dynamic_dstate(%u: tensor<2x7x6xf32>, %A: tensor<6x?xf32>,
                          %B: tensor<2x7x4xf32>) {
  // expected-error@+1 {{expects A with a static dstate, got 'tensor<6x?xf32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %B
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x?xf32>,
        tensor<2x7x4xf32>, tensor<2x7x4xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C2
func.func @A_type(%u: tensor<2x7x6xf32>, %A: tensor<6x4xbf16>, %B: tensor<2x7x4xf32>) {
  // expected-error@+1 {{operand #2 must be ranked tensor of 32-bit float values, but got 'tensor<6x4xbf16>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %B
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x4xbf16>,
        tensor<2x7x4xf32>, tensor<2x7x4xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C3
func.func @B(%u: tensor<2x7x6xf32>, %A: tensor<6x4xf32>, %B: tensor<2x7x5xf32>) {
  // expected-error@+1 {{expects B of shape (batch = 2, seqlen = 7, dstate = 4), got 'tensor<2x7x5xf32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %B
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x4xf32>,
        tensor<2x7x5xf32>, tensor<2x7x5xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C3
func.func @constant_C(%u: tensor<2x7x6xf32>, %A: tensor<6x4xf32>,
                      %B: tensor<6x4xf32>, %C: tensor<4x6xf32>) {
  // expected-error@+1 {{expects C of shape (dim = 6, dstate = 4), got 'tensor<4x6xf32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %C
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x4xf32>,
        tensor<6x4xf32>, tensor<4x6xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C3
func.func @layout(%u: tensor<2x6x7xf32>, %A: tensor<6x4xf32>, %B: tensor<2x7x4xf32>) {
  // expected-error@+1 {{expects B of shape (batch = 2, dstate = 4, seqlen = 7), got 'tensor<2x7x4xf32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %B layout channel_major
      : tensor<2x6x7xf32>, tensor<2x6x7xf32>, tensor<6x4xf32>,
        tensor<2x7x4xf32>, tensor<2x7x4xf32> -> tensor<2x6x7xf32>
  return
}

// -----

// C3
func.func @groups_differ(%u: tensor<2x7x6xf32>, %A: tensor<6x4xf32>,
                         %B: tensor<2x7x3x4xf32>, %C: tensor<2x7x2x4xf32>) {
  // expected-error@+1 {{expects C of shape (batch = 2, seqlen = 7, ngroups = 3, dstate = 4), got 'tensor<2x7x2x4xf32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %C
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x4xf32>,
        tensor<2x7x3x4xf32>, tensor<2x7x2x4xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C3
func.func @dynamic_groups(%u: tensor<2x6x7xf32>, %A: tensor<6x4xf32>,
                          %B: tensor<2x?x4x7xf32>) {
  // expected-error@+1 {{expects B with a static ngroups, got 'tensor<2x?x4x7xf32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %B layout channel_major
      : tensor<2x6x7xf32>, tensor<2x6x7xf32>, tensor<6x4xf32>,
        tensor<2x?x4x7xf32>, tensor<2x?x4x7xf32> -> tensor<2x6x7xf32>
  return
}

// -----

// C4
func.func @groups(%u: tensor<2x7x6xf32>, %A: tensor<6x4xf32>, %B: tensor<2x7x4x4xf32>) {
  // expected-error@+1 {{expects an ngroups that divides dim = 6, got B of type 'tensor<2x7x4x4xf32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %B
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x4xf32>,
        tensor<2x7x4x4xf32>, tensor<2x7x4x4xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C5
func.func @D(%u: tensor<2x7x6xf32>, %A: tensor<6x4xf32>, %B: tensor<2x7x4xf32>,
             %D: tensor<7xf32>) {
  // expected-error@+1 {{expects D of shape (dim = 6), got 'tensor<7xf32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %B D(%D : tensor<7xf32>)
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x4xf32>,
        tensor<2x7x4xf32>, tensor<2x7x4xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C5
func.func @delta_bias(%u: tensor<2x7x6xf32>, %A: tensor<6x4xf32>,
                      %B: tensor<2x7x4xf32>, %bias: tensor<6x1xf32>) {
  // expected-error@+1 {{expects delta_bias of shape (dim = 6), got 'tensor<6x1xf32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %B delta_bias(%bias : tensor<6x1xf32>)
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x4xf32>,
        tensor<2x7x4xf32>, tensor<2x7x4xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C6
func.func @initial_state(%u: tensor<2x7x6xf32>, %A: tensor<6x4xf32>,
                         %B: tensor<2x7x4xf32>, %h: tensor<2x4x6xf32>) {
  // expected-error@+1 {{expects initial_state of shape (batch = 2, dim = 6, dstate = 4), got 'tensor<2x4x6xf32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %B initial_state(%h : tensor<2x4x6xf32>)
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x4xf32>,
        tensor<2x7x4xf32>, tensor<2x7x4xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C6
func.func @last_state(%u: tensor<2x7x6xf32>, %A: tensor<6x4xf32>, %B: tensor<2x7x4xf32>) {
  // expected-error@+1 {{expects last_state of shape (batch = 2, dim = 6, dstate = 4), got 'tensor<1x6x4xf32>'}}
  %out, %last = ssm.selective_scan %u, %u, %A, %B, %B
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x4xf32>,
        tensor<2x7x4xf32>, tensor<2x7x4xf32> -> tensor<2x7x6xf32>, tensor<1x6x4xf32>
  return
}

// -----

// C6
func.func @state_types(%u: tensor<1x7x6xf32>, %A: tensor<6x4xf32>,
    %B: tensor<1x7x4xf32>, %h: tensor<1x6x4xf32>) {
  // expected-error@+1 {{expects initial_state and last_state of one element type, got 'f32' and 'bf16'}}
  %out, %last = ssm.selective_scan %u, %u, %A, %B, %B initial_state(%h : tensor<1x6x4xf32>)
      : tensor<1x7x6xf32>, tensor<1x7x6xf32>, tensor<6x4xf32>,
        tensor<1x7x4xf32>, tensor<1x7x4xf32> -> tensor<1x7x6xf32>, tensor<1x6x4xbf16>
  return
}

// -----

// C7
func.func @packed_states(%u: tensor<1x7x6xf32>, %A: tensor<6x4xf32>,
    %B: tensor<1x7x4xf32>, %h: tensor<2x6x4xf32>, %cu: tensor<4xi32>) {
  // expected-error@+1 {{expects cu_seqlens of shape (nseqs+1 = 3), got 'tensor<4xi32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %B initial_state(%h : tensor<2x6x4xf32>)
      cu_seqlens(%cu : tensor<4xi32>)
      : tensor<1x7x6xf32>, tensor<1x7x6xf32>, tensor<6x4xf32>,
        tensor<1x7x4xf32>, tensor<1x7x4xf32> -> tensor<1x7x6xf32>
  return
}

// -----

// C7
func.func @packed_batch(%u: tensor<2x7x6xf32>, %A: tensor<6x4xf32>,
    %B: tensor<2x7x4xf32>, %cu: tensor<4xi32>) {
  // expected-error@+1 {{expects a batch of 1 in layout token_major with cu_seqlens, got 'tensor<2x7x6xf32>' in layout token_major}}
  %out = ssm.selective_scan %u, %u, %A, %B, %B cu_seqlens(%cu : tensor<4xi32>)
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x4xf32>,
        tensor<2x7x4xf32>, tensor<2x7x4xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C7
func.func @packed_layout(%u: tensor<1x6x7xf32>, %A: tensor<6x4xf32>,
    %B: tensor<1x4x7xf32>, %cu: tensor<4xi32>) {
  // expected-error@+1 {{expects a batch of 1 in layout token_major with cu_seqlens, got 'tensor<1x6x7xf32>' in layout channel_major}}
  %out = ssm.selective_scan %u, %u, %A, %B, %B cu_seqlens(%cu : tensor<4xi32>) layout channel_major
      : tensor<1x6x7xf32>, tensor<1x6x7xf32>, tensor<6x4xf32>,
        tensor<1x4x7xf32>, tensor<1x4x7xf32> -> tensor<1x6x7xf32>
  return
}

// -----

// C8
func.func @limits_order(%u: tensor<1x7x6xf32>, %A: tensor<6x4xf32>,
    %B: tensor<1x7x4xf32>) {
  // expected-error@+1 {{expects delta_limits to be two numbers, the first not above the second, got }}
  %out = ssm.selective_scan %u, %u, %A, %B, %B delta_limits [0.1, 0.001]
      : tensor<1x7x6xf32>, tensor<1x7x6xf32>, tensor<6x4xf32>,
        tensor<1x7x4xf32>, tensor<1x7x4xf32> -> tensor<1x7x6xf32>
  return
}

// -----

// C8
func.func @limits_count(%u: tensor<1x7x6xf32>, %A: tensor<6x4xf32>,
    %B: tensor<1x7x4xf32>) {
  // expected-error@+1 {{expects delta_limits to be two numbers, the first not above the second, got }}
  %out = ssm.selective_scan %u, %u, %A, %B, %B delta_limits [0.1]
      : tensor<1x7x6xf32>, tensor<1x7x6xf32>, tensor<6x4xf32>,
        tensor<1x7x4xf32>, tensor<1x7x4xf32> -> tensor<1x7x6xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// causal_conv1d
//===----------------------------------------------------------------------===//

// C1
func.func @conv_x(%x: tensor<7x6xf32>, %weight: tensor<6x4xf32>) {
  // expected-error@+1 {{'ssm.causal_conv1d' op expects x of shape (batch, seqlen, dim), got 'tensor<7x6xf32>'}}
  %y = ssm.causal_conv1d %x, %weight
      : tensor<7x6xf32>, tensor<6x4xf32> -> tensor<7x6xf32>
  return
}

// -----

// C1
func.func @conv_y(%x: tensor<2x7x6xf32>, %weight: tensor<6x4xf32>) {
  // expected-error@+1 {{expects y of shape (batch = 2, seqlen = 7, dim = 6), got 'tensor<2x4x6xf32>'}}
  %y = ssm.causal_conv1d %x, %weight
      : tensor<2x7x6xf32>, tensor<6x4xf32> -> tensor<2x4x6xf32>
  return
}

// -----

// C1
func.func @conv_dynamic_dim(%x: tensor<2x7x?xf32>, %weight: tensor<6x4xf32>) {
  // expected-error@+1 {{expects x with a static dim, got 'tensor<2x7x?xf32>'}}
  %y = ssm.causal_conv1d %x, %weight
      : tensor<2x7x?xf32>, tensor<6x4xf32> -> tensor<2x7x?xf32>
  return
}

// -----

// C2
func.func @conv_weight(%x: tensor<2x7x6xf32>, %weight: tensor<6x1x4xf32>) {
  // expected-error@+1 {{expects weight of shape (dim = 6, width), got 'tensor<6x1x4xf32>'}}
  %y = ssm.causal_conv1d %x, %weight
      : tensor<2x7x6xf32>, tensor<6x1x4xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C2
func.func @conv_dynamic_width(%x: tensor<2x7x6xf32>, %weight: tensor<6x?xf32>) {
  // expected-error@+1 {{expects weight with a static width, got 'tensor<6x?xf32>'}}
  %y = ssm.causal_conv1d %x, %weight
      : tensor<2x7x6xf32>, tensor<6x?xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C2
func.func @conv_width(%x: tensor<2x7x6xf32>, %weight: tensor<6x9xf32>) {
  // expected-error@+1 {{expects a width from 2 to 8, got 9}}
  %y = ssm.causal_conv1d %x, %weight
      : tensor<2x7x6xf32>, tensor<6x9xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C3
func.func @conv_bias(%x: tensor<2x7x6xf32>, %weight: tensor<6x4xf32>, %bias: tensor<4xf32>) {
  // expected-error@+1 {{expects bias of shape (dim = 6), got 'tensor<4xf32>'}}
  %y = ssm.causal_conv1d %x, %weight bias(%bias : tensor<4xf32>)
      : tensor<2x7x6xf32>, tensor<6x4xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C4
func.func @conv_initial(%x: tensor<2x7x6xf32>, %weight: tensor<6x4xf32>,
                        %state: tensor<2x4x6xf32>) {
  // expected-error@+1 {{expects initial_state of shape (batch = 2, width-1 = 3, dim = 6), got 'tensor<2x4x6xf32>'}}
  %y = ssm.causal_conv1d %x, %weight initial_state(%state : tensor<2x4x6xf32>)
      : tensor<2x7x6xf32>, tensor<6x4xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C4
func.func @conv_final(%x: tensor<2x7x6xf32>, %weight: tensor<6x4xf32>) {
  // expected-error@+1 {{expects final_state of shape (batch = 2, width-1 = 3, dim = 6), got 'tensor<2x6x3xf32>'}}
  %y, %next = ssm.causal_conv1d %x, %weight
      : tensor<2x7x6xf32>, tensor<6x4xf32> -> tensor<2x7x6xf32>, tensor<2x6x3xf32>
  return
}

// -----

// C4
func.func @conv_state_types(%x: tensor<2x7x6xf32>, %weight: tensor<6x4xf32>,
                            %state: tensor<2x3x6xf32>) {
  // expected-error@+1 {{expects initial_state and final_state of one element type, got 'f32' and 'bf16'}}
  %y, %next = ssm.causal_conv1d %x, %weight
      initial_state(%state : tensor<2x3x6xf32>)
      : tensor<2x7x6xf32>, tensor<6x4xf32> -> tensor<2x7x6xf32>, tensor<2x3x6xbf16>
  return
}

// -----

// C5
func.func @conv_packed(%x: tensor<1x7x6xf32>, %weight: tensor<6x4xf32>,
                       %state: tensor<2x3x6xf32>, %cu: tensor<4xi32>) {
  // expected-error@+1 {{expects cu_seqlens of shape (nseqs+1 = 3), got 'tensor<4xi32>'}}
  %y = ssm.causal_conv1d %x, %weight initial_state(%state : tensor<2x3x6xf32>)
      cu_seqlens(%cu : tensor<4xi32>)
      : tensor<1x7x6xf32>, tensor<6x4xf32> -> tensor<1x7x6xf32>
  return
}

// -----

// C5
func.func @conv_packed_batch(%x: tensor<2x7x6xf32>, %weight: tensor<6x4xf32>,
                             %cu: tensor<4xi32>) {
  // expected-error@+1 {{expects a batch of 1 in layout token_major with cu_seqlens, got 'tensor<2x7x6xf32>' in layout token_major}}
  %y = ssm.causal_conv1d %x, %weight cu_seqlens(%cu : tensor<4xi32>)
      : tensor<2x7x6xf32>, tensor<6x4xf32> -> tensor<2x7x6xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// rms_norm
//===----------------------------------------------------------------------===//

// C1
func.func @norm_rank(%x: tensor<8xf32>, %weight: tensor<8xf32>) {
  // expected-error@+1 {{'ssm.rms_norm' op expects x of rank 2 or more with a static last dimension, got 'tensor<8xf32>'}}
  %y = ssm.rms_norm %x, %weight eps 1.0e-5
      : tensor<8xf32>, tensor<8xf32> -> tensor<8xf32>
  return
}

// -----

// C1
func.func @norm_dynamic(%x: tensor<5x?xf32>, %weight: tensor<8xf32>) {
  // expected-error@+1 {{expects x of rank 2 or more with a static last dimension, got 'tensor<5x?xf32>'}}
  %y = ssm.rms_norm %x, %weight eps 1.0e-5
      : tensor<5x?xf32>, tensor<8xf32> -> tensor<5x?xf32>
  return
}

// -----

// C1
func.func @norm_y(%x: tensor<5x8xf32>, %weight: tensor<8xf32>) {
  // expected-error@+1 {{expects y of x's shape, 'tensor<5x8xf32>', got 'tensor<4x8xf32>'}}
  %y = ssm.rms_norm %x, %weight eps 1.0e-5
      : tensor<5x8xf32>, tensor<8xf32> -> tensor<4x8xf32>
  return
}

// -----

// C1
func.func @norm_residual(%x: tensor<5x8xf32>, %weight: tensor<8xf32>, %r: tensor<5x1xf32>) {
  // expected-error@+1 {{expects residual of x's shape, 'tensor<5x8xf32>', got 'tensor<5x1xf32>'}}
  %y = ssm.rms_norm %x, %weight residual(%r : tensor<5x1xf32>) eps 1.0e-5
      : tensor<5x8xf32>, tensor<8xf32> -> tensor<5x8xf32>
  return
}

// -----

// C1
func.func @norm_residual_out(%x: tensor<5x8xf32>, %weight: tensor<8xf32>) {
  // expected-error@+1 {{expects residual_out of x's shape, 'tensor<5x8xf32>', got 'tensor<8x5xf32>'}}
  %y, %r = ssm.rms_norm %x, %weight eps 1.0e-5
      : tensor<5x8xf32>, tensor<8xf32> -> tensor<5x8xf32>, tensor<8x5xf32>
  return
}

// -----

// C2
func.func @norm_weight(%x: tensor<5x8xf32>, %weight: tensor<5xf32>) {
  // expected-error@+1 {{expects weight of shape (dim = 8), got 'tensor<5xf32>'}}
  %y = ssm.rms_norm %x, %weight eps 1.0e-5
      : tensor<5x8xf32>, tensor<5xf32> -> tensor<5x8xf32>
  return
}

// -----

// C3
func.func @norm_eps(%x: tensor<5x8xf32>, %weight: tensor<8xf32>) {
  // expected-error@+1 {{expects a positive eps, got 0.000000e+00}}
  %y = ssm.rms_norm %x, %weight eps 0.0
      : tensor<5x8xf32>, tensor<8xf32> -> tensor<5x8xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// softplus, silu
//===----------------------------------------------------------------------===//

// C1
func.func @softplus(%x: i32) {
  // expected-error@+1 {{'ssm.softplus' op operand #0 must be floating-point-like, but got 'i32'}}
  %y = ssm.softplus %x : i32
  return
}

// -----

// C1
func.func @silu(%x: tensor<4xf32>) {
  // expected-error@+1 {{'ssm.silu' op requires the same type for all operands and results}}
  %y = "ssm.silu"(%x) : (tensor<4xf32>) -> tensor<4xbf16>
  return
}

// -----

//===----------------------------------------------------------------------===//
// State slots
//===----------------------------------------------------------------------===//

// C9
func.func @scan_slots(%u: tensor<2x7x6xf32>, %A: tensor<6x4xf32>, %B: tensor<2x7x4xf32>,
                      %pool: tensor<5x6x4xf32>, %slots: tensor<5xi32>) {
  // expected-error@+1 {{expects state_slots of shape (batch = 2), got 'tensor<5xi32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %B initial_state(%pool : tensor<5x6x4xf32>)
      state_slots(%slots : tensor<5xi32>)
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x4xf32>,
        tensor<2x7x4xf32>, tensor<2x7x4xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C9
func.func @scan_slots_packed(%u: tensor<1x7x6xf32>, %A: tensor<6x4xf32>, %B: tensor<1x7x4xf32>,
                      %pool: tensor<5x6x4xf32>, %cu: tensor<3xi32>, %slots: tensor<3xi32>) {
  // expected-error@+1 {{expects cu_seqlens of shape (nseqs+1 = 4), got 'tensor<3xi32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %B initial_state(%pool : tensor<5x6x4xf32>)
      cu_seqlens(%cu : tensor<3xi32>) state_slots(%slots : tensor<3xi32>)
      : tensor<1x7x6xf32>, tensor<1x7x6xf32>, tensor<6x4xf32>,
        tensor<1x7x4xf32>, tensor<1x7x4xf32> -> tensor<1x7x6xf32>
  return
}

// -----

// C9
func.func @scan_slots_alone(%u: tensor<2x7x6xf32>, %A: tensor<6x4xf32>, %B: tensor<2x7x4xf32>,
                            %slots: tensor<2xi32>) {
  // expected-error@+1 {{expects an initial_state, the pool, with state_slots}}
  %out = ssm.selective_scan %u, %u, %A, %B, %B state_slots(%slots : tensor<2xi32>)
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x4xf32>,
        tensor<2x7x4xf32>, tensor<2x7x4xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C6
func.func @scan_pool(%u: tensor<2x7x6xf32>, %A: tensor<6x4xf32>, %B: tensor<2x7x4xf32>,
                     %pool: tensor<5x6x4xf32>, %slots: tensor<2xi32>) {
  // expected-error@+1 {{expects last_state of shape (nslots = 5, dim = 6, dstate = 4), got 'tensor<2x6x4xf32>'}}
  %out, %last = ssm.selective_scan %u, %u, %A, %B, %B initial_state(%pool : tensor<5x6x4xf32>)
      state_slots(%slots : tensor<2xi32>)
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x4xf32>,
        tensor<2x7x4xf32>, tensor<2x7x4xf32> -> tensor<2x7x6xf32>, tensor<2x6x4xf32>
  return
}

// -----

// C7
func.func @no_sequence(%u: tensor<1x7x6xf32>, %A: tensor<6x4xf32>, %B: tensor<1x7x4xf32>,
                       %cu: tensor<1xi32>) {
  // expected-error@+1 {{expects cu_seqlens of one sequence at least, got 'tensor<1xi32>'}}
  %out = ssm.selective_scan %u, %u, %A, %B, %B cu_seqlens(%cu : tensor<1xi32>)
      : tensor<1x7x6xf32>, tensor<1x7x6xf32>, tensor<6x4xf32>,
        tensor<1x7x4xf32>, tensor<1x7x4xf32> -> tensor<1x7x6xf32>
  return
}

// -----

// C6 of causal_conv1d
func.func @conv_slots(%x: tensor<2x7x6xf32>, %weight: tensor<6x4xf32>,
                      %pool: tensor<5x3x6xf32>, %slots: tensor<5xi32>) {
  // expected-error@+1 {{expects state_slots of shape (batch = 2), got 'tensor<5xi32>'}}
  %y = ssm.causal_conv1d %x, %weight initial_state(%pool : tensor<5x3x6xf32>)
      state_slots(%slots : tensor<5xi32>) : tensor<2x7x6xf32>, tensor<6x4xf32> -> tensor<2x7x6xf32>
  return
}

// -----

// C6 of causal_conv1d
func.func @conv_slots_alone(%x: tensor<2x7x6xf32>, %weight: tensor<6x4xf32>, %slots: tensor<2xi32>) {
  // expected-error@+1 {{expects an initial_state, the pool, with state_slots}}
  %y = ssm.causal_conv1d %x, %weight state_slots(%slots : tensor<2xi32>)
      : tensor<2x7x6xf32>, tensor<6x4xf32> -> tensor<2x7x6xf32>
  return
}
