// A scan split over blocks is three launches, which share two buffers.

// RUN: ssmc-opt %s --convert-kernel-to-gpu | FileCheck %s

// Pieces of 64 steps; 96 channels of 4 states are 3 blocks of joins a sequence.
// CHECK-DAG: #[[PIECES:.*]] = affine_map<()[s0, s1] -> ({{.*}}s0 * (s1 ceildiv 64){{.*}}, 1, 1)>
// CHECK-DAG: #[[JOIN:.*]] = affine_map<()[s0, s1] -> (s0 * 3, 1, 1)>
// CHECK-DAG: #[[NONE:.*]] = affine_map<()[s0, s1] -> (0, 0, 0)>
// CHECK-DAG: #[[COST:.*]] = affine_map<()[s0, s1] -> ({{.*}}s0{{.*}}, {{.*}}s0{{.*}}, {{.*}}s0{{.*}})>
// CHECK: %[[DECAYS:.*]] = kernel.buffer temporary
// CHECK: %[[STATES:.*]] = kernel.buffer temporary
// What the op needs at least is the cost of the last.
// CHECK: kernel.launch @kernels::@scan_0_summarize grid #[[PIECES]] args({{.*}}, %[[DECAYS]], %[[STATES]] : {{.*}} cost #[[NONE]]
// CHECK: kernel.launch @kernels::@scan_0_join grid #[[JOIN]] args({{.*}}, %[[DECAYS]], %[[STATES]] : {{.*}} cost #[[NONE]]
// CHECK: kernel.launch @kernels::@scan_0 grid #[[PIECES]] args({{.*}}, %[[DECAYS]], %[[STATES]] : {{.*}} cost #[[COST]]

// The first writes no output and reads no initial state.
// CHECK-LABEL: gpu.func @scan_0_summarize
// CHECK-SAME: %[[U:[a-z0-9]+]]: memref<f32, {{.*}}, %[[OUT:[a-z0-9]+]]: memref<f32, {{.*}}, %[[P:[a-z0-9]+]]: memref<f32, {{.*}}, %[[H:[a-z0-9]+]]: memref<f32, {{.*}} %{{[a-z0-9]+}}: index
// CHECK: memref.store %{{.*}} : memref<?x?x?x?xf32
// CHECK-NOT: memref.store %{{.*}} : memref<?x?x96xf32
// The second goes over the pieces in their order.
// CHECK-LABEL: gpu.func @scan_0_join
// CHECK: scf.for
// CHECK: memref.store %{{.*}} : memref<?x?x?x?xf32
// CHECK: math.fma
// CHECK: memref.store %{{.*}} : memref<?x96x4xf32
// CHECK-LABEL: gpu.func @scan_0(
// CHECK: memref.load %{{.*}} : memref<?x?x?x?xf32
// CHECK: memref.store %{{.*}} : memref<?x?x96xf32
func.func @f(%u: tensor<?x?x96xf32>, %A: tensor<96x4xf32>)
    -> (tensor<?x?x96xf32>, tensor<?x96x4xf32>) {
  %y, %last = kernel.scan ins(%u, %A : tensor<?x?x96xf32>, tensor<96x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <split, {piece = 64, segments = 8, steps = 2, threads = 64}>
      -> tensor<?x?x96xf32>, tensor<?x96x4xf32> step {
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
  return %y, %last : tensor<?x?x96xf32>, tensor<?x96x4xf32>
}
