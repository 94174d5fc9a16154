// A planted fault for compute-sanitizer's racecheck: threads of one warp read
// what threads of the other wrote to shared memory, with no barrier between.
// The CPU device finds it too, so that the fault is known to be there.
// RUN: ssmc compile %s --compile-from=gpu -o %t.ssmb
// RUN: not ssmc run %t.ssmb --check --device=cpu 2>&1 | FileCheck %s
// CHECK: shared-memory race: {{.*}} with no barrier between

#size = affine_map<() -> (64)>
#grid = affine_map<() -> (1, 1, 1)>
#zero = affine_map<() -> (0)>
#none = affine_map<() -> ()>
module attributes {gpu.container_module} {
  kernel.plan @racecheck dims [] {
    %y = kernel.buffer output "y" shape #size : memref<64xf32>
    kernel.launch @kernels::@planted_0 grid #grid args(%y : memref<64xf32>) offsets #zero scalars #none
  }
  gpu.module @kernels {
    gpu.func @planted_0(%y: memref<f32, #gpu.address_space<global>>)
        workgroup(%shared: memref<64xf32, #gpu.address_space<workgroup>>)
        kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
      %last = arith.constant 63 : index
      %zero = arith.constant 0.0 : f32
      %thread = gpu.thread_id x
      %other = arith.subi %last, %thread : index
      %number = arith.index_cast %thread : index to i32
      %value = arith.sitofp %number : i32 to f32
      memref.store %zero, %shared[%thread] : memref<64xf32, #gpu.address_space<workgroup>>
      gpu.barrier
      memref.store %value, %shared[%thread] : memref<64xf32, #gpu.address_space<workgroup>>
      %read = memref.load %shared[%other] : memref<64xf32, #gpu.address_space<workgroup>>
      %view = memref.reinterpret_cast %y to offset: [0], sizes: [64], strides: [1]
          : memref<f32, #gpu.address_space<global>> to memref<64xf32, strided<[1]>, #gpu.address_space<global>>
      memref.store %read, %view[%thread] : memref<64xf32, strided<[1]>, #gpu.address_space<global>>
      gpu.return
    }
  }
}
