// A scan of one step: blocks of one sequence after the other share their
// channels, nothing but the state waits for the slot, and neighbouring threads
// have neighbouring vectors of states.

// RUN: ssmc-opt %s --convert-kernel-to-gpu | FileCheck %s

// CHECK: #[[GRID:.*]] = affine_map<()[s0, s1] -> (s0, 3, 1)>
// CHECK: kernel.launch @kernels::@scan_0 grid #[[GRID]]

// CHECK: gpu.func @scan_0
// CHECK: %[[BATCH:.*]] = gpu.block_id x
// CHECK: gpu.block_id y
// CHECK: %[[SLOT:.*]] = memref.load %{{.*}}[%[[BATCH]]] : memref<?xi32
// CHECK: %[[EXISTS:.*]] = arith.cmpi ult
// CHECK: %[[ANY:.*]] = arith.cmpi slt
// All loads are in a branch, the state's last.
// CHECK: scf.if %[[ANY]] -> (f32, {{.*}}) {
// CHECK-NOT: scf.if
// CHECK: memref.load {{.*}} memref<?x1x96xf32
// CHECK: %[[ROW:.*]] = arith.select %[[EXISTS]]
// CHECK: vector.load %{{.*}}[%[[ROW]], {{.*}} vector<4xf32>
// CHECK: scf.yield
// CHECK: } else {
// CHECK-NOT: scf.if
// CHECK: %[[OUT:.*]] = arith.select %[[EXISTS]]
// CHECK-NEXT: memref.store %[[OUT]]
// CHECK: scf.if %[[EXISTS]] {
// CHECK: vector.store %{{.*}} {alignment = 16 : i64} {{.*}} vector<4xf32>

// Without slots there is always a state.
// CHECK: gpu.func @scan_1
// CHECK: scf.if %{{.*}} -> (f32, {{.*}}) {
// CHECK: vector.load
// CHECK-NOT: scf.if
// CHECK: vector.store
// CHECK: gpu.return
ssm.state @pool : tensor<?x96x16xf32>

func.func @step(%u: tensor<?x1x96xf32>, %A: tensor<96x16xf32>,
                %slots: tensor<?xi32>) -> tensor<?x1x96xf32> {
  %pool = ssm.get_state @pool : tensor<?x96x16xf32>
  %y, %next = kernel.scan ins(%u, %A : tensor<?x1x96xf32>, tensor<96x16xf32>)
      init(%pool : tensor<?x96x16xf32>) slots(%slots : tensor<?xi32>)
      maps [affine_map<(b, t, d, n, p) -> (b, t, d)>,
            affine_map<(b, t, d, n, p) -> (d, n)>,
            affine_map<(b, t, d, n, p) -> (b, t, d)>]
      decay exp2 schedule <sequential, {lanes = 4, steps = 1}>
      -> tensor<?x1x96xf32>, tensor<?x96x16xf32> step {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%h: f32, %s: f32, %a: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32):
    kernel.yield %sum : f32
  }
  ssm.set_state @pool, %next : tensor<?x96x16xf32>
  return %y : tensor<?x1x96xf32>
}
func.func @stateless(%u: tensor<?x1x96xf32>, %A: tensor<96x16xf32>)
    -> (tensor<?x1x96xf32>, tensor<?x96x16xf32>) {
  %y, %next = kernel.scan ins(%u, %A : tensor<?x1x96xf32>, tensor<96x16xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <sequential, {lanes = 4, steps = 1}>
      -> tensor<?x1x96xf32>, tensor<?x96x16xf32> step {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%h: f32, %s: f32, %a: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return %y, %next : tensor<?x1x96xf32>, tensor<?x96x16xf32>
}
