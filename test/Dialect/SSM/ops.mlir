// Every op in every form prints as it parses, through text and bytecode. The
// ops named as in the descriptions are the examples of these.

// RUN: ssmc-opt %s --verify-roundtrip | FileCheck %s

// CHECK: module attributes {ssm.model = {vocab_size = 256 : i64}}
module attributes {ssm.model = {vocab_size = 256 : i64}} {

// CHECK-LABEL: func @pad(%{{.*}}: tensor<?x?xi32> {ssm.dims = ["batch", "seqlen"], ssm.name = "ids"}) -> (tensor<?x?xi32> {ssm.name = "ids"})
func.func @pad(%ids: tensor<?x?xi32> {ssm.dims = ["batch", "seqlen"], ssm.name = "ids"})
    -> (tensor<?x?xi32> {ssm.name = "ids"}) {
  return %ids : tensor<?x?xi32>
}

//===----------------------------------------------------------------------===//
// Scan
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @selective_scan
// CHECK: ssm.selective_scan %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} D(%{{.*}} : tensor<512xf32>) z(%{{.*}} : tensor<?x?x512xf32>) delta_bias(%{{.*}} : tensor<512xf32>) delta_softplus initial_state(%{{.*}} : tensor<?x512x16xf32>) : tensor<?x?x512xf32>, tensor<?x?x512xf32>, tensor<512x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32> -> tensor<?x?x512xf32>, tensor<?x512x16xf32>
func.func @selective_scan(
    %u: tensor<?x?x512xf32>, %delta: tensor<?x?x512xf32>,
    %A: tensor<512x16xf32>, %B: tensor<?x?x16xf32>, %C: tensor<?x?x16xf32>,
    %D: tensor<512xf32>, %z: tensor<?x?x512xf32>, %bias: tensor<512xf32>,
    %h: tensor<?x512x16xf32>) -> (tensor<?x?x512xf32>, tensor<?x512x16xf32>) {
  %out, %last = ssm.selective_scan %u, %delta, %A, %B, %C
      D(%D : tensor<512xf32>) z(%z : tensor<?x?x512xf32>)
      delta_bias(%bias : tensor<512xf32>) delta_softplus
      initial_state(%h : tensor<?x512x16xf32>)
      : tensor<?x?x512xf32>, tensor<?x?x512xf32>, tensor<512x16xf32>,
        tensor<?x?x16xf32>, tensor<?x?x16xf32>
      -> tensor<?x?x512xf32>, tensor<?x512x16xf32>
  return %out, %last : tensor<?x?x512xf32>, tensor<?x512x16xf32>
}

// CHECK-LABEL: func @selective_scan_plain
// CHECK: ssm.selective_scan %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : tensor<2x7x6xbf16>, tensor<2x7x6xf32>, tensor<6x4xf32>, tensor<2x7x4xbf16>, tensor<6x4xf16> -> tensor<2x7x6xbf16>
func.func @selective_scan_plain(
    %u: tensor<2x7x6xbf16>, %delta: tensor<2x7x6xf32>, %A: tensor<6x4xf32>,
    %B: tensor<2x7x4xbf16>, %C: tensor<6x4xf16>) -> tensor<2x7x6xbf16> {
  %out = ssm.selective_scan %u, %delta, %A, %B, %C
      : tensor<2x7x6xbf16>, tensor<2x7x6xf32>, tensor<6x4xf32>,
        tensor<2x7x4xbf16>, tensor<6x4xf16> -> tensor<2x7x6xbf16>
  return %out : tensor<2x7x6xbf16>
}

// CHECK-LABEL: func @selective_scan_groups
// CHECK: ssm.selective_scan {{.*}} : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x4xf32>, tensor<2x7x3x4xf32>, tensor<2x7x3x4xf32> -> tensor<2x7x6xf32>
func.func @selective_scan_groups(
    %u: tensor<2x7x6xf32>, %delta: tensor<2x7x6xf32>, %A: tensor<6x4xf32>,
    %B: tensor<2x7x3x4xf32>, %C: tensor<2x7x3x4xf32>) -> tensor<2x7x6xf32> {
  %out = ssm.selective_scan %u, %delta, %A, %B, %C
      : tensor<2x7x6xf32>, tensor<2x7x6xf32>, tensor<6x4xf32>,
        tensor<2x7x3x4xf32>, tensor<2x7x3x4xf32> -> tensor<2x7x6xf32>
  return %out : tensor<2x7x6xf32>
}

// CHECK-LABEL: func @selective_scan_packed
// CHECK: ssm.selective_scan {{.*}} delta_softplus delta_limits [1.000000e-03, 1.000000e-01] initial_state(%{{.*}} : tensor<?x6x4xbf16>) cu_seqlens(%{{.*}} : tensor<?xi32>) reverse : tensor<1x?x6xf32>, tensor<1x?x6xf32>, tensor<6x4xf32>, tensor<1x?x4xf32>, tensor<1x?x4xf32> -> tensor<1x?x6xf32>, tensor<?x6x4xbf16>
func.func @selective_scan_packed(
    %u: tensor<1x?x6xf32>, %A: tensor<6x4xf32>, %B: tensor<1x?x4xf32>,
    %h: tensor<?x6x4xbf16>, %cu: tensor<?xi32>)
    -> (tensor<1x?x6xf32>, tensor<?x6x4xbf16>) {
  %out, %last = ssm.selective_scan %u, %u, %A, %B, %B
      delta_softplus delta_limits [0.001, 0.1]
      initial_state(%h : tensor<?x6x4xbf16>) cu_seqlens(%cu : tensor<?xi32>)
      reverse
      : tensor<1x?x6xf32>, tensor<1x?x6xf32>, tensor<6x4xf32>,
        tensor<1x?x4xf32>, tensor<1x?x4xf32>
      -> tensor<1x?x6xf32>, tensor<?x6x4xbf16>
  return %out, %last : tensor<1x?x6xf32>, tensor<?x6x4xbf16>
}

// CHECK-LABEL: func @selective_scan_complex(
// CHECK: ssm.selective_scan %{{.*}} : tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<64x8x2xf32>, tensor<?x?x8x2xf32>, tensor<64x8x2xf32> -> tensor<?x?x64xf32>
// CHECK: initial_state(%{{.*}} : tensor<?x64x8x2xbf16>) layout channel_major : {{.*}}, tensor<?x4x8x?x2xf32>, tensor<?x8x?x2xf32> -> tensor<?x64x?xf32>, tensor<?x64x8x2xbf16>
func.func @selective_scan_complex(
    %u: tensor<?x?x64xf32>, %delta: tensor<?x?x64xf32>,
    %A: tensor<64x8x2xf32>, %B: tensor<?x?x8x2xf32>, %C: tensor<64x8x2xf32>,
    %v: tensor<?x64x?xf32>, %E: tensor<?x4x8x?x2xf32>,
    %F: tensor<?x8x?x2xf32>, %h: tensor<?x64x8x2xbf16>)
    -> (tensor<?x?x64xf32>, tensor<?x64x?xf32>, tensor<?x64x8x2xbf16>) {
  %out = ssm.selective_scan %u, %delta, %A, %B, %C
      : tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<64x8x2xf32>,
        tensor<?x?x8x2xf32>, tensor<64x8x2xf32> -> tensor<?x?x64xf32>
  %w, %last = ssm.selective_scan %v, %v, %A, %E, %F
      initial_state(%h : tensor<?x64x8x2xbf16>) layout channel_major
      : tensor<?x64x?xf32>, tensor<?x64x?xf32>, tensor<64x8x2xf32>,
        tensor<?x4x8x?x2xf32>, tensor<?x8x?x2xf32>
      -> tensor<?x64x?xf32>, tensor<?x64x8x2xbf16>
  return %out, %w, %last
      : tensor<?x?x64xf32>, tensor<?x64x?xf32>, tensor<?x64x8x2xbf16>
}

// CHECK-LABEL: func @selective_scan_channel_major
// CHECK: ssm.selective_scan {{.*}} layout channel_major : tensor<2x6x7xf32>, tensor<2x6x7xf32>, tensor<6x4xf32>, tensor<2x3x4x7xf32>, tensor<2x4x7xf32> -> tensor<2x6x7xf32>, tensor<2x6x4xf32>
func.func @selective_scan_channel_major(
    %u: tensor<2x6x7xf32>, %delta: tensor<2x6x7xf32>, %A: tensor<6x4xf32>,
    %B: tensor<2x3x4x7xf32>, %C: tensor<2x4x7xf32>)
    -> (tensor<2x6x7xf32>, tensor<2x6x4xf32>) {
  %out, %last = ssm.selective_scan %u, %delta, %A, %B, %C layout channel_major
      : tensor<2x6x7xf32>, tensor<2x6x7xf32>, tensor<6x4xf32>,
        tensor<2x3x4x7xf32>, tensor<2x4x7xf32>
      -> tensor<2x6x7xf32>, tensor<2x6x4xf32>
  return %out, %last : tensor<2x6x7xf32>, tensor<2x6x4xf32>
}

//===----------------------------------------------------------------------===//
// Convolution, normalization, scalar functions
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @causal_conv1d
// CHECK: ssm.causal_conv1d %{{.*}}, %{{.*}} bias(%{{.*}} : tensor<512xf32>) initial_state(%{{.*}} : tensor<?x3x512xf32>) activation silu : tensor<?x?x512xf32>, tensor<512x4xbf16> -> tensor<?x?x512xf32>, tensor<?x3x512xf32>
func.func @causal_conv1d(
    %x: tensor<?x?x512xf32>, %weight: tensor<512x4xbf16>, %bias: tensor<512xf32>,
    %state: tensor<?x3x512xf32>) -> (tensor<?x?x512xf32>, tensor<?x3x512xf32>) {
  %y, %next = ssm.causal_conv1d %x, %weight bias(%bias : tensor<512xf32>)
      initial_state(%state : tensor<?x3x512xf32>) activation silu
      : tensor<?x?x512xf32>, tensor<512x4xbf16>
      -> tensor<?x?x512xf32>, tensor<?x3x512xf32>
  return %y, %next : tensor<?x?x512xf32>, tensor<?x3x512xf32>
}

// CHECK-LABEL: func @selective_scan_slots
// CHECK: ssm.selective_scan {{.*}} initial_state(%{{.*}} : tensor<?x6x4xf32>) cu_seqlens(%{{.*}} : tensor<3xi32>) state_slots(%{{.*}} : tensor<2xi32>) : tensor<1x?x6xf32>
func.func @selective_scan_slots(
    %u: tensor<1x?x6xf32>, %A: tensor<6x4xf32>, %B: tensor<1x?x4xf32>,
    %pool: tensor<?x6x4xf32>, %cu: tensor<3xi32>, %slots: tensor<2xi32>)
    -> tensor<?x6x4xf32> {
  %out, %last = ssm.selective_scan %u, %u, %A, %B, %B
      initial_state(%pool : tensor<?x6x4xf32>) cu_seqlens(%cu : tensor<3xi32>)
      state_slots(%slots : tensor<2xi32>)
      : tensor<1x?x6xf32>, tensor<1x?x6xf32>, tensor<6x4xf32>,
        tensor<1x?x4xf32>, tensor<1x?x4xf32>
      -> tensor<1x?x6xf32>, tensor<?x6x4xf32>
  return %last : tensor<?x6x4xf32>
}

// CHECK-LABEL: func @slice
// CHECK: ssm.slice %{{.*}} dim 2 offset 3 step 2 : tensor<?x?x140xf32> -> tensor<?x?x64xf32>
func.func @slice(%x: tensor<?x?x140xf32>) -> tensor<?x?x64xf32> {
  %y = ssm.slice %x dim 2 offset 3 step 2
      : tensor<?x?x140xf32> -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func @causal_conv1d_slots
// CHECK: ssm.causal_conv1d %{{.*}}, %{{.*}} initial_state(%{{.*}} : tensor<9x3x6xf32>) state_slots(%{{.*}} : tensor<?xi32>) : tensor<?x?x6xf32>
func.func @causal_conv1d_slots(
    %x: tensor<?x?x6xf32>, %weight: tensor<6x4xf32>, %pool: tensor<9x3x6xf32>,
    %slots: tensor<?xi32>) -> tensor<9x3x6xf32> {
  %y, %next = ssm.causal_conv1d %x, %weight
      initial_state(%pool : tensor<9x3x6xf32>) state_slots(%slots : tensor<?xi32>)
      : tensor<?x?x6xf32>, tensor<6x4xf32>
      -> tensor<?x?x6xf32>, tensor<9x3x6xf32>
  return %next : tensor<9x3x6xf32>
}

// CHECK-LABEL: func @causal_conv1d_packed
// CHECK: ssm.causal_conv1d %{{.*}}, %{{.*}} initial_state(%{{.*}} : tensor<?x3x6xf32>) cu_seqlens(%{{.*}} : tensor<?xi32>) : tensor<1x?x6xf32>, tensor<6x4xf32> -> tensor<1x?x6xf32>, tensor<?x3x6xf32>
func.func @causal_conv1d_packed(
    %x: tensor<1x?x6xf32>, %weight: tensor<6x4xf32>,
    %state: tensor<?x3x6xf32>, %cu: tensor<?xi32>)
    -> (tensor<1x?x6xf32>, tensor<?x3x6xf32>) {
  %y, %next = ssm.causal_conv1d %x, %weight
      initial_state(%state : tensor<?x3x6xf32>) cu_seqlens(%cu : tensor<?xi32>)
      : tensor<1x?x6xf32>, tensor<6x4xf32>
      -> tensor<1x?x6xf32>, tensor<?x3x6xf32>
  return %y, %next : tensor<1x?x6xf32>, tensor<?x3x6xf32>
}

// CHECK-LABEL: func @causal_conv1d_channel_major
// CHECK: ssm.causal_conv1d %{{.*}}, %{{.*}} layout channel_major : tensor<2x6x7xf32>, tensor<6x4xf32> -> tensor<2x6x7xf32>
func.func @causal_conv1d_channel_major(
    %x: tensor<2x6x7xf32>, %weight: tensor<6x4xf32>) -> tensor<2x6x7xf32> {
  %y = ssm.causal_conv1d %x, %weight layout channel_major
      : tensor<2x6x7xf32>, tensor<6x4xf32> -> tensor<2x6x7xf32>
  return %y : tensor<2x6x7xf32>
}

// CHECK-LABEL: func @causal_conv1d_plain
// CHECK: ssm.causal_conv1d %{{.*}}, %{{.*}} : tensor<1x?x8xf16>, tensor<8x2xf16> -> tensor<1x?x8xf16>
func.func @causal_conv1d_plain(%x: tensor<1x?x8xf16>, %weight: tensor<8x2xf16>)
    -> tensor<1x?x8xf16> {
  %y = ssm.causal_conv1d %x, %weight activation none
      : tensor<1x?x8xf16>, tensor<8x2xf16> -> tensor<1x?x8xf16>
  return %y : tensor<1x?x8xf16>
}

// CHECK-LABEL: func @rms_norm
// CHECK: ssm.rms_norm %{{.*}}, %{{.*}} residual(%{{.*}} : tensor<?x?x256xf32>) eps 9.99999974E-6 : tensor<?x?x256xbf16>, tensor<256xf32> -> tensor<?x?x256xbf16>, tensor<?x?x256xf32>
func.func @rms_norm(%x: tensor<?x?x256xbf16>, %weight: tensor<256xf32>,
                    %r0: tensor<?x?x256xf32>)
    -> (tensor<?x?x256xbf16>, tensor<?x?x256xf32>) {
  %y, %r = ssm.rms_norm %x, %weight residual(%r0 : tensor<?x?x256xf32>) eps 1.0e-5
      : tensor<?x?x256xbf16>, tensor<256xf32>
      -> tensor<?x?x256xbf16>, tensor<?x?x256xf32>
  return %y, %r : tensor<?x?x256xbf16>, tensor<?x?x256xf32>
}

// CHECK-LABEL: func @rms_norm_plain
// CHECK: ssm.rms_norm %{{.*}}, %{{.*}} eps {{.*}} : tensor<5x8xf32>, tensor<8xf16> -> tensor<5x8xf32>
func.func @rms_norm_plain(%x: tensor<5x8xf32>, %weight: tensor<8xf16>)
    -> tensor<5x8xf32> {
  %y = ssm.rms_norm %x, %weight eps 1.0e-5
      : tensor<5x8xf32>, tensor<8xf16> -> tensor<5x8xf32>
  return %y : tensor<5x8xf32>
}

// CHECK-LABEL: func @cis
// CHECK: %{{.*}}, %{{.*}} = ssm.cis %{{.*}} : f32
func.func @cis(%turns: f32) -> (f32, f32) {
  %cos, %sin = ssm.cis %turns : f32
  return %cos, %sin : f32, f32
}

// CHECK-LABEL: func @scalar_functions
// CHECK: ssm.softplus %{{.*}} : f32
// CHECK: ssm.silu %{{.*}} : tensor<?x?x512xf32>
func.func @scalar_functions(%x: f32, %z: tensor<?x?x512xf32>)
    -> (f32, tensor<?x?x512xf32>) {
  %dt = ssm.softplus %x : f32
  %g = ssm.silu %z : tensor<?x?x512xf32>
  return %dt, %g : f32, tensor<?x?x512xf32>
}

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

// CHECK: ssm.parameter @backbone.norm_f.weight : tensor<256xf32>
ssm.parameter @"backbone.norm_f.weight" : tensor<256xf32>

// CHECK: ssm.state @layers.0.ssm_state : tensor<?x512x16xf32>
ssm.state @"layers.0.ssm_state" : tensor<?x512x16xf32>

// CHECK-LABEL: func @parameter_and_state
// CHECK: ssm.get_parameter @backbone.norm_f.weight : tensor<256xf32>
// CHECK: ssm.get_state @layers.0.ssm_state : tensor<?x512x16xf32>
// CHECK: ssm.set_state @layers.0.ssm_state, %{{.*}} : tensor<?x512x16xf32>
func.func @parameter_and_state(%last: tensor<?x512x16xf32>)
    -> (tensor<256xf32>, tensor<?x512x16xf32>) {
  %w = ssm.get_parameter @"backbone.norm_f.weight" : tensor<256xf32>
  %h = ssm.get_state @"layers.0.ssm_state" : tensor<?x512x16xf32>
  ssm.set_state @"layers.0.ssm_state", %last : tensor<?x512x16xf32>
  return %w, %h : tensor<256xf32>, tensor<?x512x16xf32>
}

// CHECK-LABEL: func @embedding
// CHECK: ssm.embedding %{{.*}}, %{{.*}} : tensor<?x?xi32>, tensor<256x256xbf16> -> tensor<?x?x256xf32>
func.func @embedding(%ids: tensor<?x?xi32>, %table: tensor<256x256xbf16>)
    -> tensor<?x?x256xf32> {
  %y = ssm.embedding %ids, %table
      : tensor<?x?xi32>, tensor<256x256xbf16> -> tensor<?x?x256xf32>
  return %y : tensor<?x?x256xf32>
}

// CHECK-LABEL: func @linear
// CHECK: ssm.linear %{{.*}}, %{{.*}} bias(%{{.*}} : tensor<1024xf32>) : tensor<?x?x256xf32>, tensor<1024x256xbf16> -> tensor<?x?x1024xf32>
// CHECK: ssm.linear %{{.*}}, %{{.*}} : tensor<?x?x256xf32>, tensor<1024x256xbf16> -> tensor<?x?x1024xbf16>
func.func @linear(%x: tensor<?x?x256xf32>, %weight: tensor<1024x256xbf16>,
                  %bias: tensor<1024xf32>)
    -> (tensor<?x?x1024xf32>, tensor<?x?x1024xbf16>) {
  %y = ssm.linear %x, %weight bias(%bias : tensor<1024xf32>)
      : tensor<?x?x256xf32>, tensor<1024x256xbf16> -> tensor<?x?x1024xf32>
  %plain = ssm.linear %x, %weight
      : tensor<?x?x256xf32>, tensor<1024x256xbf16> -> tensor<?x?x1024xbf16>
  return %y, %plain : tensor<?x?x1024xf32>, tensor<?x?x1024xbf16>
}

// CHECK-LABEL: func @split
// CHECK: ssm.split %{{.*}} : tensor<?x?x1024xf32> -> tensor<?x?x512xf32>, tensor<?x?x512xf32>
func.func @split(%xz: tensor<?x?x1024xf32>)
    -> (tensor<?x?x512xf32>, tensor<?x?x512xf32>) {
  %x, %z = ssm.split %xz : tensor<?x?x1024xf32>
      -> tensor<?x?x512xf32>, tensor<?x?x512xf32>
  return %x, %z : tensor<?x?x512xf32>, tensor<?x?x512xf32>
}

// CHECK-LABEL: func @last_tokens
// CHECK: ssm.last_tokens %{{.*}}, %{{.*}} : tensor<?x?x256xf32> -> tensor<?x?x256xf32>
func.func @last_tokens(%x: tensor<?x?x256xf32>, %last: index)
    -> tensor<?x?x256xf32> {
  %y = ssm.last_tokens %x, %last : tensor<?x?x256xf32> -> tensor<?x?x256xf32>
  return %y : tensor<?x?x256xf32>
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @mamba_block
// CHECK: ssm.mamba_block %{{.*}} in_proj(%{{.*}} : tensor<1024x256xbf16>) conv(%{{.*}} : tensor<512x4xf32>) conv_bias(%{{.*}} : tensor<512xf32>) x_proj(%{{.*}} : tensor<48x512xbf16>) dt_proj(%{{.*}} : tensor<512x16xbf16>) dt_bias(%{{.*}} : tensor<512xf32>) A(%{{.*}} : tensor<512x16xf32>) D(%{{.*}} : tensor<512xf32>) out_proj(%{{.*}} : tensor<256x512xbf16>) state(%{{.*}}, %{{.*}} : tensor<?x3x512xf32>, tensor<?x512x16xf32>) : tensor<?x?x256xf32> -> tensor<?x?x256xf32>, tensor<?x3x512xf32>, tensor<?x512x16xf32>
func.func @mamba_block(
    %x: tensor<?x?x256xf32>, %w_in: tensor<1024x256xbf16>,
    %w_conv: tensor<512x4xf32>, %b_conv: tensor<512xf32>,
    %w_x: tensor<48x512xbf16>, %w_dt: tensor<512x16xbf16>,
    %b_dt: tensor<512xf32>, %A: tensor<512x16xf32>, %D: tensor<512xf32>,
    %w_out: tensor<256x512xbf16>, %conv0: tensor<?x3x512xf32>,
    %ssm0: tensor<?x512x16xf32>)
    -> (tensor<?x?x256xf32>, tensor<?x3x512xf32>, tensor<?x512x16xf32>) {
  %out, %conv1, %ssm1 = ssm.mamba_block %x in_proj(%w_in : tensor<1024x256xbf16>)
      conv(%w_conv : tensor<512x4xf32>) conv_bias(%b_conv : tensor<512xf32>)
      x_proj(%w_x : tensor<48x512xbf16>) dt_proj(%w_dt : tensor<512x16xbf16>)
      dt_bias(%b_dt : tensor<512xf32>) A(%A : tensor<512x16xf32>)
      D(%D : tensor<512xf32>) out_proj(%w_out : tensor<256x512xbf16>)
      state(%conv0, %ssm0 : tensor<?x3x512xf32>, tensor<?x512x16xf32>)
      : tensor<?x?x256xf32>
      -> tensor<?x?x256xf32>, tensor<?x3x512xf32>, tensor<?x512x16xf32>
  return %out, %conv1, %ssm1
      : tensor<?x?x256xf32>, tensor<?x3x512xf32>, tensor<?x512x16xf32>
}

// CHECK-LABEL: func @mamba_block_biases
// CHECK: ssm.mamba_block %{{.*}} in_proj(%{{.*}} : tensor<12x3xf32>) in_proj_bias(%{{.*}} : tensor<12xf32>) conv(%{{.*}} : tensor<6x3xf32>) x_proj(%{{.*}} : tensor<9x6xf32>) dt_proj(%{{.*}} : tensor<6x1xf32>) dt_bias(%{{.*}} : tensor<6xf32>) A(%{{.*}} : tensor<6x4xf32>) D(%{{.*}} : tensor<6xf32>) out_proj(%{{.*}} : tensor<3x6xf32>) out_proj_bias(%{{.*}} : tensor<3xf32>) state(%{{.*}}, %{{.*}} : tensor<?x2x6xf32>, tensor<?x6x4xf32>) : tensor<?x1x3xf32> -> tensor<?x1x3xf32>, tensor<?x2x6xf32>, tensor<?x6x4xf32>
func.func @mamba_block_biases(
    %x: tensor<?x1x3xf32>, %w_in: tensor<12x3xf32>, %b_in: tensor<12xf32>,
    %w_conv: tensor<6x3xf32>, %w_x: tensor<9x6xf32>, %w_dt: tensor<6x1xf32>,
    %b_dt: tensor<6xf32>, %A: tensor<6x4xf32>, %D: tensor<6xf32>,
    %w_out: tensor<3x6xf32>, %b_out: tensor<3xf32>, %conv0: tensor<?x2x6xf32>,
    %ssm0: tensor<?x6x4xf32>) -> tensor<?x1x3xf32> {
  %out, %conv1, %ssm1 = ssm.mamba_block %x in_proj(%w_in : tensor<12x3xf32>)
      in_proj_bias(%b_in : tensor<12xf32>) conv(%w_conv : tensor<6x3xf32>)
      x_proj(%w_x : tensor<9x6xf32>) dt_proj(%w_dt : tensor<6x1xf32>)
      dt_bias(%b_dt : tensor<6xf32>) A(%A : tensor<6x4xf32>)
      D(%D : tensor<6xf32>) out_proj(%w_out : tensor<3x6xf32>)
      out_proj_bias(%b_out : tensor<3xf32>)
      state(%conv0, %ssm0 : tensor<?x2x6xf32>, tensor<?x6x4xf32>)
      : tensor<?x1x3xf32>
      -> tensor<?x1x3xf32>, tensor<?x2x6xf32>, tensor<?x6x4xf32>
  return %out : tensor<?x1x3xf32>
}

}
