// A planted fault for compute-sanitizer's memcheck: each thread stores 1 MiB
// beyond its element, past the end of the only result. The CPU device finds it
// too, so that the fault is known to be there.
// RUN: ssmc compile %s --compile-from=gpu -o %t.ssmb
// RUN: not ssmc run %t.ssmb --check --device=cpu 2>&1 | FileCheck %s
// CHECK: global write of 4 bytes out of bounds: it begins {{[0-9]+}} bytes after the end of the 4096-byte buffer

#size = affine_map<() -> (1024)>
#grid = affine_map<() -> (16, 1, 1)>
#zero = affine_map<() -> (0)>
#none = affine_map<() -> ()>
module attributes {gpu.container_module} {
  kernel.plan @memcheck dims [] {
    %y = kernel.buffer output "y" shape #size : memref<1024xf32>
    kernel.launch @kernels::@planted_0 grid #grid args(%y : memref<1024xf32>) offsets #zero scalars #none
  }
  gpu.module @kernels {
    gpu.func @planted_0(%y: memref<f32, #gpu.address_space<global>>)
        kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
      %threads = arith.constant 64 : index
      %mebibyte = arith.constant 262144 : index
      %one = arith.constant 1.0 : f32
      %block = gpu.block_id x
      %thread = gpu.thread_id x
      %first = arith.muli %block, %threads : index
      %i = arith.addi %first, %thread : index
      %beyond = arith.addi %i, %mebibyte : index
      %view = memref.reinterpret_cast %y to offset: [0], sizes: [524288], strides: [1]
          : memref<f32, #gpu.address_space<global>> to memref<524288xf32, strided<[1]>, #gpu.address_space<global>>
      memref.store %one, %view[%i] : memref<524288xf32, strided<[1]>, #gpu.address_space<global>>
      memref.store %one, %view[%beyond] : memref<524288xf32, strided<[1]>, #gpu.address_space<global>>
      gpu.return
    }
  }
}
