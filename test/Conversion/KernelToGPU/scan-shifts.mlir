// A shifted input is loaded that many steps earlier, from the sequence's first
// step at least, and is 0 before it.

// RUN: ssmc-opt %s --convert-kernel-to-gpu --canonicalize --cse | FileCheck %s

// CHECK-LABEL: gpu.func @scan_0
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.0
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[CM3:.*]] = arith.constant -3 : index
// CHECK: memref.load {{.*}} : memref<?xi32
// CHECK: %[[FIRST:.*]] = arith.minsi
// CHECK: scf.for %[[STEP:.*]] = %[[C0]]
// CHECK-DAG: %[[NOW:.*]] = arith.addi %[[FIRST]], %[[STEP]]
// CHECK-DAG: %[[BACK:.*]] = arith.addi %[[STEP]], %[[CM3]]
// CHECK-DAG: %[[CLAMPED:.*]] = arith.maxsi %[[BACK]], %[[C0]]
// CHECK: %[[TIME:.*]] = arith.addi %[[FIRST]], %[[CLAMPED]]
// CHECK: %[[X:.*]] = memref.load %[[VIEW:.*]][%[[C0]], %[[TIME]],
// CHECK: %[[BEFORE:.*]] = arith.cmpi slt, %[[BACK]], %[[C0]]
// CHECK: %[[E:.*]] = arith.select %[[BEFORE]], %[[ZERO]], %[[X]]
// CHECK: %[[Y:.*]] = memref.load %{{.*}}[%[[C0]], %[[NOW]],
// CHECK: arith.addf %[[E]], %[[Y]]
func.func @shifted(%u: tensor<1x?x64xf32>, %A: tensor<64x1xf32>,
                   %offsets: tensor<?xi32>) -> tensor<1x?x64xf32> {
  %y = kernel.scan ins(%u, %u, %A
          : tensor<1x?x64xf32>, tensor<1x?x64xf32>, tensor<64x1xf32>)
      offsets(%offsets : tensor<?xi32>)
      maps [affine_map<(b, t, d, n) -> (0, t, d)>,
            affine_map<(b, t, d, n) -> (0, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (0, t, d)>]
      shifts [3, 0, 0] decay exp2 schedule <sequential, {steps = 1}>
      -> tensor<1x?x64xf32> step {
  ^bb0(%before: f32, %x: f32):
    %s = arith.addf %before, %x : f32
    kernel.yield %s : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%h: f32, %s: f32, %a: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %before: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<1x?x64xf32>
}
