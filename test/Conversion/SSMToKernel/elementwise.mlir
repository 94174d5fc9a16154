// Elementwise ops on float tensors become maps; splat constants go into the
// body. Flags are kept.

// RUN: ssmc-opt %s --convert-ssm-to-kernel | FileCheck %s

// CHECK: #[[ID:.*]] = affine_map<(d0, d1) -> (d0, d1)>

// CHECK-LABEL: func @binary
// CHECK-SAME: (%[[X:.*]]: tensor<?x6xf32>, %[[Y:.*]]: tensor<?x6xf32>)
// CHECK: kernel.map ins(%[[X]], %[[Y]] : {{.*}}) maps [#[[ID]], #[[ID]], #[[ID]]] -> tensor<?x6xf32> body {
// CHECK-NEXT: ^bb0(%[[A:.*]]: f32, %[[B:.*]]: f32):
// CHECK-NEXT: %[[R:.*]] = arith.addf %[[A]], %[[B]] fastmath<contract> : f32
// CHECK-NEXT: kernel.yield %[[R]]
func.func @binary(%x: tensor<?x6xf32>, %y: tensor<?x6xf32>) -> tensor<?x6xf32> {
  %0 = arith.addf %x, %y fastmath<contract> : tensor<?x6xf32>
  return %0 : tensor<?x6xf32>
}

// CHECK-LABEL: func @unary
// CHECK: arith.truncf %{{.*}} : f32 to bf16
// CHECK: ssm.softplus %{{.*}} : bf16
// CHECK: math.exp %{{.*}} : bf16
func.func @unary(%x: tensor<?x6xf32>) -> tensor<?x6xbf16> {
  %0 = arith.truncf %x : tensor<?x6xf32> to tensor<?x6xbf16>
  %1 = ssm.softplus %0 : tensor<?x6xbf16>
  %2 = math.exp %1 : tensor<?x6xbf16>
  return %2 : tensor<?x6xbf16>
}

// CHECK-LABEL: func @splat
// CHECK-SAME: (%[[X:.*]]: tensor<4x6xf32>)
// CHECK: kernel.map ins(%[[X]] : {{.*}}) maps [#[[ID]], #[[ID]]]
// CHECK-NEXT: ^bb0(%[[A:.*]]: f32):
// CHECK-NEXT: %[[TWO:.*]] = arith.constant 2.0
// CHECK-NEXT: arith.subf %[[TWO]], %[[A]] : f32
func.func @splat(%x: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %two = arith.constant dense<2.0> : tensor<4x6xf32>
  %0 = arith.subf %two, %x : tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// CHECK-LABEL: func @only_splats
// CHECK: kernel.map maps [#[[ID]]] -> tensor<4x6xf32> body {
func.func @only_splats() -> tensor<4x6xf32> {
  %two = arith.constant dense<2.0> : tensor<4x6xf32>
  %0 = math.exp %two : tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}
