// The window is carried in registers along time; a piece of a sequence begins
// with what is before it.

// RUN: ssmc-opt %s --convert-kernel-to-gpu | FileCheck %s

// CHECK-DAG: #[[WHOLE:.*]] = affine_map<()[s0, s1] -> (s0 * 2, 1, 1)>
// CHECK-DAG: #[[PIECES:.*]] = affine_map<()[s0, s1] -> ((s0 * (s1 ceildiv 32)) * 2, 1, 1)>
// CHECK-DAG: kernel.launch @kernels::@window_0 grid #[[WHOLE]]
// CHECK-DAG: kernel.launch @kernels::@window_1 grid #[[PIECES]]

// CHECK-LABEL: gpu.func @window_0
// CHECK-SAME: known_block_size = array<i32: 64, 1, 1>
// CHECK: scf.if
// CHECK-COUNT-2: memref.load {{.*}} memref<?x2x96xf32
// CHECK-COUNT-3: memref.load {{.*}} memref<96x3xf32
// CHECK: %[[LAST:.*]]:2 = scf.for {{.*}} iter_args
// CHECK: memref.load {{.*}} memref<?x?x96xf32
// CHECK: memref.store {{.*}} memref<?x?x96xf32
// CHECK: scf.yield
// CHECK: memref.store %[[LAST]]#0, {{.*}} memref<?x2x96xf32
// CHECK: memref.store %[[LAST]]#1, {{.*}} memref<?x2x96xf32

// Without a state the sequence begins with zeros. A piece beyond the sequence
// reads nothing.
// CHECK-LABEL: gpu.func @window_1
// CHECK: scf.if %{{.*}} {
// CHECK: scf.if %{{.*}} {
// CHECK: %[[INSIDE:.*]] = arith.cmpi slt
// CHECK: scf.if %[[INSIDE]] -> (f32) {
// CHECK: memref.load {{.*}} memref<?x?x96xf32
// CHECK: } else {
// CHECK: %[[ZERO:.*]] = arith.constant 0.0
// CHECK: scf.yield %[[ZERO]]
// CHECK: scf.for
func.func @f(%x: tensor<?x?x96xf32>, %w: tensor<96x3xf32>,
             %s: tensor<?x2x96xf32>)
    -> (tensor<?x?x96xf32>, tensor<?x2x96xf32>) {
  %y, %n = kernel.window ins(%x, %w : tensor<?x?x96xf32>, tensor<96x3xf32>)
      init(%s : tensor<?x2x96xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      schedule <sequential, {threads = 64}>
      -> tensor<?x?x96xf32>, tensor<?x2x96xf32> reduce {
  ^bb0(%e: f32, %f: f32):
    %r = arith.mulf %e, %f : f32
    kernel.yield %r : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return %y, %n : tensor<?x?x96xf32>, tensor<?x2x96xf32>
}
func.func @pieces(%x: tensor<?x?x96xf32>, %w: tensor<96x3xf32>)
    -> tensor<?x?x96xf32> {
  %y = kernel.window ins(%x, %w : tensor<?x?x96xf32>, tensor<96x3xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      schedule <sequential, {steps = 32, threads = 64}>
      -> tensor<?x?x96xf32> reduce {
  ^bb0(%e: f32, %f: f32):
    %r = arith.mulf %e, %f : f32
    kernel.yield %r : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<?x?x96xf32>
}
