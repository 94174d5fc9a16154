// A convolution with its bias and SiLU is one kernel.

// RUN: ssmc-opt %s --convert-ssm-to-kernel | FileCheck %s

// CHECK-DAG: #[[BTD:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// CHECK-DAG: #[[DW:.*]] = affine_map<(d0, d1, d2, d3) -> (d2, d3)>
// CHECK-DAG: #[[D:.*]] = affine_map<(d0, d1, d2, d3) -> (d2)>

// CHECK-LABEL: func @everything
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x6xbf16>, %[[W:.*]]: tensor<6x4xf32>, %[[B:.*]]: tensor<6xf32>, %[[S:.*]]: tensor<?x3x6xbf16>)
// CHECK: kernel.window ins(%[[X]], %[[W]], %[[B]] : {{.*}}) init(%[[S]] : tensor<?x3x6xbf16>) maps [#[[BTD]], #[[DW]], #[[D]], #[[BTD]]] -> tensor<?x?x6xbf16>, tensor<?x3x6xbf16> reduce {
// CHECK-NEXT: ^bb0(%[[XX:.*]]: bf16, %[[XW:.*]]: f32):
// CHECK: %[[WIDE:.*]] = arith.extf %[[XX]]
// CHECK: %[[TERM:.*]] = arith.mulf %[[WIDE]], %[[XW]]
// CHECK: kernel.yield %[[TERM]]
// CHECK: } epilogue {
// CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32, %[[XB:.*]]: f32):
// CHECK: %[[BIASED:.*]] = arith.addf %[[SUM]], %[[XB]]
// CHECK: %[[Y:.*]] = ssm.silu %[[BIASED]]
// CHECK: %[[ROUNDED:.*]] = arith.truncf %[[Y]] : f32 to bf16
// CHECK: kernel.yield %[[ROUNDED]]
func.func @everything(%x: tensor<?x?x6xbf16>, %w: tensor<6x4xf32>,
                      %b: tensor<6xf32>, %s: tensor<?x3x6xbf16>)
    -> (tensor<?x?x6xbf16>, tensor<?x3x6xbf16>) {
  %y, %n = ssm.causal_conv1d %x, %w bias(%b : tensor<6xf32>)
      initial_state(%s : tensor<?x3x6xbf16>) activation silu
      : tensor<?x?x6xbf16>, tensor<6x4xf32>
      -> tensor<?x?x6xbf16>, tensor<?x3x6xbf16>
  return %y, %n : tensor<?x?x6xbf16>, tensor<?x3x6xbf16>
}

// CHECK-LABEL: func @plain
// CHECK: kernel.window ins(%{{.*}}, %{{.*}} : {{.*}}) maps [#[[BTD]], #[[DW]], #[[BTD]]] -> tensor<?x?x6xf32> reduce {
// CHECK: } epilogue {
// CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32):
// CHECK-NEXT: kernel.yield %[[SUM]]
func.func @plain(%x: tensor<?x?x6xf32>, %w: tensor<6x4xf32>)
    -> tensor<?x?x6xf32> {
  %y = ssm.causal_conv1d %x, %w
      : tensor<?x?x6xf32>, tensor<6x4xf32> -> tensor<?x?x6xf32>
  return %y : tensor<?x?x6xf32>
}
