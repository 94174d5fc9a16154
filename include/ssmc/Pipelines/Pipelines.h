//===- Pipelines.h - The one place where pass order stands ----------------===//

#ifndef SSMC_PIPELINES_PIPELINES_H
#define SSMC_PIPELINES_PIPELINES_H

#include "mlir/Pass/PassManager.h"
#include <optional>
#include <string>
#include <vector>

namespace ssmc {

/// The stops of the flow that are MLIR modules. Each is what the passes of the
/// phase before it make.
enum class Phase {
  /// What the model computes: ssm ops on tensors.
  SSM,
  /// Kernels as regions, each with a schedule.
  Fused,
  /// gpu.func for each kernel, a launch plan for each entry.
  GPU,
  /// Kernels in the LLVM dialect.
  NVVM,
  /// PTX as attributes of a gpu.binary, beside the plans.
  PTX,
};

/// "ssm", "fused", "gpu", "nvvm", "ptx".
llvm::StringRef phaseName(Phase phase);
std::optional<Phase> parsePhase(llvm::StringRef name);

struct PipelineOptions {
  /// Architectures to make PTX for.
  std::vector<std::string> targets = {"sm_80", "sm_90"};
  /// Keep the bitcode that the CPU device runs.
  bool bitcode = true;
  /// The strategy of kernel-fuse: a name, or @FILE of a script.
  std::string fuse = "scan";
  /// Parameters in place of those that kernel-assign-schedules chooses:
  /// "scan:lanes=4,steps=2".
  std::vector<std::string> schedules;
  /// Further schedules of the kernels, among which the runtime chooses:
  /// "scan:lanes=2".
  std::vector<std::string> variants;
  /// What schedules are chosen for where sizes are not known. They are chosen
  /// for the last of the targets.
  int64_t batch = 1, seqlen = 2048;
};

/// Adds the passes that take a module from one phase to a later one.
void buildPipeline(mlir::OpPassManager &pm, Phase from, Phase to,
                   const PipelineOptions &options = {});

/// Adds the passes from the phase ssm to the phase gpu that fuse nothing: each
/// step of an op is a kernel of its own. For comparisons.
void buildUnfusedPipeline(mlir::OpPassManager &pm);

/// Registers `ssmc-to-fused`, `ssmc-to-gpu`, `ssmc-to-nvvm` and `ssmc-to-ptx`:
/// each from the phase before it.
void registerPipelines();

} // namespace ssmc

#endif // SSMC_PIPELINES_PIPELINES_H
