// A map is one thread an element: bare pointers, then the sizes and strides that
// are not static, as scalars.

// RUN: ssmc-opt %s --convert-kernel-to-gpu | FileCheck %s

// CHECK-DAG: #[[GRID:.*]] = affine_map<()[s0] -> ((s0 * 3) ceildiv 32, 1, 1)>
// CHECK-DAG: #[[SHAPE:.*]] = affine_map<()[s0] -> (s0, 6)>
// CHECK-DAG: #[[SCALARS:.*]] = affine_map<()[s0] -> (s0, s0)>

// CHECK: kernel.plan @f dims ["arg0.0"] {
// CHECK: %[[X:.*]] = kernel.buffer input "arg0" shape #[[SHAPE]]
// CHECK: %[[Y:.*]] = kernel.buffer output "result0"
// CHECK: kernel.launch @kernels::@map_0 grid #[[GRID]] args(%[[X]], %[[Y]] : memref<?x6xf32>, memref<6x?xbf16>) {{.*}} scalars #[[SCALARS]]

// CHECK: gpu.func @map_0(%[[PX:[a-z0-9]*]]: memref<f32, #gpu.address_space<global>> {llvm.noalias}, %[[PY:[a-z0-9]*]]: memref<bf16, #gpu.address_space<global>> {llvm.noalias}, %[[N:.*]]: index, %[[STRIDE:.*]]: index) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
// CHECK-DAG: %[[MX:.*]] = memref.reinterpret_cast %[[PX]] to offset: [0], sizes: [%[[N]], 6], strides: [6, 1]
// CHECK-DAG: %[[MY:.*]] = memref.reinterpret_cast %[[PY]] to offset: [0], sizes: [6, %[[N]]], strides: [%[[STRIDE]], 1]
// CHECK: %[[TOTAL:.*]] = arith.muli
// CHECK: %[[INSIDE:.*]] = arith.cmpi slt, %{{.*}}, %{{.*}} : index
// CHECK: scf.if %[[INSIDE]] {
// CHECK: %[[J:.*]] = arith.remui
// CHECK: %[[I:.*]] = arith.divui
// CHECK: %[[E:.*]] = memref.load %[[MX]][%[[I]], %[[J]]]
// CHECK: %[[R:.*]] = arith.truncf %[[E]]
// CHECK: memref.store %[[R]], %[[MY]][%[[J]], %[[I]]]
// CHECK: gpu.return
func.func @f(%x: tensor<?x6xf32>) -> tensor<6x?xbf16> {
  %y = kernel.map ins(%x : tensor<?x6xf32>)
      maps [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j, i)>]
      schedule <elementwise, {threads = 64}> -> tensor<6x?xbf16> body {
  ^bb0(%e: f32):
    %r = arith.truncf %e : f32 to bf16
    kernel.yield %r : bf16
  }
  return %y : tensor<6x?xbf16>
}
