//===- Passes.td - Code generation -------------------------*- tablegen -*-===//

#ifndef SSMC_TARGET_PASSES_TD
#define SSMC_TARGET_PASSES_TD

include "mlir/Pass/PassBase.td"

def GPUEmitPTXPass : Pass<"gpu-emit-ptx", "::mlir::ModuleOp"> {
  let summary = "Compile kernels to PTX, in process";
  let description = [{
    Replaces each `gpu.module` of LLVM-dialect kernels by a `gpu.binary` with one
    object for each target architecture, PTX text from LLVM's NVPTX at O1, and one
    with the LLVM bitcode before code generation, which the CPU device runs. The
    attribute `kernel.table` lists the kernels with their block sizes and bytes of
    shared memory.

    No CUDA Toolkit takes part: no nvcc, ptxas or libdevice.

    Numeric effect: products and sums marked `contract` become fused
    multiply-adds.
  }];
  let options = [
    ListOption<"targets", "targets", "std::string",
               "Architectures, e.g. sm_80,sm_90">,
    Option<"bitcode", "bitcode", "bool", "true",
           "Keep the bitcode for the CPU device">
  ];
  let dependentDialects = ["::mlir::gpu::GPUDialect",
                           "::mlir::NVVM::NVVMDialect"];
}

#endif // SSMC_TARGET_PASSES_TD
