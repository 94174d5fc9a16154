// Projections and embeddings.

// RUN: ssmc-opt %s --convert-ssm-to-kernel | FileCheck %s

// CHECK-DAG: #[[BTK:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>
// CHECK-DAG: #[[NK:.*]] = affine_map<(d0, d1, d2, d3) -> (d2, d3)>
// CHECK-DAG: #[[N:.*]] = affine_map<(d0, d1, d2, d3) -> (d2)>
// CHECK-DAG: #[[BTN:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// CHECK-DAG: #[[IDS:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-DAG: #[[TABLE:.*]] = affine_map<(d0, d1, d2) -> (0, d2)>
// CHECK-DAG: #[[ROWS:.*]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>

// CHECK-LABEL: func @linear
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x6xf32>, %[[W:.*]]: tensor<4x6xbf16>, %[[B:.*]]: tensor<4xf32>)
// CHECK: kernel.matmul ins(%[[X]], %[[W]], %[[B]] : {{.*}}) maps [#[[BTK]], #[[NK]], #[[N]], #[[BTN]]] -> tensor<?x?x4xbf16> contract {
// CHECK-NEXT: ^bb0(%[[XX:.*]]: f32, %[[XW:.*]]: bf16):
// CHECK-NEXT: %[[WIDE:.*]] = arith.extf %[[XW]]
// CHECK-NEXT: kernel.yield %[[XX]], %[[WIDE]]
// CHECK: } epilogue {
// CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32, %[[XB:.*]]: f32):
// CHECK: %[[Y:.*]] = arith.addf %[[SUM]], %[[XB]]
// CHECK: %[[ROUNDED:.*]] = arith.truncf %[[Y]] : f32 to bf16
// CHECK: kernel.yield %[[ROUNDED]]
// CHECK: kernel.matmul ins(%[[X]], %[[W]] : {{.*}}) maps [#[[BTK]], #[[NK]], #[[BTN]]] -> tensor<?x?x4xf32> contract {
func.func @linear(%x: tensor<?x?x6xf32>, %w: tensor<4x6xbf16>,
                  %b: tensor<4xf32>)
    -> (tensor<?x?x4xbf16>, tensor<?x?x4xf32>) {
  %y = ssm.linear %x, %w bias(%b : tensor<4xf32>)
      : tensor<?x?x6xf32>, tensor<4x6xbf16> -> tensor<?x?x4xbf16>
  %plain = ssm.linear %x, %w
      : tensor<?x?x6xf32>, tensor<4x6xbf16> -> tensor<?x?x4xf32>
  return %y, %plain : tensor<?x?x4xbf16>, tensor<?x?x4xf32>
}

// CHECK-LABEL: func @embedding
// CHECK-SAME: (%[[I:.*]]: tensor<?x?xi32>, %[[T:.*]]: tensor<9x6xbf16>)
// CHECK: kernel.gather %[[I]], %[[T]] maps [#[[IDS]], #[[TABLE]], #[[ROWS]]] : {{.*}} -> tensor<?x?x6xf32> body {
// CHECK-NEXT: ^bb0(%[[E:.*]]: bf16):
// CHECK-NEXT: %[[WIDE:.*]] = arith.extf %[[E]]
// CHECK-NEXT: kernel.yield %[[WIDE]]
func.func @embedding(%ids: tensor<?x?xi32>, %table: tensor<9x6xbf16>)
    -> tensor<?x?x6xf32> {
  %y = ssm.embedding %ids, %table
      : tensor<?x?xi32>, tensor<9x6xbf16> -> tensor<?x?x6xf32>
  return %y : tensor<?x?x6xf32>
}

// Parameters, states and views are the launch plan's business.
ssm.parameter @w : tensor<4x1x6xf32>
ssm.state @h : tensor<?x2x6xf32>
// CHECK-LABEL: func @kept
// CHECK: ssm.get_parameter @w
// CHECK: tensor.collapse_shape
// CHECK: ssm.get_state @h
// CHECK: ssm.last_tokens
// CHECK: ssm.split
// CHECK: ssm.set_state @h
func.func @kept(%n: index)
    -> (tensor<4x6xf32>, tensor<?x?x3xf32>, tensor<?x?x3xf32>) {
  %w = ssm.get_parameter @w : tensor<4x1x6xf32>
  %flat = tensor.collapse_shape %w [[0], [1, 2]]
      : tensor<4x1x6xf32> into tensor<4x6xf32>
  %h = ssm.get_state @h : tensor<?x2x6xf32>
  %last = ssm.last_tokens %h, %n : tensor<?x2x6xf32> -> tensor<?x?x6xf32>
  %a, %b = ssm.split %last
      : tensor<?x?x6xf32> -> tensor<?x?x3xf32>, tensor<?x?x3xf32>
  ssm.set_state @h, %h : tensor<?x2x6xf32>
  return %flat, %a, %b
      : tensor<4x6xf32>, tensor<?x?x3xf32>, tensor<?x?x3xf32>
}
