// Packed sequences: the plan derives their number from cu_seqlens, a call checks
// the bounds in it, and a thread clamps what it reads all the same.

// RUN: ssmc-opt %s --ssmc-to-fused --convert-kernel-to-gpu | FileCheck %s

// CHECK-DAG: #[[COUNT:.*]] = affine_map<()[s0, s1] -> (s1)>
// CHECK-DAG: #[[STATES:.*]] = affine_map<()[s0, s1] -> (s1 - 1, 6, 4)>

// CHECK: kernel.plan @packed dims ["arg0.1", "cu_seqlens.0"]
// CHECK: kernel.buffer input "cu_seqlens" shape #[[COUNT]]
// CHECK-SAME: rules [#kernel.input_rule<offsets up_to ()[s0, s1] -> (s0)>] : memref<?xi32>
// CHECK: kernel.buffer output "result1" shape #[[STATES]] : memref<?x6x4xf32>

// CHECK: gpu.func @scan_0
// CHECK: %[[FROM:.*]] = memref.load %{{.*}} : memref<?xi32
// CHECK: %[[INDEX:.*]] = arith.index_cast %[[FROM]] : i32 to index
// CHECK: arith.maxsi %[[INDEX]]
// CHECK: arith.minsi
func.func @packed(%u: tensor<1x?x6xf32>, %A: tensor<6x4xf32>,
                  %B: tensor<1x?x4xf32>,
                  %cu: tensor<?xi32> {ssm.name = "cu_seqlens"})
    -> (tensor<1x?x6xf32>, tensor<?x6x4xf32>) {
  %out, %last = ssm.selective_scan %u, %u, %A, %B, %B
      cu_seqlens(%cu : tensor<?xi32>)
      : tensor<1x?x6xf32>, tensor<1x?x6xf32>, tensor<6x4xf32>,
        tensor<1x?x4xf32>, tensor<1x?x4xf32>
      -> tensor<1x?x6xf32>, tensor<?x6x4xf32>
  return %out, %last : tensor<1x?x6xf32>, tensor<?x6x4xf32>
}
