// An id outside the table reads row 0 and gives NaN.

// RUN: ssmc-opt %s --convert-kernel-to-gpu | FileCheck %s

// CHECK-LABEL: gpu.func @gather_0
// CHECK-SAME: known_block_size = array<i32: 256, 1, 1>
// CHECK: %[[ID:.*]] = memref.load
// CHECK: %[[INDEX:.*]] = arith.index_cast %[[ID]] : i32 to index
// CHECK: %[[ROWS:.*]] = arith.constant 9 : index
// CHECK: %[[KNOWN:.*]] = arith.cmpi ult, %[[INDEX]], %[[ROWS]]
// CHECK: %[[ROW:.*]] = arith.select %[[KNOWN]], %[[INDEX]]
// CHECK: %[[E:.*]] = memref.load %{{.*}}[%[[ROW]], %{{.*}}] : memref<9x6xf32
// CHECK: %[[NAN:.*]] = arith.constant 0x7FC00000
// CHECK: %[[R:.*]] = arith.select %[[KNOWN]], %[[E]], %[[NAN]]
// CHECK: memref.store %[[R]]
func.func @f(%ids: tensor<?xi32>, %table: tensor<9x6xf32>) -> tensor<?x6xf32> {
  %y = kernel.gather %ids, %table
      maps [affine_map<(b, d) -> (b)>, affine_map<(b, d) -> (0, d)>,
            affine_map<(b, d) -> (b, d)>]
      schedule <elementwise>
      : tensor<?xi32>, tensor<9x6xf32> -> tensor<?x6xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return %y : tensor<?x6xf32>
}
