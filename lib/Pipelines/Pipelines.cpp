//===- Pipelines.cpp - The one place where pass order stands --------------===//

#include "ssmc/Pipelines/Pipelines.h"
#include "mlir/Conversion/GPUToNVVM/GPUToNVVMPass.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "ssmc/Conversion/Passes.h"
#include "ssmc/Target/Passes.h"
#include "ssmc/Transforms/Passes.h"

using namespace mlir;
using namespace ssmc;

static constexpr StringRef kPhaseNames[] = {"ssm", "fused", "gpu", "nvvm",
                                            "ptx"};

StringRef ssmc::phaseName(Phase phase) { return kPhaseNames[int(phase)]; }

std::optional<Phase> ssmc::parsePhase(StringRef name) {
  for (auto [i, phaseName] : llvm::enumerate(kPhaseNames))
    if (phaseName == name)
      return Phase(i);
  return std::nullopt;
}

/// From ssm ops to kernels with schedules.
static void buildFused(OpPassManager &pm, const PipelineOptions &options) {
  pm.addPass(createSSMDecomposeBlocksPass());
  pm.addPass(createConvertSSMToKernelPass());
  // Before fusion, what depends on parameters alone is kernels of its own, and
  // before CSE, prefill and step each compute what their layers derive.
  pm.addPass(createKernelHoistDerivedPass());
  pm.addPass(createKernelFusePass({options.fuse}));
  pm.addPass(createCSEPass());
  pm.addPass(createCanonicalizerPass());
  KernelAssignSchedulesPassOptions schedules;
  for (const std::string &list : options.schedules)
    for (StringRef item : llvm::split(list, ','))
      schedules.overrides.push_back(item.str());
  for (const std::string &list : options.variants)
    for (StringRef item : llvm::split(list, ','))
      schedules.variants.push_back(item.str());
  if (!options.targets.empty())
    schedules.target = options.targets.back();
  schedules.batch = options.batch;
  schedules.seqlen = options.seqlen;
  pm.addPass(createKernelAssignSchedulesPass(schedules));
}

/// From kernels to gpu.funcs and launch plans.
static void buildGPU(OpPassManager &pm) {
  pm.addPass(createConvertKernelToGPUPass());
  OpPassManager &kernels = pm.nest<gpu::GPUModuleOp>();
  // In this order: more than half of the ops are constants and indices that
  // were computed before, which CSE removes at a fraction of the price.
  kernels.addPass(createCSEPass());
  // One round over all ops: a second one that finds no change takes as long,
  // and what is merged of blocks LLVM merges.
  GreedyRewriteConfig config;
  config.setMaxIterations(1);
  config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
  kernels.addPass(createCanonicalizerPass(config));
}

/// From gpu.funcs to the LLVM dialect.
static void buildNVVM(OpPassManager &pm) {
  OpPassManager &kernels = pm.nest<gpu::GPUModuleOp>();
  kernels.addPass(createGPUExpandMathPass());
  kernels.addPass(createSCFToControlFlowPass());
  ConvertGpuOpsToNVVMOpsOptions options;
  options.useBarePtrCallConv = true;
  options.indexBitwidth = 64;
  // Remembering how to undo each rewrite takes a third of the pass's time.
  options.allowPatternRollback = false;
  kernels.addPass(createConvertGpuOpsToNVVMOps(options));
  kernels.addPass(createReconcileUnrealizedCastsPass());
  // No canonicalization: LLVM makes the same PTX without it.
  kernels.addPass(createCSEPass());
}

/// From the LLVM dialect to PTX.
static void buildPTX(OpPassManager &pm, const PipelineOptions &options) {
  // Here, the last stop that reads text, so that what was edited is checked at
  // whatever phase that was.
  KernelVerifyResourcesPassOptions resources;
  resources.targets.assign(options.targets.begin(), options.targets.end());
  pm.addPass(createKernelVerifyResourcesPass(resources));
  pm.nest<gpu::GPUModuleOp>().addPass(createGPUVerifyNVPTXPass());
  GPUEmitPTXPassOptions emit;
  emit.targets.assign(options.targets.begin(), options.targets.end());
  emit.bitcode = options.bitcode;
  pm.addPass(createGPUEmitPTXPass(emit));
}

void ssmc::buildPipeline(OpPassManager &pm, Phase from, Phase to,
                         const PipelineOptions &options) {
  for (int phase = int(from) + 1; phase <= int(to); ++phase) {
    switch (Phase(phase)) {
    case Phase::SSM:
      break;
    case Phase::Fused:
      buildFused(pm, options);
      break;
    case Phase::GPU:
      buildGPU(pm);
      break;
    case Phase::NVVM:
      buildNVVM(pm);
      break;
    case Phase::PTX:
      buildPTX(pm, options);
      break;
    }
  }
}

void ssmc::buildUnfusedPipeline(OpPassManager &pm) {
  pm.addPass(createSSMDecomposeBlocksPass());
  pm.addPass(createConvertSSMToKernelPass());
  pm.addPass(createKernelAssignSchedulesPass());
  pm.addPass(createConvertKernelToGPUPass());
}

void ssmc::registerPipelines() {
  PassPipelineRegistration<>(
      "ssmc-to-fused", "From ssm ops to kernels with schedules",
      [](OpPassManager &pm) { buildFused(pm, PipelineOptions()); });
  PassPipelineRegistration<>(
      "ssmc-to-gpu", "From kernels to gpu.funcs and launch plans", buildGPU);
  PassPipelineRegistration<>("ssmc-to-nvvm",
                             "From gpu.funcs to the LLVM dialect", buildNVVM);
  PassPipelineRegistration<>(
      "ssmc-to-ptx", "From the LLVM dialect to PTX for sm_80 and sm_90",
      [](OpPassManager &pm) { buildPTX(pm, PipelineOptions()); });
}
