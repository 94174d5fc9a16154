// What fits passes unchanged; what fits one target may not fit another.

// RUN: ssmc-opt %s --kernel-verify-resources=targets=sm_80,sm_90,sm_100,sm_120 | FileCheck %s
// CHECK-LABEL: gpu.func @full
// CHECK: llvm.func @full_llvm

module attributes {gpu.container_module} {
  gpu.module @kernels {
    // 48 KiB exactly, in two pieces.
    gpu.func @full(%x: memref<f32, 1>, %n: index)
        workgroup(%a: memref<8x1024xf32, #gpu.address_space<workgroup>>,
                  %b: memref<8x1024xbf16, #gpu.address_space<workgroup>>)
        kernel attributes {known_block_size = array<i32: 1024, 1, 1>} {
      gpu.return
    }
    llvm.mlir.global internal @wide() {addr_space = 3 : i32} : !llvm.array<12288 x f32>
    // Another kernel's.
    llvm.mlir.global internal @other() {addr_space = 3 : i32} : !llvm.array<12288 x f32>
    // In global memory.
    llvm.mlir.global internal constant @table(dense<0.0> : tensor<65536xf32>) : !llvm.array<65536 x f32>
    llvm.func @full_llvm(%x: !llvm.ptr<1>) attributes {nvvm.kernel,
        nvvm.maxntid = array<i32: 256, 1, 1>, nvvm.minctasm = 4 : i32,
        nvvm.maxnreg = 64 : i32} {
      %0 = llvm.mlir.addressof @wide : !llvm.ptr<3>
      %1 = llvm.mlir.addressof @wide : !llvm.ptr<3>
      %2 = llvm.mlir.addressof @table : !llvm.ptr
      llvm.return
    }
  }
  kernel.plan @f dims ["n"] {
    %x = kernel.buffer input "x" shape affine_map<()[n] -> (1)> : memref<1xf32>
    kernel.launch @kernels::@full_llvm grid affine_map<()[n] -> (2147483647, 65535, n)>
        args(%x : memref<1xf32>) offsets affine_map<()[n] -> (0)> scalars affine_map<()[n] -> ()>
  }
}
