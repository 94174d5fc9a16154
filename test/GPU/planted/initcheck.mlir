// A planted fault for compute-sanitizer's initcheck: a kernel reads a temporary
// that nothing has written. The CPU device finds it too, so that the fault is
// known to be there.
// RUN: ssmc compile %s --compile-from=gpu -o %t.ssmb
// RUN: not ssmc run %t.ssmb --check --device=cpu 2>&1 | FileCheck %s
// CHECK: global read of 4 bytes {{.*}}: byte 0 of them was never written

#size = affine_map<() -> (64)>
#grid = affine_map<() -> (1, 1, 1)>
#zeros = affine_map<() -> (0, 0)>
#none = affine_map<() -> ()>
module attributes {gpu.container_module} {
  kernel.plan @initcheck dims [] {
    %y = kernel.buffer output "y" shape #size : memref<64xf32>
    %t = kernel.buffer temporary "t0" shape #size : memref<64xf32>
    kernel.launch @kernels::@planted_0 grid #grid args(%t, %y : memref<64xf32>, memref<64xf32>) offsets #zeros scalars #none
  }
  gpu.module @kernels {
    gpu.func @planted_0(%t: memref<f32, #gpu.address_space<global>>, %y: memref<f32, #gpu.address_space<global>>)
        kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
      %thread = gpu.thread_id x
      %from = memref.reinterpret_cast %t to offset: [0], sizes: [64], strides: [1]
          : memref<f32, #gpu.address_space<global>> to memref<64xf32, strided<[1]>, #gpu.address_space<global>>
      %to = memref.reinterpret_cast %y to offset: [0], sizes: [64], strides: [1]
          : memref<f32, #gpu.address_space<global>> to memref<64xf32, strided<[1]>, #gpu.address_space<global>>
      %value = memref.load %from[%thread] : memref<64xf32, strided<[1]>, #gpu.address_space<global>>
      memref.store %value, %to[%thread] : memref<64xf32, strided<[1]>, #gpu.address_space<global>>
      gpu.return
    }
  }
}
