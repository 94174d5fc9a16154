// What the hardware or a function of the module can do passes unchanged.

// RUN: ssmc-opt %s --pass-pipeline="builtin.module(gpu.module(gpu-verify-nvptx))" | FileCheck %s

// CHECK: llvm.call @helper
// CHECK: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f32"
gpu.module @kernels {
  llvm.func @helper(%x: f32) -> f32 {
    llvm.return %x : f32
  }
  llvm.func @kernel(%x: f32) -> f32 {
    %0 = llvm.call @helper(%x) : (f32) -> f32
    %1 = llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f32"(%0) : (f32) -> f32
    llvm.return %1 : f32
  }
}
