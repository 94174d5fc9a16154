// States stay in registers along time; lanes that share a channel add their
// parts of the readout.

// RUN: ssmc-opt %s --convert-kernel-to-gpu | FileCheck %s

// CHECK-DAG: #[[GRID:.*]] = affine_map<()[s0, s1] -> (s0 * 3, 1, 1)>
// CHECK: kernel.launch @kernels::@scan_0 grid #[[GRID]]

// Two lanes a channel, four states each: slopes and initial states are loaded
// once, by vectors; the first loop takes two steps at a time, the second the
// rest.
// CHECK-LABEL: gpu.func @scan_0
// CHECK-SAME: known_block_size = array<i32: 64, 1, 1>
// CHECK: vector.load %{{.*}} {alignment = 16 : i64} : memref<96x8xf32, {{.*}} vector<4xf32>
// CHECK: vector.load %{{.*}} {alignment = 16 : i64} : memref<?x96x8xf32, {{.*}} vector<4xf32>
// CHECK: %[[WHOLE:.*]]:4 = scf.for
// CHECK-NOT: vector.load
// CHECK-COUNT-2: memref.load
// CHECK-COUNT-4: math.exp2
// CHECK: gpu.shuffle xor
// CHECK-COUNT-4: math.exp2
// CHECK: gpu.shuffle xor
// CHECK: scf.if
// CHECK-COUNT-2: memref.store
// CHECK: scf.yield
// CHECK: %[[REST:.*]]:4 = scf.for {{.*}} iter_args({{.*}} = %[[WHOLE]]#0,
// CHECK-COUNT-4: math.exp2
// CHECK-NOT: math.exp2
// CHECK: %[[STATES:.*]] = vector.from_elements %[[REST]]#0, %[[REST]]#1, %[[REST]]#2, %[[REST]]#3
// CHECK: vector.store %[[STATES]], {{.*}} {alignment = 16 : i64} : memref<?x96x8xf32

// A linear decay is used as it is. Of 3 states on 2 lanes one does not exist.
// CHECK-LABEL: gpu.func @scan_1
// CHECK-NOT: math.exp2
// CHECK-NOT: vector.load
// CHECK: arith.select
// CHECK: math.fma
// CHECK: gpu.return
func.func @f(%u: tensor<?x?x96xf32>, %A: tensor<96x8xf32>, %h: tensor<?x96x8xf32>)
    -> (tensor<?x?x96xf32>, tensor<?x96x8xf32>) {
  %y, %last = kernel.scan ins(%u, %A : tensor<?x?x96xf32>, tensor<96x8xf32>)
      init(%h : tensor<?x96x8xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <sequential, {lanes = 2, steps = 2, threads = 64}>
      -> tensor<?x?x96xf32>, tensor<?x96x8xf32> step {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%state: f32, %s: f32, %a: f32):
    kernel.yield %state : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return %y, %last : tensor<?x?x96xf32>, tensor<?x96x8xf32>
}
func.func @linear(%u: tensor<?x?x96xf32>, %A: tensor<96x3xf32>)
    -> tensor<?x?x96xf32> {
  %y = kernel.scan ins(%u, %A : tensor<?x?x96xf32>, tensor<96x3xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay linear schedule <sequential, {lanes = 2}>
      -> tensor<?x?x96xf32> step {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%state: f32, %s: f32, %a: f32):
    kernel.yield %state : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<?x?x96xf32>
}
