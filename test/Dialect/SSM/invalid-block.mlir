// What the verifier of ssm.mamba_block refuses, in the order of the constraints.
// Apart from what a case is about, every block is the same.

// RUN: ssmc-opt %s --split-input-file --verify-diagnostics

// C1
func.func @hidden(
    %x: tensor<7x3xf32>, %w_in: tensor<12x3xf32>, %b_in: tensor<12xf32>,
    %w_conv: tensor<6x4xf32>, %b_conv: tensor<6xf32>, %w_x: tensor<9x6xf32>,
    %w_dt: tensor<6x1xf32>, %b_dt: tensor<6xf32>, %A: tensor<6x4xf32>,
    %D: tensor<6xf32>, %w_out: tensor<3x6xf32>, %b_out: tensor<3xf32>,
    %conv0: tensor<2x3x6xf32>, %ssm0: tensor<2x6x4xf32>) {
  // expected-error@+1 {{'ssm.mamba_block' op expects hidden of shape (batch, seqlen, d_model), got 'tensor<7x3xf32>'}}
  %out, %conv1, %ssm1 = ssm.mamba_block %x in_proj(%w_in : tensor<12x3xf32>) in_proj_bias(%b_in : tensor<12xf32>)
      conv(%w_conv : tensor<6x4xf32>) conv_bias(%b_conv : tensor<6xf32>)
      x_proj(%w_x : tensor<9x6xf32>) dt_proj(%w_dt : tensor<6x1xf32>)
      dt_bias(%b_dt : tensor<6xf32>) A(%A : tensor<6x4xf32>) D(%D : tensor<6xf32>)
      out_proj(%w_out : tensor<3x6xf32>) out_proj_bias(%b_out : tensor<3xf32>)
      state(%conv0, %ssm0 : tensor<2x3x6xf32>, tensor<2x6x4xf32>)
      : tensor<7x3xf32> -> tensor<2x7x3xf32>, tensor<2x3x6xf32>, tensor<2x6x4xf32>
  return
}

// -----

// C1
func.func @A(
    %x: tensor<2x7x3xf32>, %w_in: tensor<12x3xf32>, %b_in: tensor<12xf32>,
    %w_conv: tensor<6x4xf32>, %b_conv: tensor<6xf32>, %w_x: tensor<9x6xf32>,
    %w_dt: tensor<6x1xf32>, %b_dt: tensor<6xf32>, %A: tensor<6xf32>,
    %D: tensor<6xf32>, %w_out: tensor<3x6xf32>, %b_out: tensor<3xf32>,
    %conv0: tensor<2x3x6xf32>, %ssm0: tensor<2x6x4xf32>) {
  // expected-error@+1 {{expects A of shape (dim, dstate), got 'tensor<6xf32>'}}
  %out, %conv1, %ssm1 = ssm.mamba_block %x in_proj(%w_in : tensor<12x3xf32>) in_proj_bias(%b_in : tensor<12xf32>)
      conv(%w_conv : tensor<6x4xf32>) conv_bias(%b_conv : tensor<6xf32>)
      x_proj(%w_x : tensor<9x6xf32>) dt_proj(%w_dt : tensor<6x1xf32>)
      dt_bias(%b_dt : tensor<6xf32>) A(%A : tensor<6xf32>) D(%D : tensor<6xf32>)
      out_proj(%w_out : tensor<3x6xf32>) out_proj_bias(%b_out : tensor<3xf32>)
      state(%conv0, %ssm0 : tensor<2x3x6xf32>, tensor<2x6x4xf32>)
      : tensor<2x7x3xf32> -> tensor<2x7x3xf32>, tensor<2x3x6xf32>, tensor<2x6x4xf32>
  return
}

// -----

// C1
func.func @dt_proj(
    %x: tensor<2x7x3xf32>, %w_in: tensor<12x3xf32>, %b_in: tensor<12xf32>,
    %w_conv: tensor<6x4xf32>, %b_conv: tensor<6xf32>, %w_x: tensor<9x6xf32>,
    %w_dt: tensor<5x1xf32>, %b_dt: tensor<6xf32>, %A: tensor<6x4xf32>,
    %D: tensor<6xf32>, %w_out: tensor<3x6xf32>, %b_out: tensor<3xf32>,
    %conv0: tensor<2x3x6xf32>, %ssm0: tensor<2x6x4xf32>) {
  // expected-error@+1 {{expects dt_proj of shape (dim = 6, dt_rank), got 'tensor<5x1xf32>'}}
  %out, %conv1, %ssm1 = ssm.mamba_block %x in_proj(%w_in : tensor<12x3xf32>) in_proj_bias(%b_in : tensor<12xf32>)
      conv(%w_conv : tensor<6x4xf32>) conv_bias(%b_conv : tensor<6xf32>)
      x_proj(%w_x : tensor<9x6xf32>) dt_proj(%w_dt : tensor<5x1xf32>)
      dt_bias(%b_dt : tensor<6xf32>) A(%A : tensor<6x4xf32>) D(%D : tensor<6xf32>)
      out_proj(%w_out : tensor<3x6xf32>) out_proj_bias(%b_out : tensor<3xf32>)
      state(%conv0, %ssm0 : tensor<2x3x6xf32>, tensor<2x6x4xf32>)
      : tensor<2x7x3xf32> -> tensor<2x7x3xf32>, tensor<2x3x6xf32>, tensor<2x6x4xf32>
  return
}

// -----

// C1
func.func @conv(
    %x: tensor<2x7x3xf32>, %w_in: tensor<12x3xf32>, %b_in: tensor<12xf32>,
    %w_conv: tensor<6x1x4xf32>, %b_conv: tensor<6xf32>, %w_x: tensor<9x6xf32>,
    %w_dt: tensor<6x1xf32>, %b_dt: tensor<6xf32>, %A: tensor<6x4xf32>,
    %D: tensor<6xf32>, %w_out: tensor<3x6xf32>, %b_out: tensor<3xf32>,
    %conv0: tensor<2x3x6xf32>, %ssm0: tensor<2x6x4xf32>) {
  // expected-error@+1 {{expects conv of shape (dim = 6, width), got 'tensor<6x1x4xf32>'}}
  %out, %conv1, %ssm1 = ssm.mamba_block %x in_proj(%w_in : tensor<12x3xf32>) in_proj_bias(%b_in : tensor<12xf32>)
      conv(%w_conv : tensor<6x1x4xf32>) conv_bias(%b_conv : tensor<6xf32>)
      x_proj(%w_x : tensor<9x6xf32>) dt_proj(%w_dt : tensor<6x1xf32>)
      dt_bias(%b_dt : tensor<6xf32>) A(%A : tensor<6x4xf32>) D(%D : tensor<6xf32>)
      out_proj(%w_out : tensor<3x6xf32>) out_proj_bias(%b_out : tensor<3xf32>)
      state(%conv0, %ssm0 : tensor<2x3x6xf32>, tensor<2x6x4xf32>)
      : tensor<2x7x3xf32> -> tensor<2x7x3xf32>, tensor<2x3x6xf32>, tensor<2x6x4xf32>
  return
}

// -----

// C1
func.func @dynamic_dt_rank(
    %x: tensor<2x7x3xf32>, %w_in: tensor<12x3xf32>, %b_in: tensor<12xf32>,
    %w_conv: tensor<6x4xf32>, %b_conv: tensor<6xf32>, %w_x: tensor<9x6xf32>,
    %w_dt: tensor<6x?xf32>, %b_dt: tensor<6xf32>, %A: tensor<6x4xf32>,
    %D: tensor<6xf32>, %w_out: tensor<3x6xf32>, %b_out: tensor<3xf32>,
    %conv0: tensor<2x3x6xf32>, %ssm0: tensor<2x6x4xf32>) {
  // expected-error@+1 {{expects dt_proj with a static dt_rank, got 'tensor<6x?xf32>'}}
  %out, %conv1, %ssm1 = ssm.mamba_block %x in_proj(%w_in : tensor<12x3xf32>) in_proj_bias(%b_in : tensor<12xf32>)
      conv(%w_conv : tensor<6x4xf32>) conv_bias(%b_conv : tensor<6xf32>)
      x_proj(%w_x : tensor<9x6xf32>) dt_proj(%w_dt : tensor<6x?xf32>)
      dt_bias(%b_dt : tensor<6xf32>) A(%A : tensor<6x4xf32>) D(%D : tensor<6xf32>)
      out_proj(%w_out : tensor<3x6xf32>) out_proj_bias(%b_out : tensor<3xf32>)
      state(%conv0, %ssm0 : tensor<2x3x6xf32>, tensor<2x6x4xf32>)
      : tensor<2x7x3xf32> -> tensor<2x7x3xf32>, tensor<2x3x6xf32>, tensor<2x6x4xf32>
  return
}

// -----

// C1
func.func @in_proj(
    %x: tensor<2x7x3xf32>, %w_in: tensor<3x12xf32>, %b_in: tensor<12xf32>,
    %w_conv: tensor<6x4xf32>, %b_conv: tensor<6xf32>, %w_x: tensor<9x6xf32>,
    %w_dt: tensor<6x1xf32>, %b_dt: tensor<6xf32>, %A: tensor<6x4xf32>,
    %D: tensor<6xf32>, %w_out: tensor<3x6xf32>, %b_out: tensor<3xf32>,
    %conv0: tensor<2x3x6xf32>, %ssm0: tensor<2x6x4xf32>) {
  // expected-error@+1 {{expects in_proj of shape (2*dim = 12, d_model = 3), got 'tensor<3x12xf32>'}}
  %out, %conv1, %ssm1 = ssm.mamba_block %x in_proj(%w_in : tensor<3x12xf32>) in_proj_bias(%b_in : tensor<12xf32>)
      conv(%w_conv : tensor<6x4xf32>) conv_bias(%b_conv : tensor<6xf32>)
      x_proj(%w_x : tensor<9x6xf32>) dt_proj(%w_dt : tensor<6x1xf32>)
      dt_bias(%b_dt : tensor<6xf32>) A(%A : tensor<6x4xf32>) D(%D : tensor<6xf32>)
      out_proj(%w_out : tensor<3x6xf32>) out_proj_bias(%b_out : tensor<3xf32>)
      state(%conv0, %ssm0 : tensor<2x3x6xf32>, tensor<2x6x4xf32>)
      : tensor<2x7x3xf32> -> tensor<2x7x3xf32>, tensor<2x3x6xf32>, tensor<2x6x4xf32>
  return
}

// -----

// C1
func.func @dynamic_in_proj(
    %x: tensor<2x7x3xf32>, %w_in: tensor<?x3xf32>, %b_in: tensor<12xf32>,
    %w_conv: tensor<6x4xf32>, %b_conv: tensor<6xf32>, %w_x: tensor<9x6xf32>,
    %w_dt: tensor<6x1xf32>, %b_dt: tensor<6xf32>, %A: tensor<6x4xf32>,
    %D: tensor<6xf32>, %w_out: tensor<3x6xf32>, %b_out: tensor<3xf32>,
    %conv0: tensor<2x3x6xf32>, %ssm0: tensor<2x6x4xf32>) {
  // expected-error@+1 {{expects in_proj with a static 2*dim, got 'tensor<?x3xf32>'}}
  %out, %conv1, %ssm1 = ssm.mamba_block %x in_proj(%w_in : tensor<?x3xf32>) in_proj_bias(%b_in : tensor<12xf32>)
      conv(%w_conv : tensor<6x4xf32>) conv_bias(%b_conv : tensor<6xf32>)
      x_proj(%w_x : tensor<9x6xf32>) dt_proj(%w_dt : tensor<6x1xf32>)
      dt_bias(%b_dt : tensor<6xf32>) A(%A : tensor<6x4xf32>) D(%D : tensor<6xf32>)
      out_proj(%w_out : tensor<3x6xf32>) out_proj_bias(%b_out : tensor<3xf32>)
      state(%conv0, %ssm0 : tensor<2x3x6xf32>, tensor<2x6x4xf32>)
      : tensor<2x7x3xf32> -> tensor<2x7x3xf32>, tensor<2x3x6xf32>, tensor<2x6x4xf32>
  return
}

// -----

// C1
func.func @in_proj_bias(
    %x: tensor<2x7x3xf32>, %w_in: tensor<12x3xf32>, %b_in: tensor<6xf32>,
    %w_conv: tensor<6x4xf32>, %b_conv: tensor<6xf32>, %w_x: tensor<9x6xf32>,
    %w_dt: tensor<6x1xf32>, %b_dt: tensor<6xf32>, %A: tensor<6x4xf32>,
    %D: tensor<6xf32>, %w_out: tensor<3x6xf32>, %b_out: tensor<3xf32>,
    %conv0: tensor<2x3x6xf32>, %ssm0: tensor<2x6x4xf32>) {
  // expected-error@+1 {{expects in_proj_bias of shape (2*dim = 12), got 'tensor<6xf32>'}}
  %out, %conv1, %ssm1 = ssm.mamba_block %x in_proj(%w_in : tensor<12x3xf32>) in_proj_bias(%b_in : tensor<6xf32>)
      conv(%w_conv : tensor<6x4xf32>) conv_bias(%b_conv : tensor<6xf32>)
      x_proj(%w_x : tensor<9x6xf32>) dt_proj(%w_dt : tensor<6x1xf32>)
      dt_bias(%b_dt : tensor<6xf32>) A(%A : tensor<6x4xf32>) D(%D : tensor<6xf32>)
      out_proj(%w_out : tensor<3x6xf32>) out_proj_bias(%b_out : tensor<3xf32>)
      state(%conv0, %ssm0 : tensor<2x3x6xf32>, tensor<2x6x4xf32>)
      : tensor<2x7x3xf32> -> tensor<2x7x3xf32>, tensor<2x3x6xf32>, tensor<2x6x4xf32>
  return
}

// -----

// C1
func.func @conv_bias(
    %x: tensor<2x7x3xf32>, %w_in: tensor<12x3xf32>, %b_in: tensor<12xf32>,
    %w_conv: tensor<6x4xf32>, %b_conv: tensor<4xf32>, %w_x: tensor<9x6xf32>,
    %w_dt: tensor<6x1xf32>, %b_dt: tensor<6xf32>, %A: tensor<6x4xf32>,
    %D: tensor<6xf32>, %w_out: tensor<3x6xf32>, %b_out: tensor<3xf32>,
    %conv0: tensor<2x3x6xf32>, %ssm0: tensor<2x6x4xf32>) {
  // expected-error@+1 {{expects conv_bias of shape (dim = 6), got 'tensor<4xf32>'}}
  %out, %conv1, %ssm1 = ssm.mamba_block %x in_proj(%w_in : tensor<12x3xf32>) in_proj_bias(%b_in : tensor<12xf32>)
      conv(%w_conv : tensor<6x4xf32>) conv_bias(%b_conv : tensor<4xf32>)
      x_proj(%w_x : tensor<9x6xf32>) dt_proj(%w_dt : tensor<6x1xf32>)
      dt_bias(%b_dt : tensor<6xf32>) A(%A : tensor<6x4xf32>) D(%D : tensor<6xf32>)
      out_proj(%w_out : tensor<3x6xf32>) out_proj_bias(%b_out : tensor<3xf32>)
      state(%conv0, %ssm0 : tensor<2x3x6xf32>, tensor<2x6x4xf32>)
      : tensor<2x7x3xf32> -> tensor<2x7x3xf32>, tensor<2x3x6xf32>, tensor<2x6x4xf32>
  return
}

// -----

// C1
func.func @x_proj(
    %x: tensor<2x7x3xf32>, %w_in: tensor<12x3xf32>, %b_in: tensor<12xf32>,
    %w_conv: tensor<6x4xf32>, %b_conv: tensor<6xf32>, %w_x: tensor<8x6xf32>,
    %w_dt: tensor<6x1xf32>, %b_dt: tensor<6xf32>, %A: tensor<6x4xf32>,
    %D: tensor<6xf32>, %w_out: tensor<3x6xf32>, %b_out: tensor<3xf32>,
    %conv0: tensor<2x3x6xf32>, %ssm0: tensor<2x6x4xf32>) {
  // expected-error@+1 {{expects x_proj of shape (dt_rank+2*dstate = 9, dim = 6), got 'tensor<8x6xf32>'}}
  %out, %conv1, %ssm1 = ssm.mamba_block %x in_proj(%w_in : tensor<12x3xf32>) in_proj_bias(%b_in : tensor<12xf32>)
      conv(%w_conv : tensor<6x4xf32>) conv_bias(%b_conv : tensor<6xf32>)
      x_proj(%w_x : tensor<8x6xf32>) dt_proj(%w_dt : tensor<6x1xf32>)
      dt_bias(%b_dt : tensor<6xf32>) A(%A : tensor<6x4xf32>) D(%D : tensor<6xf32>)
      out_proj(%w_out : tensor<3x6xf32>) out_proj_bias(%b_out : tensor<3xf32>)
      state(%conv0, %ssm0 : tensor<2x3x6xf32>, tensor<2x6x4xf32>)
      : tensor<2x7x3xf32> -> tensor<2x7x3xf32>, tensor<2x3x6xf32>, tensor<2x6x4xf32>
  return
}

// -----

// C1
func.func @dt_bias(
    %x: tensor<2x7x3xf32>, %w_in: tensor<12x3xf32>, %b_in: tensor<12xf32>,
    %w_conv: tensor<6x4xf32>, %b_conv: tensor<6xf32>, %w_x: tensor<9x6xf32>,
    %w_dt: tensor<6x1xf32>, %b_dt: tensor<1xf32>, %A: tensor<6x4xf32>,
    %D: tensor<6xf32>, %w_out: tensor<3x6xf32>, %b_out: tensor<3xf32>,
    %conv0: tensor<2x3x6xf32>, %ssm0: tensor<2x6x4xf32>) {
  // expected-error@+1 {{expects dt_bias of shape (dim = 6), got 'tensor<1xf32>'}}
  %out, %conv1, %ssm1 = ssm.mamba_block %x in_proj(%w_in : tensor<12x3xf32>) in_proj_bias(%b_in : tensor<12xf32>)
      conv(%w_conv : tensor<6x4xf32>) conv_bias(%b_conv : tensor<6xf32>)
      x_proj(%w_x : tensor<9x6xf32>) dt_proj(%w_dt : tensor<6x1xf32>)
      dt_bias(%b_dt : tensor<1xf32>) A(%A : tensor<6x4xf32>) D(%D : tensor<6xf32>)
      out_proj(%w_out : tensor<3x6xf32>) out_proj_bias(%b_out : tensor<3xf32>)
      state(%conv0, %ssm0 : tensor<2x3x6xf32>, tensor<2x6x4xf32>)
      : tensor<2x7x3xf32> -> tensor<2x7x3xf32>, tensor<2x3x6xf32>, tensor<2x6x4xf32>
  return
}

// -----

// C1
func.func @D(
    %x: tensor<2x7x3xf32>, %w_in: tensor<12x3xf32>, %b_in: tensor<12xf32>,
    %w_conv: tensor<6x4xf32>, %b_conv: tensor<6xf32>, %w_x: tensor<9x6xf32>,
    %w_dt: tensor<6x1xf32>, %b_dt: tensor<6xf32>, %A: tensor<6x4xf32>,
    %D: tensor<3xf32>, %w_out: tensor<3x6xf32>, %b_out: tensor<3xf32>,
    %conv0: tensor<2x3x6xf32>, %ssm0: tensor<2x6x4xf32>) {
  // expected-error@+1 {{expects D of shape (dim = 6), got 'tensor<3xf32>'}}
  %out, %conv1, %ssm1 = ssm.mamba_block %x in_proj(%w_in : tensor<12x3xf32>) in_proj_bias(%b_in : tensor<12xf32>)
      conv(%w_conv : tensor<6x4xf32>) conv_bias(%b_conv : tensor<6xf32>)
      x_proj(%w_x : tensor<9x6xf32>) dt_proj(%w_dt : tensor<6x1xf32>)
      dt_bias(%b_dt : tensor<6xf32>) A(%A : tensor<6x4xf32>) D(%D : tensor<3xf32>)
      out_proj(%w_out : tensor<3x6xf32>) out_proj_bias(%b_out : tensor<3xf32>)
      state(%conv0, %ssm0 : tensor<2x3x6xf32>, tensor<2x6x4xf32>)
      : tensor<2x7x3xf32> -> tensor<2x7x3xf32>, tensor<2x3x6xf32>, tensor<2x6x4xf32>
  return
}

// -----

// C1
func.func @out_proj(
    %x: tensor<2x7x3xf32>, %w_in: tensor<12x3xf32>, %b_in: tensor<12xf32>,
    %w_conv: tensor<6x4xf32>, %b_conv: tensor<6xf32>, %w_x: tensor<9x6xf32>,
    %w_dt: tensor<6x1xf32>, %b_dt: tensor<6xf32>, %A: tensor<6x4xf32>,
    %D: tensor<6xf32>, %w_out: tensor<6x3xf32>, %b_out: tensor<3xf32>,
    %conv0: tensor<2x3x6xf32>, %ssm0: tensor<2x6x4xf32>) {
  // expected-error@+1 {{expects out_proj of shape (d_model = 3, dim = 6), got 'tensor<6x3xf32>'}}
  %out, %conv1, %ssm1 = ssm.mamba_block %x in_proj(%w_in : tensor<12x3xf32>) in_proj_bias(%b_in : tensor<12xf32>)
      conv(%w_conv : tensor<6x4xf32>) conv_bias(%b_conv : tensor<6xf32>)
      x_proj(%w_x : tensor<9x6xf32>) dt_proj(%w_dt : tensor<6x1xf32>)
      dt_bias(%b_dt : tensor<6xf32>) A(%A : tensor<6x4xf32>) D(%D : tensor<6xf32>)
      out_proj(%w_out : tensor<6x3xf32>) out_proj_bias(%b_out : tensor<3xf32>)
      state(%conv0, %ssm0 : tensor<2x3x6xf32>, tensor<2x6x4xf32>)
      : tensor<2x7x3xf32> -> tensor<2x7x3xf32>, tensor<2x3x6xf32>, tensor<2x6x4xf32>
  return
}

// -----

// C1
func.func @out_proj_bias(
    %x: tensor<2x7x3xf32>, %w_in: tensor<12x3xf32>, %b_in: tensor<12xf32>,
    %w_conv: tensor<6x4xf32>, %b_conv: tensor<6xf32>, %w_x: tensor<9x6xf32>,
    %w_dt: tensor<6x1xf32>, %b_dt: tensor<6xf32>, %A: tensor<6x4xf32>,
    %D: tensor<6xf32>, %w_out: tensor<3x6xf32>, %b_out: tensor<6xf32>,
    %conv0: tensor<2x3x6xf32>, %ssm0: tensor<2x6x4xf32>) {
  // expected-error@+1 {{expects out_proj_bias of shape (d_model = 3), got 'tensor<6xf32>'}}
  %out, %conv1, %ssm1 = ssm.mamba_block %x in_proj(%w_in : tensor<12x3xf32>) in_proj_bias(%b_in : tensor<12xf32>)
      conv(%w_conv : tensor<6x4xf32>) conv_bias(%b_conv : tensor<6xf32>)
      x_proj(%w_x : tensor<9x6xf32>) dt_proj(%w_dt : tensor<6x1xf32>)
      dt_bias(%b_dt : tensor<6xf32>) A(%A : tensor<6x4xf32>) D(%D : tensor<6xf32>)
      out_proj(%w_out : tensor<3x6xf32>) out_proj_bias(%b_out : tensor<6xf32>)
      state(%conv0, %ssm0 : tensor<2x3x6xf32>, tensor<2x6x4xf32>)
      : tensor<2x7x3xf32> -> tensor<2x7x3xf32>, tensor<2x3x6xf32>, tensor<2x6x4xf32>
  return
}

// -----

// C1
func.func @conv_state(
    %x: tensor<2x7x3xf32>, %w_in: tensor<12x3xf32>, %b_in: tensor<12xf32>,
    %w_conv: tensor<6x4xf32>, %b_conv: tensor<6xf32>, %w_x: tensor<9x6xf32>,
    %w_dt: tensor<6x1xf32>, %b_dt: tensor<6xf32>, %A: tensor<6x4xf32>,
    %D: tensor<6xf32>, %w_out: tensor<3x6xf32>, %b_out: tensor<3xf32>,
    %conv0: tensor<2x4x6xf32>, %ssm0: tensor<2x6x4xf32>) {
  // expected-error@+1 {{expects conv_state of shape (batch = 2, width-1 = 3, dim = 6), got 'tensor<2x4x6xf32>'}}
  %out, %conv1, %ssm1 = ssm.mamba_block %x in_proj(%w_in : tensor<12x3xf32>) in_proj_bias(%b_in : tensor<12xf32>)
      conv(%w_conv : tensor<6x4xf32>) conv_bias(%b_conv : tensor<6xf32>)
      x_proj(%w_x : tensor<9x6xf32>) dt_proj(%w_dt : tensor<6x1xf32>)
      dt_bias(%b_dt : tensor<6xf32>) A(%A : tensor<6x4xf32>) D(%D : tensor<6xf32>)
      out_proj(%w_out : tensor<3x6xf32>) out_proj_bias(%b_out : tensor<3xf32>)
      state(%conv0, %ssm0 : tensor<2x4x6xf32>, tensor<2x6x4xf32>)
      : tensor<2x7x3xf32> -> tensor<2x7x3xf32>, tensor<2x3x6xf32>, tensor<2x6x4xf32>
  return
}

// -----

// C1
func.func @ssm_state(
    %x: tensor<2x7x3xf32>, %w_in: tensor<12x3xf32>, %b_in: tensor<12xf32>,
    %w_conv: tensor<6x4xf32>, %b_conv: tensor<6xf32>, %w_x: tensor<9x6xf32>,
    %w_dt: tensor<6x1xf32>, %b_dt: tensor<6xf32>, %A: tensor<6x4xf32>,
    %D: tensor<6xf32>, %w_out: tensor<3x6xf32>, %b_out: tensor<3xf32>,
    %conv0: tensor<2x3x6xf32>, %ssm0: tensor<3x6x4xf32>) {
  // expected-error@+1 {{expects ssm_state of shape (batch = 2, dim = 6, dstate = 4), got 'tensor<3x6x4xf32>'}}
  %out, %conv1, %ssm1 = ssm.mamba_block %x in_proj(%w_in : tensor<12x3xf32>) in_proj_bias(%b_in : tensor<12xf32>)
      conv(%w_conv : tensor<6x4xf32>) conv_bias(%b_conv : tensor<6xf32>)
      x_proj(%w_x : tensor<9x6xf32>) dt_proj(%w_dt : tensor<6x1xf32>)
      dt_bias(%b_dt : tensor<6xf32>) A(%A : tensor<6x4xf32>) D(%D : tensor<6xf32>)
      out_proj(%w_out : tensor<3x6xf32>) out_proj_bias(%b_out : tensor<3xf32>)
      state(%conv0, %ssm0 : tensor<2x3x6xf32>, tensor<3x6x4xf32>)
      : tensor<2x7x3xf32> -> tensor<2x7x3xf32>, tensor<2x3x6xf32>, tensor<2x6x4xf32>
  return
}

// -----

// C1
func.func @out(
    %x: tensor<2x7x3xf32>, %w_in: tensor<12x3xf32>, %b_in: tensor<12xf32>,
    %w_conv: tensor<6x4xf32>, %b_conv: tensor<6xf32>, %w_x: tensor<9x6xf32>,
    %w_dt: tensor<6x1xf32>, %b_dt: tensor<6xf32>, %A: tensor<6x4xf32>,
    %D: tensor<6xf32>, %w_out: tensor<3x6xf32>, %b_out: tensor<3xf32>,
    %conv0: tensor<2x3x6xf32>, %ssm0: tensor<2x6x4xf32>) {
  // expected-error@+1 {{expects out of shape (batch = 2, seqlen = 7, d_model = 3), got 'tensor<2x7x6xf32>'}}
  %out, %conv1, %ssm1 = ssm.mamba_block %x in_proj(%w_in : tensor<12x3xf32>) in_proj_bias(%b_in : tensor<12xf32>)
      conv(%w_conv : tensor<6x4xf32>) conv_bias(%b_conv : tensor<6xf32>)
      x_proj(%w_x : tensor<9x6xf32>) dt_proj(%w_dt : tensor<6x1xf32>)
      dt_bias(%b_dt : tensor<6xf32>) A(%A : tensor<6x4xf32>) D(%D : tensor<6xf32>)
      out_proj(%w_out : tensor<3x6xf32>) out_proj_bias(%b_out : tensor<3xf32>)
      state(%conv0, %ssm0 : tensor<2x3x6xf32>, tensor<2x6x4xf32>)
      : tensor<2x7x3xf32> -> tensor<2x7x6xf32>, tensor<2x3x6xf32>, tensor<2x6x4xf32>
  return
}

// -----

// C1
func.func @next_conv_state(
    %x: tensor<2x7x3xf32>, %w_in: tensor<12x3xf32>, %b_in: tensor<12xf32>,
    %w_conv: tensor<6x4xf32>, %b_conv: tensor<6xf32>, %w_x: tensor<9x6xf32>,
    %w_dt: tensor<6x1xf32>, %b_dt: tensor<6xf32>, %A: tensor<6x4xf32>,
    %D: tensor<6xf32>, %w_out: tensor<3x6xf32>, %b_out: tensor<3xf32>,
    %conv0: tensor<2x3x6xf32>, %ssm0: tensor<2x6x4xf32>) {
  // expected-error@+1 {{expects next_conv_state of shape (batch = 2, width-1 = 3, dim = 6), got 'tensor<2x3x3xf32>'}}
  %out, %conv1, %ssm1 = ssm.mamba_block %x in_proj(%w_in : tensor<12x3xf32>) in_proj_bias(%b_in : tensor<12xf32>)
      conv(%w_conv : tensor<6x4xf32>) conv_bias(%b_conv : tensor<6xf32>)
      x_proj(%w_x : tensor<9x6xf32>) dt_proj(%w_dt : tensor<6x1xf32>)
      dt_bias(%b_dt : tensor<6xf32>) A(%A : tensor<6x4xf32>) D(%D : tensor<6xf32>)
      out_proj(%w_out : tensor<3x6xf32>) out_proj_bias(%b_out : tensor<3xf32>)
      state(%conv0, %ssm0 : tensor<2x3x6xf32>, tensor<2x6x4xf32>)
      : tensor<2x7x3xf32> -> tensor<2x7x3xf32>, tensor<2x3x3xf32>, tensor<2x6x4xf32>
  return
}

// -----

// C1
func.func @next_ssm_state(
    %x: tensor<2x7x3xf32>, %w_in: tensor<12x3xf32>, %b_in: tensor<12xf32>,
    %w_conv: tensor<6x4xf32>, %b_conv: tensor<6xf32>, %w_x: tensor<9x6xf32>,
    %w_dt: tensor<6x1xf32>, %b_dt: tensor<6xf32>, %A: tensor<6x4xf32>,
    %D: tensor<6xf32>, %w_out: tensor<3x6xf32>, %b_out: tensor<3xf32>,
    %conv0: tensor<2x3x6xf32>, %ssm0: tensor<2x6x4xf32>) {
  // expected-error@+1 {{expects next_ssm_state of shape (batch = 2, dim = 6, dstate = 4), got 'tensor<2x4x6xf32>'}}
  %out, %conv1, %ssm1 = ssm.mamba_block %x in_proj(%w_in : tensor<12x3xf32>) in_proj_bias(%b_in : tensor<12xf32>)
      conv(%w_conv : tensor<6x4xf32>) conv_bias(%b_conv : tensor<6xf32>)
      x_proj(%w_x : tensor<9x6xf32>) dt_proj(%w_dt : tensor<6x1xf32>)
      dt_bias(%b_dt : tensor<6xf32>) A(%A : tensor<6x4xf32>) D(%D : tensor<6xf32>)
      out_proj(%w_out : tensor<3x6xf32>) out_proj_bias(%b_out : tensor<3xf32>)
      state(%conv0, %ssm0 : tensor<2x3x6xf32>, tensor<2x6x4xf32>)
      : tensor<2x7x3xf32> -> tensor<2x7x3xf32>, tensor<2x3x6xf32>, tensor<2x4x6xf32>
  return
}

// -----

// C2
func.func @element_types(
    %x: tensor<2x7x3xf32>, %w_in: tensor<12x3xf32>, %b_in: tensor<12xf32>,
    %w_conv: tensor<6x4xf32>, %b_conv: tensor<6xf32>, %w_x: tensor<9x6xf32>,
    %w_dt: tensor<6x1xf32>, %b_dt: tensor<6xf32>, %A: tensor<6x4xf32>,
    %D: tensor<6xf32>, %w_out: tensor<3x6xf32>, %b_out: tensor<3xf32>,
    %conv0: tensor<2x3x6xf32>, %ssm0: tensor<2x6x4xf32>) {
  // expected-error@+1 {{expects hidden and out of one element type, got 'f32' and 'bf16'}}
  %out, %conv1, %ssm1 = ssm.mamba_block %x in_proj(%w_in : tensor<12x3xf32>) in_proj_bias(%b_in : tensor<12xf32>)
      conv(%w_conv : tensor<6x4xf32>) conv_bias(%b_conv : tensor<6xf32>)
      x_proj(%w_x : tensor<9x6xf32>) dt_proj(%w_dt : tensor<6x1xf32>)
      dt_bias(%b_dt : tensor<6xf32>) A(%A : tensor<6x4xf32>) D(%D : tensor<6xf32>)
      out_proj(%w_out : tensor<3x6xf32>) out_proj_bias(%b_out : tensor<3xf32>)
      state(%conv0, %ssm0 : tensor<2x3x6xf32>, tensor<2x6x4xf32>)
      : tensor<2x7x3xf32> -> tensor<2x7x3xbf16>, tensor<2x3x6xf32>, tensor<2x6x4xf32>
  return
}

// -----

// C3
func.func @width(
    %x: tensor<2x7x3xf32>, %w_in: tensor<12x3xf32>, %b_in: tensor<12xf32>,
    %w_conv: tensor<6x9xf32>, %b_conv: tensor<6xf32>, %w_x: tensor<9x6xf32>,
    %w_dt: tensor<6x1xf32>, %b_dt: tensor<6xf32>, %A: tensor<6x4xf32>,
    %D: tensor<6xf32>, %w_out: tensor<3x6xf32>, %b_out: tensor<3xf32>,
    %conv0: tensor<2x8x6xf32>, %ssm0: tensor<2x6x4xf32>) {
  // expected-error@+1 {{expects a width from 2 to 8, got 9}}
  %out, %conv1, %ssm1 = ssm.mamba_block %x in_proj(%w_in : tensor<12x3xf32>) in_proj_bias(%b_in : tensor<12xf32>)
      conv(%w_conv : tensor<6x9xf32>) conv_bias(%b_conv : tensor<6xf32>)
      x_proj(%w_x : tensor<9x6xf32>) dt_proj(%w_dt : tensor<6x1xf32>)
      dt_bias(%b_dt : tensor<6xf32>) A(%A : tensor<6x4xf32>) D(%D : tensor<6xf32>)
      out_proj(%w_out : tensor<3x6xf32>) out_proj_bias(%b_out : tensor<3xf32>)
      state(%conv0, %ssm0 : tensor<2x8x6xf32>, tensor<2x6x4xf32>)
      : tensor<2x7x3xf32> -> tensor<2x7x3xf32>, tensor<2x8x6xf32>, tensor<2x6x4xf32>
  return
}
