//===- Passes.td - Conversions between dialects ------------*- tablegen -*-===//

#ifndef SSMC_CONVERSION_PASSES_TD
#define SSMC_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertSSMToKernelPass : Pass<"convert-ssm-to-kernel", "::mlir::ModuleOp"> {
  let summary = "Turn each mathematical step into one kernel";
  let description = [{
    Every mathematical step becomes one op of the `kernel` dialect. A selective
    scan is a `kernel.map` for the step size dt, the decay exp(dt * A) and the
    input dt * u * B, a `kernel.scan`, and a `kernel.map` for the D skip and the
    gate; `kernel-fuse` makes them one. A complex scan is one `kernel.scan` from
    the start, and one with cu_seqlens or state_slots has its D skip and gate
    inside, each with a remark of the category `kernel-fuse`. A convolution with
    bias and SiLU is one `kernel.window`. Elementwise arith, math and ssm ops on
    tensors become `kernel.map`. Views (`ssm.split`, `ssm.last_tokens`,
    `tensor.collapse_shape`, `tensor.expand_shape`), parameters and state stay.

    Before:
    ```mlir
    %y = ssm.linear %x, %w : tensor<?x8xf32>, tensor<4x8xf32> -> tensor<?x4xf32>
    ```
    After:
    ```mlir
    %y = kernel.matmul ins(%x, %w : …) maps […] -> tensor<?x4xf32> contract {…} epilogue {…}
    ```

    Numeric effect: none beyond what each ssm op's description says.
  }];
  let dependentDialects = ["::ssmc::kernel::KernelDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect"];
}

def ConvertKernelToGPUPass : Pass<"convert-kernel-to-gpu", "::mlir::ModuleOp"> {
  let summary = "Emit each kernel as a gpu.func, each function as a launch plan";
  let description = [{
    Each compute op becomes a `gpu.func` of the module `@kernels`, by the emitter
    of its schedule; ops that are equal in all but their operands share one. Each
    `func.func` becomes a `kernel.plan`: its arguments and results are input and
    output buffers, intermediates temporaries, views offsets and strides. A new
    state is written in place where the kernel reads the old one first, else to
    a temporary that is copied at the end of the plan.

    An op with variants becomes a `kernel.choose` with an alternative for each
    schedule. Ops that are equal in all but their operands share its group.

    Dynamic sizes become the plan's dims, named by the argument attribute
    `ssm.dims` (the names of a tensor's dynamic dimensions, in order) and the
    `ssm.name` of index arguments. Dimensions that some kernel needs to be equal
    are one dim, which the runtime checks at each call.

    Numeric effect: fixes the order of sums as the schedules say.
  }];
  let dependentDialects = ["::ssmc::kernel::KernelDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::gpu::GPUDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::NVVM::NVVMDialect",
                           "::mlir::scf::SCFDialect",
                           "::ssmc::ssm::SSMDialect",
                           "::mlir::vector::VectorDialect"];
}

#endif // SSMC_CONVERSION_PASSES_TD
