// A function becomes a table: inputs and outputs first, then the buffers that its
// ops need. Sizes are named by the arguments.

// RUN: ssmc-opt %s --convert-ssm-to-kernel --kernel-fuse --kernel-assign-schedules --convert-kernel-to-gpu --split-input-file | FileCheck %s

// Views are offsets and strides: the second half of a product, and its last
// tokens.
// CHECK-DAG: #[[XSHAPE:.*]] = affine_map<()[s0, s1, s2] -> (s0, s1, 6)>
// CHECK-DAG: #[[YSHAPE:.*]] = affine_map<()[s0, s1, s2] -> (s0, s2, 6)>
// CHECK-DAG: #[[OFFSETS:.*]] = affine_map<()[s0, s1, s2] -> (s1 * 12 - s2 * 12 + 6, 0)>
// CHECK-DAG: #[[SCALARS:.*]] = affine_map<()[s0, s1, s2] -> (s0, s2, s1 * 12, s2 * 6)>
// CHECK: kernel.plan @views dims ["batch", "seqlen", "last"] {
// CHECK-NEXT: kernel.buffer input "x" shape #[[XSHAPE]] : memref<?x?x6xf32>
// CHECK-NEXT: %[[Y:.*]] = kernel.buffer output "y" shape #[[YSHAPE]] : memref<?x?x6xf32>
// CHECK-NEXT: kernel.buffer parameter "w"
// CHECK-NEXT: %[[XZ:.*]] = kernel.buffer temporary "t0" {{.*}} : memref<?x?x12xf32>
// CHECK-NEXT: kernel.launch @kernels::@matmul_0
// CHECK-NEXT: kernel.launch @kernels::@map_0 {{.*}} args(%[[XZ]], %[[Y]] : {{.*}}) offsets #[[OFFSETS]] scalars #[[SCALARS]]
// CHECK-NEXT: }
// CHECK: gpu.func @map_0(%[[P:[a-z0-9]*]]: {{.*}}, %[[B:[a-z0-9]*]]: index, %[[T:[a-z0-9]*]]: index, %[[S:[a-z0-9]*]]: index, %{{[a-z0-9]*}}: index)
// CHECK: memref.reinterpret_cast %[[P]] to offset: [0], sizes: [%[[B]], %[[T]], 6], strides: [%[[S]], 12, 1]
ssm.parameter @w : tensor<12x6xbf16>
func.func @views(
    %x: tensor<?x?x6xf32> {ssm.name = "x", ssm.dims = ["batch", "seqlen"]},
    %last: index {ssm.name = "last"})
    -> (tensor<?x?x6xf32> {ssm.name = "y"}) {
  %w = ssm.get_parameter @w : tensor<12x6xbf16>
  %xz = ssm.linear %x, %w
      : tensor<?x?x6xf32>, tensor<12x6xbf16> -> tensor<?x?x12xf32>
  %u, %z = ssm.split %xz
      : tensor<?x?x12xf32> -> tensor<?x?x6xf32>, tensor<?x?x6xf32>
  %t = ssm.last_tokens %z, %last : tensor<?x?x6xf32> -> tensor<?x?x6xf32>
  %y = ssm.silu %t : tensor<?x?x6xf32>
  return %y : tensor<?x?x6xf32>
}

// -----

// Dimensions that a kernel or a name ties together are one; where one of them is
// static, so are all. Names default to the argument's number.
// CHECK: kernel.plan @unified dims ["arg0.0", "n"] {
// CHECK-NEXT: kernel.buffer input "arg0" {{.*}} : memref<?x6xf32>
// CHECK-NEXT: kernel.buffer input "arg1" {{.*}} : memref<?x6xf32>
// CHECK-NEXT: kernel.buffer input "arg2" {{.*}} : memref<?x4xf32>
// CHECK-NEXT: kernel.buffer input "arg3" {{.*}} : memref<?x4xf32>
// CHECK-NEXT: kernel.buffer input "arg4" {{.*}} : memref<5xf32>
// CHECK-NEXT: kernel.buffer input "arg5" {{.*}} : memref<5xf32>
// CHECK-NEXT: kernel.buffer output "result0" {{.*}} : memref<?x6xf32>
func.func @unified(%a: tensor<?x6xf32>, %b: tensor<?x6xf32>,
                   %c: tensor<?x4xf32> {ssm.dims = ["n"]},
                   %d: tensor<?x4xf32> {ssm.dims = ["n"]},
                   %e: tensor<?xf32>, %f: tensor<5xf32>)
    -> (tensor<?x6xf32>, tensor<?x4xf32>, tensor<5xf32>) {
  %0 = arith.addf %a, %b : tensor<?x6xf32>
  %1 = arith.addf %c, %d : tensor<?x4xf32>
  %2 = kernel.map ins(%e, %f : tensor<?xf32>, tensor<5xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>,
            affine_map<(i) -> (i)>] -> tensor<5xf32> body {
  ^bb0(%p: f32, %q: f32):
    kernel.yield %p : f32
  }
  return %0, %1, %2 : tensor<?x6xf32>, tensor<?x4xf32>, tensor<5xf32>
}

// -----

// An output that no kernel makes, or that has another place already, is copied
// by a map.
// CHECK: kernel.plan @copies
// CHECK: %[[X:.*]] = kernel.buffer input "arg0"
// CHECK: %[[A:.*]] = kernel.buffer output "result0"
// CHECK: %[[B:.*]] = kernel.buffer output "result1"
// CHECK: %[[C:.*]] = kernel.buffer output "result2"
// CHECK: kernel.launch @kernels::@map_0 {{.*}} args(%[[X]], %[[B]] :
// CHECK: kernel.launch @kernels::@map_1 {{.*}} args(%[[X]], %[[A]] :
// CHECK: kernel.launch @kernels::@map_1 {{.*}} args(%[[B]], %[[C]] :
func.func @copies(%x: tensor<4xf32>)
    -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %y = arith.negf %x : tensor<4xf32>
  return %x, %y, %y : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// -----

// A reshape of what is contiguous is a view, also of another.
// CHECK: kernel.plan @reshape
// CHECK: %[[W:.*]] = kernel.buffer parameter "w" {{.*}} : memref<2x1x6xf32>
// CHECK: kernel.launch @kernels::@map_0 {{.*}} args(%[[W]],
// CHECK: gpu.func @map_0
// CHECK: memref.reinterpret_cast {{.*}} sizes: [12], strides: [1]
ssm.parameter @w : tensor<2x1x6xf32>
func.func @reshape() -> tensor<12xf32> {
  %w = ssm.get_parameter @w : tensor<2x1x6xf32>
  %matrix = tensor.collapse_shape %w [[0], [1, 2]]
      : tensor<2x1x6xf32> into tensor<2x6xf32>
  %vector = tensor.collapse_shape %matrix [[0, 1]]
      : tensor<2x6xf32> into tensor<12xf32>
  %y = arith.negf %vector : tensor<12xf32>
  return %y : tensor<12xf32>
}
