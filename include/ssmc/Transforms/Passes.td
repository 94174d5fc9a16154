//===- Passes.td - Passes within a dialect -----------------*- tablegen -*-===//

#ifndef SSMC_TRANSFORMS_PASSES_TD
#define SSMC_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def SSMDecomposeBlocksPass : Pass<"ssm-decompose-blocks"> {
  let summary = "Expand whole blocks into the ops they are made of";
  let description = [{
    Replaces each `ssm.mamba_block` by the ops of its description, in their
    order. Every intermediate activation takes the element type of the block's
    hidden; the types of weights and states stay as they are.

    Before:
    ```mlir
    %out, %conv1, %ssm1 = ssm.mamba_block %hidden in_proj(%w_in : tensor<64x16xf32>)
        conv(%w_conv : tensor<32x4xf32>) x_proj(%w_x : tensor<9x32xf32>)
        dt_proj(%w_dt : tensor<32x1xf32>) dt_bias(%b_dt : tensor<32xf32>)
        A(%A : tensor<32x4xf32>) D(%D : tensor<32xf32>)
        out_proj(%w_out : tensor<16x32xf32>)
        state(%conv0, %ssm0 : tensor<?x3x32xf32>, tensor<?x32x4xf32>)
        : tensor<?x?x16xf32>
        -> tensor<?x?x16xf32>, tensor<?x3x32xf32>, tensor<?x32x4xf32>
    ```

    After:
    ```mlir
    %xz = ssm.linear %hidden, %w_in
        : tensor<?x?x16xf32>, tensor<64x16xf32> -> tensor<?x?x64xf32>
    %x, %z = ssm.split %xz
        : tensor<?x?x64xf32> -> tensor<?x?x32xf32>, tensor<?x?x32xf32>
    %u, %conv1 = ssm.causal_conv1d %x, %w_conv
        initial_state(%conv0 : tensor<?x3x32xf32>) activation silu
        : tensor<?x?x32xf32>, tensor<32x4xf32>
        -> tensor<?x?x32xf32>, tensor<?x3x32xf32>
    %dtBC = ssm.linear %u, %w_x
        : tensor<?x?x32xf32>, tensor<9x32xf32> -> tensor<?x?x9xf32>
    %dt, %B, %C = ssm.split %dtBC : tensor<?x?x9xf32>
        -> tensor<?x?x1xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>
    %delta = ssm.linear %dt, %w_dt
        : tensor<?x?x1xf32>, tensor<32x1xf32> -> tensor<?x?x32xf32>
    %y, %ssm1 = ssm.selective_scan %u, %delta, %A, %B, %C
        D(%D : tensor<32xf32>) z(%z : tensor<?x?x32xf32>)
        delta_bias(%b_dt : tensor<32xf32>) delta_softplus
        initial_state(%ssm0 : tensor<?x32x4xf32>)
        : tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<32x4xf32>,
          tensor<?x?x4xf32>, tensor<?x?x4xf32>
        -> tensor<?x?x32xf32>, tensor<?x32x4xf32>
    %out = ssm.linear %y, %w_out
        : tensor<?x?x32xf32>, tensor<16x32xf32> -> tensor<?x?x16xf32>
    ```

    Numeric effect: in half precision, the intermediates are rounded where the
    reference code rounds them.
  }];
  let dependentDialects = ["::ssmc::ssm::SSMDialect"];
}

def KernelFusePass : Pass<"kernel-fuse", "::mlir::ModuleOp"> {
  let summary = "Fuse kernels as a strategy says";
  let description = [{
    Runs the transform script of a strategy on the module: `none`, `discretize`,
    `scan` or `conv-scan`, which are the files of lib/Strategies, or `@FILE` for
    one of your own. A script is a module with a `transform.named_sequence
    @__transform_main`, whose argument is the module of kernels. Kernels move
    into the regions of others by the ops `transform.kernel.*`; each that moved,
    and each that stays apart, is a remark of the category `kernel-fuse`.

    Before:
    ```mlir
    %e = kernel.map ins(%a : tensor<4xf32>) maps […] -> tensor<4xf32> body {
    ^bb0(%x: f32):
      %0 = math.exp %x : f32
      kernel.yield %0 : f32
    }
    %y = kernel.map ins(%e : tensor<4xf32>) maps […] -> tensor<4xf32> body {
    ^bb0(%x: f32):
      %0 = arith.negf %x : f32
      kernel.yield %0 : f32
    }
    ```
    After:
    ```mlir
    %y = kernel.map ins(%a : tensor<4xf32>) maps […] -> tensor<4xf32> body {
    ^bb0(%x: f32):
      %0 = math.exp %x : f32
      %1 = arith.negf %0 : f32
      kernel.yield %1 : f32
    }
    ```

    Numeric effect: each body already says where it rounds. A product and a sum
    of two kernels may become one fused multiply-add, and a decay that was
    rounded in memory is formed from its logarithm.
  }];
  let options = [
    Option<"strategy", "strategy", "std::string", "\"scan\"",
           "A named strategy, or @FILE of a script">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::transform::TransformDialect"];
}

def KernelHoistDerivedPass : Pass<"kernel-hoist-derived", "::mlir::ModuleOp"> {
  let summary = "Compute once at load what depends on parameters alone";
  let description = [{
    Kernels that read nothing but parameters move to the function `@init`, which
    stores their results as `kernel.derived` tensors; their users read these.
    The runtime runs `init` once, when it loads the program.

    Before:
    ```mlir
    func.func @step(…) {
      %w = ssm.get_parameter @A_log : tensor<8x4xf32>
      %A = kernel.map ins(%w : …) … -> tensor<8x4xf32> body {…}
    ```
    After:
    ```mlir
    kernel.derived @derived_0 : tensor<8x4xf32>
    func.func @step(…) {
      %A = kernel.get_derived @derived_0 : tensor<8x4xf32>
    ```

    Numeric effect: none.
  }];
}

def KernelAssignSchedulesPass : Pass<"kernel-assign-schedules"> {
  let summary = "Choose a schedule for each kernel that has none";
  let description = [{
    A schedule that stands in the file is obeyed. Otherwise: a scan has the
    schedule with the least time by an estimate (ssmc/Analysis/ScanModel.h) for
    `target`, at its sizes as far as they are known and `batch` and `seqlen`
    where they are not; a matrix product is by rows where a sequence has one
    token (decode), else tiled; a window is cut along time unless there is one
    token. Each choice is a remark of the category `kernel-assign-schedules`.

    `overrides` replaces parameters of what is chosen, for all ops of a name:
    `scan:lanes=4,steps=2,window:steps=0`. A parameter without an op's name is
    for the op before it. `family` names the family, which then has the given
    parameters and no others. The op's verifier refuses what its family does not
    know; a name that no op has is a warning.

    `variants` has the same form; each item with an op's name adds one more
    schedule to the op's `variants`, `scan:lanes=2,scan:family=sequential,steps=8`
    two of them. What an item without a family leaves out is as in the op's
    schedule. Variants that stand in the file are obeyed and get no more.

    Before: `%y = kernel.scan ins(…) maps […] decay exp2 -> …`

    After: `%y = kernel.scan ins(…) maps […] decay exp2 schedule
    <sequential, {lanes = 1, steps = 4, threads = 64}> -> …`

    Numeric effect: schedules fix the order of sums.
  }];
  let options = [
    ListOption<"overrides", "overrides", "std::string",
               "Parameters in place of those chosen: op:name=value,...">,
    ListOption<"variants", "variants", "std::string",
               "Schedules besides those chosen: op:name=value,...">,
    Option<"target", "target", "std::string", "\"sm_90\"",
           "The architecture to choose for">,
    Option<"batch", "batch", "int64_t", "1",
           "The batch to choose for where it is not known">,
    Option<"seqlen", "seqlen", "int64_t", "2048",
           "The sequence length to choose for where it is not known">
  ];
}

def GPUExpandMathPass : Pass<"gpu-expand-math", "::mlir::gpu::GPUModuleOp"> {
  let summary = "Turn math into what the hardware has";
  let description = [{
    Upstream's lowering calls CUDA's libdevice for every `math` op; this pass
    leaves none of them. `math.fma`, `math.absf`, `math.sqrt`, `math.copysign` and
    rounding to integers become LLVM intrinsics; the others approximations of the hardware with what is needed
    around them to keep f32 accuracy:

    | op | becomes | error |
    |---|---|---|
    | math.exp2 | ex2.approx.ftz | 2 ulp |
    | math.exp | ex2.approx.ftz of x*log2(e), with the product's rounding error made good | 3 ulp |
    | math.rsqrt | rsqrt.approx.ftz and a Newton step | 1 ulp |
    | math.log1p, math.log, math.log2 | mantissa and exponent, a polynomial | 3 ulp |
    | math.tanh | 1 - 2/(exp(2x)+1), a polynomial for small x | 4 ulp |
    | ssm.softplus | max(x,0) + log1p(exp(-abs(x))) | 4e-7 relative |
    | ssm.silu | x / (1 + exp(-x)) | 1e-6 relative |
    | ssm.cis | two polynomials of the distance to the nearest quarter turn | 1e-7 relative |

    Any other math op is an error at the op: NVPTX would abort on it. Half
    types are widened to f32 first. Subnormal results of ex2 are flushed to zero.

    Before: `%y = math.exp2 %x : f32`

    After: `%y = llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f"(%x) : (f32) -> f32`
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::LLVM::LLVMDialect"];
}

def KernelVerifyResourcesPass
    : Pass<"kernel-verify-resources", "::mlir::ModuleOp"> {
  let summary = "Refuse kernels that do not fit the targets";
  let description = [{
    The last check before PTX, which would be refused by the assembler, or by the
    driver on the user's machine. Of each kernel (a `gpu.func` or an `llvm.func`,
    so text that was edited at either phase is seen) and each of `targets`:

    | what | read from |
    |---|---|
    | threads of a block | gpu.known_block_size, nvvm.maxntid |
    | bytes of shared memory that a block declares | workgroup attributions, the globals that it names |
    | registers, blocks and threads of an SM | nvvm.maxnreg, nvvm.minctasm |
    | bytes of parameters | the function's type |
    | blocks of a grid | `kernel.launch`, where they are known |

    Each is an error at the op with what is needed and what there is. Nothing is
    changed.

    Example: `error: declares 65536 bytes of shared memory, but a block of sm_90
    can declare 49152`

    Numeric effect: none.
  }];
  let options = [
    ListOption<"targets", "targets", "std::string",
               "Architectures, e.g. sm_80,sm_90">
  ];
}

def GPUVerifyNVPTXPass : Pass<"gpu-verify-nvptx", "::mlir::gpu::GPUModuleOp"> {
  let summary = "Refuse what NVPTX cannot select";
  let description = [{
    LLVM's code generator aborts the process on what it does not know. This pass,
    the last before PTX, refuses calls to functions that the module does not
    define (libdevice's among them), inline assembly, and LLVM intrinsics without
    an instruction on the hardware (exp, log, pow, sin, …), each with an error at
    the op that names it.

    Numeric effect: none.
  }];
}

#endif // SSMC_TRANSFORMS_PASSES_TD
