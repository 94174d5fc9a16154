// A norm is one kernel; the residual's sum is normalized before it is rounded.

// RUN: ssmc-opt %s --convert-ssm-to-kernel | FileCheck %s

// CHECK-DAG: #[[MD:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[D:.*]] = affine_map<(d0, d1) -> (d1)>

// CHECK-LABEL: func @residual
// CHECK-SAME: (%[[X:.*]]: tensor<?x6xbf16>, %[[W:.*]]: tensor<6xf32>, %[[R:.*]]: tensor<?x6xbf16>)
// CHECK: kernel.row_reduce ins(%[[X]], %[[W]], %[[R]] : {{.*}}) maps [#[[MD]], #[[D]], #[[MD]], #[[MD]], #[[MD]]] -> tensor<?x6xbf16>, tensor<?x6xbf16> reduce {
// CHECK-NEXT: ^bb0(%[[XX:.*]]: bf16, %{{.*}}: f32, %[[XR:.*]]: bf16):
// CHECK-DAG: %[[WIDEX:.*]] = arith.extf %[[XX]]
// CHECK-DAG: %[[WIDER:.*]] = arith.extf %[[XR]]
// CHECK: %[[S:.*]] = arith.addf %[[WIDEX]], %[[WIDER]]
// CHECK: %[[SQUARE:.*]] = arith.mulf %[[S]], %[[S]]
// CHECK: kernel.yield %[[SQUARE]]
// CHECK: } epilogue {
// CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32, %{{.*}}: bf16, %[[XW:.*]]: f32, %{{.*}}: bf16):
// CHECK: %[[S:.*]] = arith.addf
// CHECK: %[[COUNT:.*]] = arith.constant 6.0
// CHECK: %[[MEAN:.*]] = arith.divf %[[SUM]], %[[COUNT]]
// CHECK: %[[EPS:.*]] = arith.constant 9.99{{.*}}E-6
// CHECK: %[[MORE:.*]] = arith.addf %[[MEAN]], %[[EPS]]
// CHECK: %[[SCALE:.*]] = math.rsqrt %[[MORE]]
// CHECK: %[[UNIT:.*]] = arith.mulf %[[S]], %[[SCALE]]
// CHECK: %[[Y:.*]] = arith.mulf %[[UNIT]], %[[XW]]
// CHECK-DAG: %[[NARROWY:.*]] = arith.truncf %[[Y]]
// CHECK-DAG: %[[NARROWS:.*]] = arith.truncf %[[S]]
// CHECK: kernel.yield %[[NARROWY]], %[[NARROWS]]
func.func @residual(%x: tensor<?x6xbf16>, %w: tensor<6xf32>,
                    %r: tensor<?x6xbf16>)
    -> (tensor<?x6xbf16>, tensor<?x6xbf16>) {
  %y, %s = ssm.rms_norm %x, %w residual(%r : tensor<?x6xbf16>) eps 1.0e-5
      : tensor<?x6xbf16>, tensor<6xf32> -> tensor<?x6xbf16>, tensor<?x6xbf16>
  return %y, %s : tensor<?x6xbf16>, tensor<?x6xbf16>
}

// CHECK-LABEL: func @plain
// CHECK: kernel.row_reduce ins(%{{.*}}, %{{.*}} : {{.*}}) maps [#[[MD]], #[[D]], #[[MD]]] -> tensor<?x6xf32> reduce {
// CHECK-NEXT: ^bb0(%[[XX:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT: %[[SQUARE:.*]] = arith.mulf %[[XX]], %[[XX]]
// CHECK-NEXT: kernel.yield %[[SQUARE]]
func.func @plain(%x: tensor<?x6xf32>, %w: tensor<6xf32>) -> tensor<?x6xf32> {
  %y = ssm.rms_norm %x, %w eps 1.0e-5
      : tensor<?x6xf32>, tensor<6xf32> -> tensor<?x6xf32>
  return %y : tensor<?x6xf32>
}
