// A warp a few columns: vector loads where rows are aligned, scalar ones where
// they are not, and shuffles that the columns share.

// RUN: ssmc-opt %s --convert-kernel-to-gpu | FileCheck %s

// CHECK-DAG: #[[GRID:.*]] = affine_map<()[s0] -> (s0 * 3, 1, 1)>
// CHECK: kernel.launch @kernels::@matmul_0 grid #[[GRID]]

// 8 bf16 and twice 4 f32: 16 bytes a load. Two columns: one exchange, then a
// tree over 16 lanes.
// CHECK-LABEL: gpu.func @matmul_0
// CHECK-SAME: known_block_size = array<i32: 64, 1, 1>
// CHECK-NOT: workgroup
// CHECK: scf.for
// CHECK: vector.load %{{.*}} {alignment = 16 : i64} : memref<?x64xf32
// CHECK-COUNT-2: vector.load %{{.*}} {alignment = 16 : i64} : memref<12x64xbf16, {{.*}} vector<8xbf16>
// CHECK-NOT: memref.load
// CHECK-COUNT-16: math.fma
// CHECK: scf.yield
// CHECK-COUNT-5: gpu.shuffle xor
// CHECK-NOT: gpu.shuffle
// CHECK: scf.if
// CHECK: memref.store

// Rows of 7 elements: no vectors.
// CHECK-LABEL: gpu.func @matmul_1
// CHECK-NOT: vector.load
// CHECK: memref.load {{.*}} memref<12x7xbf16
// CHECK: gpu.return

// Rows of 12: 16 bytes of f32, 8 of bf16.
// CHECK-LABEL: gpu.func @matmul_2
// CHECK: vector.load %{{.*}} {alignment = 16 : i64} : memref<?x12xf32, {{.*}} vector<4xf32>
// CHECK: vector.load %{{.*}} {alignment = 8 : i64} : memref<12x12xbf16, {{.*}} vector<4xbf16>
func.func @f(%x: tensor<?x64xf32>, %w: tensor<12x64xbf16>) -> tensor<?x12xf32> {
  %y = kernel.matmul ins(%x, %w : tensor<?x64xf32>, tensor<12x64xbf16>)
      maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
            affine_map<(m, n, k) -> (m, n)>]
      schedule <rows, {columns = 2, threads = 64}> -> tensor<?x12xf32> contract {
  ^bb0(%a: f32, %b: bf16):
    %c = arith.extf %b : bf16 to f32
    kernel.yield %a, %c : f32, f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<?x12xf32>
}
func.func @odd(%x: tensor<?x7xf32>, %w: tensor<12x7xbf16>) -> tensor<?x12xf32> {
  %y = kernel.matmul ins(%x, %w : tensor<?x7xf32>, tensor<12x7xbf16>)
      maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
            affine_map<(m, n, k) -> (m, n)>]
      schedule <rows> -> tensor<?x12xf32> contract {
  ^bb0(%a: f32, %b: bf16):
    %c = arith.extf %b : bf16 to f32
    kernel.yield %a, %c : f32, f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<?x12xf32>
}
func.func @twelve(%x: tensor<?x12xf32>, %w: tensor<12x12xbf16>)
    -> tensor<?x12xf32> {
  %y = kernel.matmul ins(%x, %w : tensor<?x12xf32>, tensor<12x12xbf16>)
      maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
            affine_map<(m, n, k) -> (m, n)>]
      schedule <rows> -> tensor<?x12xf32> contract {
  ^bb0(%a: f32, %b: bf16):
    %c = arith.extf %b : bf16 to f32
    kernel.yield %a, %c : f32, f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<?x12xf32>
}
