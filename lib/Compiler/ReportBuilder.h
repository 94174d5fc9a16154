//===- ReportBuilder.h - Finding out what a compilation made --------------===//
//
// Passes keep the locations of what they rewrite, so these are where an op says
// what it is part of: source ops, then the steps that they become, which are
// what is fused, then kernels. The locations are opaque ones, which print as
// those that they stand for.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_LIB_COMPILER_REPORTBUILDER_H
#define SSMC_LIB_COMPILER_REPORTBUILDER_H

#include "dialect/Kernel/KernelDialect.h"
#include "mlir/Pass/PassManager.h"
#include "ssmc/Compiler/Report.h"
#include <map>
#include <memory>

namespace ssmc {

/// What a location names: one of the builder's source ops, steps or kernels.
struct ReportTag {
  enum Kind { Source, Step, Kernel } kind;
  size_t index;
};

class ReportBuilder {
public:
  explicit ReportBuilder(const ReportOptions &options) : options(options) {}

  /// Names source ops and steps while these passes run; `pm` is one that starts
  /// at the phase ssm.
  void watch(mlir::PassManager &pm);
  /// Names the kernels, at the phase fused.
  void nameKernels(mlir::ModuleOp module);
  /// Reads the plans and kernels, at the phase gpu.
  void collect(mlir::ModuleOp module);
  /// Reads the PTX, at the phase ptx.
  void collectPtx(mlir::ModuleOp module);

  /// The same module, each of whose steps is a kernel of its own, after
  /// collect().
  void setUnfused(const ReportBuilder &unfused);

  Report take() { return std::move(report); }

private:
  friend struct ReportInstrumentation;

  struct StepInfo {
    /// Index into `sources`.
    size_t source;
    std::string name;
  };
  struct KernelInfo {
    std::string op, schedule;
    unsigned numInputs, numResults;
    std::vector<size_t> steps;
    std::vector<ReportOp> ops;
  };

  void nameSources(mlir::Operation *root);
  void nameSteps(mlir::Operation *root);
  mlir::Location tagged(ReportTag::Kind kind, size_t index,
                        mlir::Location location);
  size_t findKernel(kernel::LaunchOp launch, const KernelInfo *info);
  void collectEntry(kernel::PlanOp plan);
  void collectLaunch(kernel::LaunchOp launch, llvm::ArrayRef<int64_t> sizes,
                     const llvm::DenseMap<mlir::Value, size_t> &tensors,
                     ReportEntry &entry);

  const ReportOptions &options;
  Report report;
  std::vector<std::unique_ptr<ReportTag>> tags;
  /// Without their steps.
  std::vector<ReportOp> sources;
  std::vector<StepInfo> steps;
  std::vector<KernelInfo> kernels;
  /// Bytes that the launches of each step move.
  std::vector<double> stepBytes;
  /// Of each launch, in the report's order; none of one that is not of the
  /// model.
  std::vector<std::optional<std::vector<size_t>>> launchSteps;
  std::map<std::string, size_t> kernelIndex;
};

} // namespace ssmc

#endif // SSMC_LIB_COMPILER_REPORTBUILDER_H
