func.func @block(
    %hidden: tensor<?x?x16xf32>, %w_in: tensor<64x16xf32>,
    %w_conv: tensor<32x4xf32>, %w_x: tensor<9x32xf32>, %w_dt: tensor<32x1xf32>,
    %b_dt: tensor<32xf32>, %A: tensor<32x4xf32>, %D: tensor<32xf32>,
    %w_out: tensor<16x32xf32>, %conv0: tensor<?x3x32xf32>,
    %ssm0: tensor<?x32x4xf32>)
    -> (tensor<?x?x16xf32>, tensor<?x3x32xf32>, tensor<?x32x4xf32>) {
  %out, %conv1, %ssm1 = ssm.mamba_block %hidden in_proj(%w_in : tensor<64x16xf32>)
      conv(%w_conv : tensor<32x4xf32>) x_proj(%w_x : tensor<9x32xf32>)
      dt_proj(%w_dt : tensor<32x1xf32>) dt_bias(%b_dt : tensor<32xf32>)
      A(%A : tensor<32x4xf32>) D(%D : tensor<32xf32>)
      out_proj(%w_out : tensor<16x32xf32>)
      state(%conv0, %ssm0 : tensor<?x3x32xf32>, tensor<?x32x4xf32>)
      : tensor<?x?x16xf32>
      -> tensor<?x?x16xf32>, tensor<?x3x32xf32>, tensor<?x32x4xf32>
  return %out, %conv1, %ssm1
      : tensor<?x?x16xf32>, tensor<?x3x32xf32>, tensor<?x32x4xf32>
}
