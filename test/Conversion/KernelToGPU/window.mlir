// The window is carried in registers along time; a piece of a sequence begins
// with what is before it. Vectors are channels, or steps where lanes are along time.

// RUN: ssmc-opt %s --convert-kernel-to-gpu | FileCheck %s

// CHECK-DAG: #[[WHOLE:.*]] = affine_map<()[s0, s1] -> (s0 * 2, 1, 1)>
// CHECK-DAG: #[[PIECES:.*]] = affine_map<()[s0, s1] -> ((s0 * (s1 ceildiv 32)) * 2, 1, 1)>
// CHECK-DAG: kernel.launch @kernels::@window_0 grid #[[WHOLE]]
// CHECK-DAG: kernel.launch @kernels::@window_1 grid #[[PIECES]]
// CHECK-DAG: #[[TILES:.*]] = affine_map<()[s0, s1] -> ((s0 * (s1 ceildiv 512)) * 24, 1, 1)>
// CHECK-DAG: kernel.launch @kernels::@window_3 grid #[[TILES]]

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

// Eight channels a thread, loads of four steps before the first is computed, and
// the rest step by step. What is before the piece stays packed in its branch.
// CHECK-LABEL: gpu.func @window_2
// CHECK: scf.if %{{.*}} -> (vector<8xbf16>) {
// CHECK-NEXT: arith
// CHECK: vector.load {{.*}} {alignment = 16 : i64} : memref<?x?x96xbf16, {{.*}} vector<8xbf16>
// CHECK-NOT: vector.extract
// CHECK: } else {
// CHECK: %[[WHOLE:.*]]:16 = scf.for
// CHECK-COUNT-4: vector.load {{.*}} vector<8xbf16>
// CHECK-COUNT-4: vector.store {{.*}} {alignment = 16 : i64} : memref<?x?x96xbf16, {{.*}} vector<8xbf16>
// CHECK: scf.for {{.*}} iter_args({{.*}} = %[[WHOLE]]#0,
// CHECK: vector.load
// CHECK-NOT: vector.load
// CHECK: vector.store
func.func @channels(%x: tensor<?x?x96xbf16>, %w: tensor<96x3xf32>)
    -> tensor<?x?x96xbf16> {
  %y = kernel.window ins(%x, %w : tensor<?x?x96xbf16>, tensor<96x3xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      schedule <sequential, {loads = 4, steps = 16, threads = 32, width = 8}>
      -> tensor<?x?x96xbf16> reduce {
  ^bb0(%e: bf16, %f: f32):
    %a = arith.extf %e : bf16 to f32
    %r = arith.mulf %a, %f : f32
    kernel.yield %r : f32
  } epilogue {
  ^bb0(%sum: f32):
    %r = arith.truncf %sum : f32 to bf16
    kernel.yield %r : bf16
  }
  return %y : tensor<?x?x96xbf16>
}

// Eight steps a thread. Where the length, which only the call knows, leaves rows
// aligned, a whole tile has all its loads before its first use; else groups of
// steps one by one, and then steps.
// CHECK-LABEL: gpu.func @window_3
// CHECK: %[[BITS:.*]] = arith.andi %{{.*}}, %c7
// CHECK: %[[ALIGNED:.*]] = arith.cmpi eq, %[[BITS]]
// CHECK: scf.if
// CHECK: scf.if %{{.*}} -> (vector<2xbf16>) {
// CHECK: vector.load {{.*}} vector<2xbf16>
// CHECK: vector.load {{.*}} {alignment = 16 : i64} : memref<?x96x?xbf16, {{.*}} vector<8xbf16>
// CHECK-NEXT: arith
// CHECK: vector.load {{.*}} vector<2xbf16>
// CHECK: vector.load {{.*}} vector<8xbf16>
// CHECK-COUNT-2: vector.store {{.*}} {alignment = 16 : i64} : memref<?x96x?xbf16, {{.*}} vector<8xbf16>
// CHECK: } else {
// CHECK: scf.for
// CHECK: vector.load {{.*}} vector<8xbf16>
// CHECK: vector.store
// CHECK: } else {
// CHECK: scf.for {{.*}} iter_args
// CHECK: memref.load {{.*}} memref<?x96x?xbf16
// CHECK: memref.store {{.*}} memref<?x96x?xbf16
func.func @lanes_along_time(%x: tensor<?x96x?xbf16>, %w: tensor<96x3xf32>)
    -> tensor<?x96x?xbf16> {
  %y = kernel.window ins(%x, %w : tensor<?x96x?xbf16>, tensor<96x3xf32>)
      maps [affine_map<(b, t, d, w) -> (b, d, t)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (b, d, t)>]
      schedule <tiled>
      -> tensor<?x96x?xbf16> reduce {
  ^bb0(%e: bf16, %f: f32):
    %a = arith.extf %e : bf16 to f32
    %r = arith.mulf %a, %f : f32
    kernel.yield %r : f32
  } epilogue {
  ^bb0(%sum: f32):
    %r = arith.truncf %sum : f32 to bf16
    kernel.yield %r : bf16
  }
  return %y : tensor<?x96x?xbf16>
}
