// What does not fit is refused with the numbers, whichever dialect it is in.

// RUN: ssmc-opt %s --kernel-verify-resources=targets=sm_90,sm_86 --split-input-file --verify-diagnostics

gpu.module @kernels {
  // expected-error@+1 {{has 2048 threads in a block, but a block of sm_90 can have 1024; give its schedule fewer threads}}
  gpu.func @threads(%x: memref<f32, 1>) kernel
      attributes {known_block_size = array<i32: 1024, 2, 1>} {
    gpu.return
  }
}

// -----

gpu.module @kernels {
  // expected-error@+1 {{declares 49156 bytes of shared memory, but a block of sm_90 can declare 49152; give its schedule smaller tiles or fewer threads}}
  gpu.func @shared(%x: memref<f32, 1>)
      workgroup(%a: memref<12288xf32, #gpu.address_space<workgroup>>,
                %b: memref<1xf32, #gpu.address_space<workgroup>>)
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    gpu.return
  }
}

// -----

gpu.module @kernels {
  llvm.mlir.global internal @tile() {addr_space = 3 : i32} : !llvm.array<12289 x f32>
  // expected-error@+1 {{declares 49156 bytes of shared memory}}
  llvm.func @shared(%x: !llvm.ptr<1>) attributes {nvvm.kernel,
      nvvm.maxntid = array<i32: 64, 1, 1>} {
    %0 = llvm.mlir.addressof @tile : !llvm.ptr<3>
    llvm.return
  }
}

// -----

gpu.module @kernels {
  // expected-error@+1 {{has 1056 threads in a block, but a block of sm_90 can have 1024}}
  llvm.func @threads(%x: !llvm.ptr<1>) attributes {nvvm.kernel,
      nvvm.maxntid = array<i32: 1056, 1, 1>} {
    llvm.return
  }
}

// -----

// sm_90 takes this one, sm_86 does not.
gpu.module @kernels {
  // expected-error@+1 {{asks for 2 blocks of 1024 threads on an SM, but one of sm_86 holds 16 blocks and 1536 threads; lower nvvm.minctasm}}
  llvm.func @blocks(%x: !llvm.ptr<1>) attributes {nvvm.kernel,
      nvvm.maxntid = array<i32: 1024, 1, 1>, nvvm.minctasm = 2 : i32} {
    llvm.return
  }
}

// -----

gpu.module @kernels {
  // expected-error@+1 {{asks for 33 blocks of 32 threads on an SM, but one of sm_90 holds 32 blocks and 2048 threads}}
  llvm.func @blocks(%x: !llvm.ptr<1>) attributes {nvvm.kernel,
      nvvm.maxntid = array<i32: 32, 1, 1>, nvvm.minctasm = 33 : i32} {
    llvm.return
  }
}

// -----

gpu.module @kernels {
  // expected-error@+1 {{asks for 128 registers for each of 1024 threads on an SM, but one of sm_90 has 65536 registers; lower nvvm.maxnreg or nvvm.minctasm}}
  llvm.func @registers(%x: !llvm.ptr<1>) attributes {nvvm.kernel,
      nvvm.maxntid = array<i32: 1024, 1, 1>, nvvm.maxnreg = 128 : i32} {
    llvm.return
  }
}

// -----

gpu.module @kernels {
  // expected-error@+1 {{takes 4104 bytes of parameters, but a kernel of sm_90 can take 4096; fuse less into it, or make sizes and strides static}}
  llvm.func @parameters(%x: !llvm.struct<(array<1024 x i32>)>, %n: i64) attributes {nvvm.kernel,
      nvvm.maxntid = array<i32: 64, 1, 1>} {
    llvm.return
  }
}

// -----

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @k() kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
      gpu.return
    }
  }
  kernel.plan @f dims ["n"] {
    // expected-error@+1 {{launches 65536 blocks along y, but devices take 65535; use more threads a block, or smaller inputs}}
    "kernel.launch"() <{kernel = @kernels::@k, grid = affine_map<()[n] -> (n, 65536, 1)>,
        offsets = affine_map<()[n] -> ()>, scalars = affine_map<()[n] -> ()>}> : () -> ()
  }
}
