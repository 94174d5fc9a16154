// 64 x 64 outputs a block, through tiles in shared memory between two barriers;
// products beyond k are zero.

// RUN: ssmc-opt %s --convert-kernel-to-gpu | FileCheck %s

// CHECK-DAG: #[[GRID:.*]] = affine_map<()[s0, s1] -> ((s0 * s1) ceildiv 64, 1, 1)>
// CHECK-DAG: #[[GRID2:.*]] = affine_map<()[s0, s1] -> (((s0 * s1) ceildiv 64) * 2, 1, 1)>
// CHECK-DAG: kernel.launch @kernels::@matmul_0 grid #[[GRID]]
// CHECK-DAG: kernel.launch @kernels::@matmul_1 grid #[[GRID2]]

// CHECK-LABEL: gpu.func @matmul_0
// CHECK-SAME: workgroup(%[[X:.*]] : memref<16x68xf32, #gpu.address_space<workgroup>> {llvm.align = 16 : i64}, %[[W:.*]] : memref<16x68xf32, #gpu.address_space<workgroup>> {llvm.align = 16 : i64})
// CHECK-SAME: known_block_size = array<i32: 256, 1, 1>
// CHECK: scf.for
// CHECK-NOT: arith.select
// CHECK: gpu.barrier
// CHECK-COUNT-4: memref.store %{{.*}}, %[[W]]
// CHECK: gpu.barrier
// CHECK: scf.for
// CHECK-COUNT-16: math.fma
// CHECK: gpu.return

// CHECK-LABEL: gpu.func @matmul_1
// CHECK: scf.for
// CHECK-COUNT-8: arith.select
// CHECK: gpu.barrier
func.func @f(%x: tensor<?x?x32xf32>, %w: tensor<48x32xf32>)
    -> tensor<?x?x48xf32> {
  %y = kernel.matmul ins(%x, %w : tensor<?x?x32xf32>, tensor<48x32xf32>)
      maps [affine_map<(b, t, n, k) -> (b, t, k)>,
            affine_map<(b, t, n, k) -> (n, k)>,
            affine_map<(b, t, n, k) -> (b, t, n)>]
      schedule <tiled> -> tensor<?x?x48xf32> contract {
  ^bb0(%a: f32, %c: f32):
    kernel.yield %a, %c : f32, f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<?x?x48xf32>
}
func.func @ragged(%x: tensor<?x?x9xf32>, %w: tensor<65x9xf32>)
    -> tensor<?x?x65xf32> {
  %y = kernel.matmul ins(%x, %w : tensor<?x?x9xf32>, tensor<65x9xf32>)
      maps [affine_map<(b, t, n, k) -> (b, t, k)>,
            affine_map<(b, t, n, k) -> (n, k)>,
            affine_map<(b, t, n, k) -> (b, t, n)>]
      schedule <tiled> -> tensor<?x?x65xf32> contract {
  ^bb0(%a: f32, %c: f32):
    kernel.yield %a, %c : f32, f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<?x?x65xf32>
}
