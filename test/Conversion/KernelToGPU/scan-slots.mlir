// States in rows of a pool: rows that no slot names are copied first, unless the
// pool is replaced in place.

// RUN: ssmc-opt %s --convert-ssm-to-kernel --kernel-fuse --kernel-assign-schedules=overrides=scan:family=sequential --convert-kernel-to-gpu --split-input-file | FileCheck %s

// CHECK: kernel.plan @copied dims ["arg0.0", "arg0.1", "pool.0"]
// CHECK: %[[POOL:.*]] = kernel.buffer input "pool"
// CHECK: kernel.buffer input "slots" {{.*}} rules [#kernel.input_rule<slots up_to ()[s0, s1, s2] -> (s2)>] : memref<?xi32>
// CHECK: %[[NEXT:.*]] = kernel.buffer output "result1"
// CHECK: kernel.copy %[[POOL]] to %[[NEXT]]
// CHECK-NEXT: kernel.launch @kernels::@scan_0
// CHECK: gpu.func @scan_0
// CHECK: %[[SLOT:.*]] = memref.load %{{.*}} : memref<?xi32
// CHECK: %[[ROW:.*]] = arith.index_cast %[[SLOT]] : i32 to index
// CHECK: %[[EXISTS:.*]] = arith.cmpi ult, %[[ROW]]
// CHECK: scf.if %[[EXISTS]] {
// CHECK: vector.load %{{.*}}[%[[ROW]]
func.func @copied(%u: tensor<?x?x6xf32>, %A: tensor<6x4xf32>,
                  %B: tensor<?x?x4xf32>,
                  %pool: tensor<?x6x4xf32> {ssm.name = "pool"},
                  %slots: tensor<?xi32> {ssm.name = "slots"})
    -> (tensor<?x?x6xf32>, tensor<?x6x4xf32>) {
  %out, %next = ssm.selective_scan %u, %u, %A, %B, %B
      initial_state(%pool : tensor<?x6x4xf32>) state_slots(%slots : tensor<?xi32>)
      : tensor<?x?x6xf32>, tensor<?x?x6xf32>, tensor<6x4xf32>,
        tensor<?x?x4xf32>, tensor<?x?x4xf32>
      -> tensor<?x?x6xf32>, tensor<?x6x4xf32>
  return %out, %next : tensor<?x?x6xf32>, tensor<?x6x4xf32>
}

// -----

// A carried pool has as many rows as the session holds.
// CHECK: kernel.plan @in_place dims ["arg0.0", "arg0.1", "pool.0"]
// CHECK: %[[POOL:.*]] = kernel.buffer state "pool"
// CHECK-NOT: kernel.copy
// CHECK: kernel.launch @kernels::@window_0 {{.*}} args(%{{.*}}, %{{.*}}, %[[POOL]], %{{.*}}, %{{.*}}, %[[POOL]] :
// CHECK-NOT: kernel.copy
// CHECK: gpu.func @window_0
ssm.state @pool : tensor<?x3x6xf32>
func.func @in_place(%x: tensor<?x?x6xf32>, %w: tensor<6x4xf32>,
                    %slots: tensor<?xi32>) -> tensor<?x?x6xf32> {
  %pool = ssm.get_state @pool : tensor<?x3x6xf32>
  %y, %next = ssm.causal_conv1d %x, %w initial_state(%pool : tensor<?x3x6xf32>)
      state_slots(%slots : tensor<?xi32>)
      : tensor<?x?x6xf32>, tensor<6x4xf32>
      -> tensor<?x?x6xf32>, tensor<?x3x6xf32>
  ssm.set_state @pool, %next : tensor<?x3x6xf32>
  return %y : tensor<?x?x6xf32>
}

// -----

// A slice is a view: a pointer and strides.
// CHECK-DAG: #[[START:.*]] = affine_map<()[s0, s1] -> (3, 0)>
// CHECK: kernel.plan @slice
// CHECK: kernel.launch {{.*}} offsets #[[START]]
// CHECK: memref.reinterpret_cast %arg0 to offset: [0], sizes: [%{{.*}}, %{{.*}}, 6], strides: [%{{.*}}, 20, 2]
func.func @slice(%x: tensor<?x?x20xf32>) -> tensor<?x?x6xf32> {
  %s = ssm.slice %x dim 2 offset 3 step 2
      : tensor<?x?x20xf32> -> tensor<?x?x6xf32>
  %y = ssm.silu %s : tensor<?x?x6xf32>
  return %y : tensor<?x?x6xf32>
}
