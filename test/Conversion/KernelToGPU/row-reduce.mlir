// One block a row: sums over lanes by shuffles, over warps in shared memory.

// RUN: ssmc-opt %s --convert-kernel-to-gpu | FileCheck %s

// CHECK-DAG: #[[GRID:.*]] = affine_map<()[s0] -> (s0, 1, 1)>
// CHECK: kernel.launch @kernels::@row_reduce_0 grid #[[GRID]]

// Two sums of two warps.
// CHECK-LABEL: gpu.func @row_reduce_0
// CHECK-SAME: workgroup(%[[PARTIAL:.*]] : memref<2x2xf32, #gpu.address_space<workgroup>> {llvm.align = 16 : i64})
// CHECK-SAME: known_block_size = array<i32: 64, 1, 1>
// CHECK: %[[SUMS:.*]]:2 = scf.for {{.*}} iter_args
// CHECK: memref.load
// CHECK: scf.yield
// CHECK: gpu.shuffle xor %[[SUMS]]#0
// CHECK-COUNT-4: gpu.shuffle xor
// CHECK: gpu.shuffle xor %[[SUMS]]#1
// CHECK-COUNT-4: gpu.shuffle xor
// CHECK-NOT: gpu.shuffle
// CHECK: scf.if
// CHECK-COUNT-2: memref.store %{{.*}}, %[[PARTIAL]]
// CHECK: gpu.barrier
// CHECK-COUNT-4: memref.load %[[PARTIAL]]
// CHECK: scf.for
// CHECK: memref.store {{.*}} memref<?x96xf32

// A single warp needs no shared memory.
// CHECK-LABEL: gpu.func @row_reduce_1
// CHECK-NOT: workgroup
// CHECK-NOT: gpu.barrier
// CHECK: gpu.return
func.func @f(%x: tensor<?x96xf32>) -> (tensor<?x96xf32>, tensor<?x96xf32>) {
  %y = kernel.row_reduce ins(%x : tensor<?x96xf32>)
      maps [affine_map<(m, d) -> (m, d)>, affine_map<(m, d) -> (m, d)>]
      schedule <rows, {threads = 64}> -> tensor<?x96xf32> reduce {
  ^bb0(%e: f32):
    %s = arith.mulf %e, %e : f32
    kernel.yield %e, %s : f32, f32
  } epilogue {
  ^bb0(%sum: f32, %squares: f32, %e: f32):
    %r = arith.divf %sum, %squares : f32
    kernel.yield %r : f32
  }
  %z = kernel.row_reduce ins(%x : tensor<?x96xf32>)
      maps [affine_map<(m, d) -> (m, d)>, affine_map<(m, d) -> (m, d)>]
      schedule <rows, {threads = 32}> -> tensor<?x96xf32> reduce {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  } epilogue {
  ^bb0(%sum: f32, %e: f32):
    kernel.yield %sum : f32
  }
  return %y, %z : tensor<?x96xf32>, tensor<?x96xf32>
}
