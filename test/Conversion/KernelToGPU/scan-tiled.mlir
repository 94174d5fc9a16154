// A block walks tiles of channels and time; segments are joined by shuffles.

// RUN: ssmc-opt %s --convert-kernel-to-gpu | FileCheck %s

// Four channels of 8 segments a warp, two warps: 8 channels a block.
// CHECK-DAG: #[[GRID:.*]] = affine_map<()[s0, s1] -> (s0 * 12, 1, 1)>
// CHECK: kernel.launch @kernels::@scan_0 grid #[[GRID]]

// B is in shared memory, in two buffers of 8 segments of 2 rows of 4 columns,
// with a gap after each segment. What does not depend on time is loaded before.
// CHECK-LABEL: gpu.func @scan_0
// CHECK-SAME: workgroup(%[[ROWS:.*]] : memref<192xf32, #gpu.address_space<workgroup>> {llvm.align = 16 : i64})
// CHECK-SAME: known_block_size = array<i32: 64, 1, 1>
// CHECK: vector.load %{{.*}} {alignment = 16 : i64} : memref<96x4xf32
// The first tile's rows, then whole tiles.
// CHECK: vector.store %{{.*}}, %[[ROWS]]
// CHECK: gpu.barrier
// CHECK: %[[WHOLE:.*]]:5 = scf.for
// The next tile's rows are on their way while this one is computed.
// CHECK: vector.load %{{.*}} : memref<?x?x4xf32
// CHECK: vector.load %[[ROWS]]
// CHECK-COUNT-8: math.exp2
// CHECK: gpu.shuffle up
// CHECK: gpu.shuffle idx
// No two channels of the 96 are one thread's twice, so all threads write.
// CHECK-NOT: scf.if
// CHECK: memref.store
// CHECK: vector.store %{{.*}}, %[[ROWS]]
// CHECK: gpu.barrier
// CHECK: scf.yield
// The rest: steps that do not exist have decay 2^0 and input 0, and are not
// stored.
// CHECK: scf.if
// CHECK: arith.select
// CHECK: scf.if
// CHECK: memref.store
func.func @f(%u: tensor<?x?x96xf32>, %A: tensor<96x4xf32>, %B: tensor<?x?x4xf32>)
    -> tensor<?x?x96xf32> {
  %y = kernel.scan
      ins(%u, %A, %B : tensor<?x?x96xf32>, tensor<96x4xf32>, tensor<?x?x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <tiled, {segments = 8, steps = 2, threads = 64}>
      -> tensor<?x?x96xf32> step {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %a: f32, %b: f32):
    kernel.yield %a, %b : f32, f32
  } readout {
  ^bb0(%state: f32, %s: f32, %a: f32, %b: f32):
    kernel.yield %state : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<?x?x96xf32>
}
