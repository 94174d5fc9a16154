// A planted fault for compute-sanitizer's synccheck: lanes of one warp meet the
// block at two different barriers. All threads arrive at one of them, so that a
// device which counts arrivals goes on. The CPU device finds it too, so that
// the fault is known to be there.
// RUN: ssmc compile %s --compile-from=gpu -o %t.ssmb
// RUN: not ssmc run %t.ssmb --check --device=cpu 2>&1 | FileCheck %s
// CHECK: divergent barrier: {{.*}} is at another barrier

#size = affine_map<() -> (64)>
#grid = affine_map<() -> (1, 1, 1)>
#zero = affine_map<() -> (0)>
#none = affine_map<() -> ()>
module attributes {gpu.container_module} {
  kernel.plan @synccheck dims [] {
    %y = kernel.buffer output "y" shape #size : memref<64xf32>
    kernel.launch @kernels::@planted_0 grid #grid args(%y : memref<64xf32>) offsets #zero scalars #none
  }
  gpu.module @kernels {
    gpu.func @planted_0(%y: memref<f32, #gpu.address_space<global>>)
        workgroup(%shared: memref<64xf32, #gpu.address_space<workgroup>>)
        kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
      %last = arith.constant 63 : index
      %boundary = arith.constant 48 : index
      %one = arith.constant 1.0 : f32
      %two = arith.constant 2.0 : f32
      %thread = gpu.thread_id x
      %other = arith.subi %last, %thread : index
      %view = memref.reinterpret_cast %y to offset: [0], sizes: [64], strides: [1]
          : memref<f32, #gpu.address_space<global>> to memref<64xf32, strided<[1]>, #gpu.address_space<global>>
      %first = arith.cmpi slt, %thread, %boundary : index
      scf.if %first {
        memref.store %one, %shared[%thread] : memref<64xf32, #gpu.address_space<workgroup>>
        gpu.barrier
        %read = memref.load %shared[%other] : memref<64xf32, #gpu.address_space<workgroup>>
        memref.store %read, %view[%thread] : memref<64xf32, strided<[1]>, #gpu.address_space<global>>
      } else {
        memref.store %two, %shared[%thread] : memref<64xf32, #gpu.address_space<workgroup>>
        gpu.barrier
        %read = memref.load %shared[%other] : memref<64xf32, #gpu.address_space<workgroup>>
        %twice = arith.addf %read, %read : f32
        memref.store %twice, %view[%thread] : memref<64xf32, strided<[1]>, #gpu.address_space<global>>
      }
      gpu.return
    }
  }
}
