// What LLVM's code generator would abort on is an error at the op.

// RUN: ssmc-opt %s --pass-pipeline="builtin.module(gpu.module(gpu-verify-nvptx))" --split-input-file --verify-diagnostics

gpu.module @kernels {
  llvm.func @__nv_expf(f32) -> f32
  llvm.func @library(%x: f32) -> f32 {
    // expected-error@+1 {{calls __nv_expf, which no kernel defines; the hardware has no instruction for it}}
    %0 = llvm.call @__nv_expf(%x) : (f32) -> f32
    llvm.return %0 : f32
  }
}

// -----

gpu.module @kernels {
  llvm.func @pointer(%f: !llvm.ptr) {
    // expected-error@+1 {{calls a function pointer, which no kernel defines}}
    llvm.call %f() : !llvm.ptr, () -> ()
    llvm.return
  }
}

// -----

gpu.module @kernels {
  llvm.func @assembly() {
    // expected-error@+1 {{is inline assembly, which the CPU device cannot run; use an intrinsic}}
    llvm.inline_asm "membar.gl;", "" : () -> ()
    llvm.return
  }
}

// -----

// Every one of them, not just the first.
gpu.module @kernels {
  llvm.func @functions(%x: f32) -> f32 {
    // expected-error@+1 {{has no instruction on the hardware; run gpu-expand-math before the conversion to LLVM}}
    %0 = llvm.intr.exp(%x) : (f32) -> f32
    // expected-error@+1 {{has no instruction on the hardware}}
    %1 = llvm.intr.sin(%0) : (f32) -> f32
    // expected-error@+1 {{has no instruction on the hardware}}
    %2 = llvm.frem %1, %x : f32
    // expected-error@+1 {{has no instruction on the hardware}}
    %3 = llvm.call_intrinsic "llvm.tanh.f32"(%2) : (f32) -> f32
    llvm.return %3 : f32
  }
}
