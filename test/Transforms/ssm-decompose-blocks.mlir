// RUN: ssmc-opt %s --ssm-decompose-blocks | FileCheck %s
// RUN: ssmc-opt %s --pass-pipeline='builtin.module(func.func(ssm-decompose-blocks))' | FileCheck %s

// CHECK-LABEL: func @plain
// CHECK-SAME: %[[HIDDEN:[a-z0-9]+]]: tensor<?x?x16xf32>, %[[W_IN:[a-z0-9]+]]: tensor<64x16xf32>
// CHECK-SAME: %[[W_CONV:[a-z0-9]+]]: tensor<32x4xf32>, %[[W_X:[a-z0-9]+]]: tensor<9x32xf32>
// CHECK-SAME: %[[W_DT:[a-z0-9]+]]: tensor<32x1xf32>, %[[B_DT:[a-z0-9]+]]: tensor<32xf32>
// CHECK-SAME: %[[A:[a-z0-9]+]]: tensor<32x4xf32>, %[[D:[a-z0-9]+]]: tensor<32xf32>
// CHECK-SAME: %[[W_OUT:[a-z0-9]+]]: tensor<16x32xf32>
// CHECK-SAME: %[[CONV0:[a-z0-9]+]]: tensor<?x3x32xf32>, %[[SSM0:[a-z0-9]+]]: tensor<?x32x4xf32>
func.func @plain(
    %hidden: tensor<?x?x16xf32>, %w_in: tensor<64x16xf32>,
    %w_conv: tensor<32x4xf32>, %w_x: tensor<9x32xf32>,
    %w_dt: tensor<32x1xf32>, %b_dt: tensor<32xf32>, %A: tensor<32x4xf32>,
    %D: tensor<32xf32>, %w_out: tensor<16x32xf32>,
    %conv0: tensor<?x3x32xf32>, %ssm0: tensor<?x32x4xf32>)
    -> (tensor<?x?x16xf32>, tensor<?x3x32xf32>, tensor<?x32x4xf32>) {
  // CHECK-NEXT: %[[XZ:.*]] = ssm.linear %[[HIDDEN]], %[[W_IN]] : tensor<?x?x16xf32>, tensor<64x16xf32> -> tensor<?x?x64xf32>
  // CHECK-NEXT: %[[XZS:.*]]:2 = ssm.split %[[XZ]] : tensor<?x?x64xf32> -> tensor<?x?x32xf32>, tensor<?x?x32xf32>
  // CHECK-NEXT: %[[U:.*]], %[[CONV1:.*]] = ssm.causal_conv1d %[[XZS]]#0, %[[W_CONV]] initial_state(%[[CONV0]] : tensor<?x3x32xf32>) activation silu : tensor<?x?x32xf32>, tensor<32x4xf32> -> tensor<?x?x32xf32>, tensor<?x3x32xf32>
  // CHECK-NEXT: %[[DTBC:.*]] = ssm.linear %[[U]], %[[W_X]] : tensor<?x?x32xf32>, tensor<9x32xf32> -> tensor<?x?x9xf32>
  // CHECK-NEXT: %[[PARTS:.*]]:3 = ssm.split %[[DTBC]] : tensor<?x?x9xf32> -> tensor<?x?x1xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>
  // CHECK-NEXT: %[[DELTA:.*]] = ssm.linear %[[PARTS]]#0, %[[W_DT]] : tensor<?x?x1xf32>, tensor<32x1xf32> -> tensor<?x?x32xf32>
  // CHECK-NEXT: %[[Y:.*]], %[[SSM1:.*]] = ssm.selective_scan %[[U]], %[[DELTA]], %[[A]], %[[PARTS]]#1, %[[PARTS]]#2
  // CHECK-SAME: D(%[[D]] : tensor<32xf32>) z(%[[XZS]]#1 : tensor<?x?x32xf32>) delta_bias(%[[B_DT]] : tensor<32xf32>) delta_softplus initial_state(%[[SSM0]] : tensor<?x32x4xf32>)
  // CHECK-SAME: : tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<32x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32> -> tensor<?x?x32xf32>, tensor<?x32x4xf32>
  // CHECK-NEXT: %[[OUT:.*]] = ssm.linear %[[Y]], %[[W_OUT]] : tensor<?x?x32xf32>, tensor<16x32xf32> -> tensor<?x?x16xf32>
  // CHECK-NEXT: return %[[OUT]], %[[CONV1]], %[[SSM1]]
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

// Biases go where they belong, activations take hidden's type, and weights,
// states and results keep theirs.

// CHECK-LABEL: func @mixed
// CHECK-SAME: %[[B_IN:[a-z0-9]+]]: tensor<12xf16>
// CHECK-SAME: %[[B_CONV:[a-z0-9]+]]: tensor<6xf16>
// CHECK-SAME: %[[B_OUT:[a-z0-9]+]]: tensor<3xf16>
func.func @mixed(
    %hidden: tensor<?x1x3xbf16>, %w_in: tensor<12x3xf16>, %b_in: tensor<12xf16>,
    %w_conv: tensor<6x3xf32>, %b_conv: tensor<6xf16>, %w_x: tensor<12x6xf16>,
    %w_dt: tensor<6x4xbf16>, %b_dt: tensor<6xf32>, %A: tensor<6x4xf32>,
    %D: tensor<6xf16>, %w_out: tensor<3x6xf16>, %b_out: tensor<3xf16>,
    %conv0: tensor<2x2x6xf32>, %ssm0: tensor<2x6x4xf32>) -> tensor<2x1x3xbf16> {
  // CHECK: ssm.linear %{{.*}} bias(%[[B_IN]] : tensor<12xf16>) : tensor<?x1x3xbf16>, tensor<12x3xf16> -> tensor<?x1x12xbf16>
  // CHECK: ssm.causal_conv1d %{{.*}} bias(%[[B_CONV]] : tensor<6xf16>) initial_state(%{{.*}} : tensor<2x2x6xf32>) activation silu : tensor<?x1x6xbf16>, tensor<6x3xf32> -> tensor<?x1x6xbf16>, tensor<2x2x6xf32>
  // CHECK: ssm.linear %{{.*}} : tensor<?x1x6xbf16>, tensor<12x6xf16> -> tensor<?x1x12xbf16>
  // CHECK: ssm.split %{{.*}} -> tensor<?x1x4xbf16>, tensor<?x1x4xbf16>, tensor<?x1x4xbf16>
  // CHECK: ssm.linear %{{.*}} : tensor<?x1x4xbf16>, tensor<6x4xbf16> -> tensor<?x1x6xbf16>
  // CHECK: ssm.selective_scan {{.*}} -> tensor<?x1x6xbf16>, tensor<2x6x4xf32>
  // CHECK: ssm.linear %{{.*}} bias(%[[B_OUT]] : tensor<3xf16>) : tensor<?x1x6xbf16>, tensor<3x6xf16> -> tensor<2x1x3xbf16>
  // CHECK-NOT: ssm.mamba_block
  %out, %conv1, %ssm1 = ssm.mamba_block %hidden in_proj(%w_in : tensor<12x3xf16>)
      in_proj_bias(%b_in : tensor<12xf16>) conv(%w_conv : tensor<6x3xf32>)
      conv_bias(%b_conv : tensor<6xf16>) x_proj(%w_x : tensor<12x6xf16>)
      dt_proj(%w_dt : tensor<6x4xbf16>) dt_bias(%b_dt : tensor<6xf32>)
      A(%A : tensor<6x4xf32>) D(%D : tensor<6xf16>)
      out_proj(%w_out : tensor<3x6xf16>) out_proj_bias(%b_out : tensor<3xf16>)
      state(%conv0, %ssm0 : tensor<2x2x6xf32>, tensor<2x6x4xf32>)
      : tensor<?x1x3xbf16>
      -> tensor<2x1x3xbf16>, tensor<2x2x6xf32>, tensor<2x6x4xf32>
  return %out : tensor<2x1x3xbf16>
}
