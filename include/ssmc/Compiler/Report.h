//===- Report.h - What a compilation made ---------------------------------===//
//
// Plain data for `ssmc compile --report`. Free of LLVM.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_COMPILER_REPORT_H
#define SSMC_COMPILER_REPORT_H

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ssmc {

struct ReportOptions {
  /// Sizes to count at; others are 1.
  std::vector<std::pair<std::string, uint64_t>> dims;
};

/// An op of the model, or a part of one: "ssm.selective_scan" at
/// "scan.mlir:12:8".
struct ReportOp {
  std::string name;
  std::string location;
  /// The steps that it is made of, as far as they are here: "mulf exp2",
  /// "scan"; and how many it has. Nothing unless compiled from the phase ssm.
  std::vector<std::string> steps;
  size_t numSteps = 0;
};

/// What is moved and computed at least; see KernelWork.
struct ReportWork {
  double bytes = 0;
  double mufu = 0;
  double fma = 0;
};

/// One of the kernels that launches share.
struct ReportKernel {
  std::string name;
  /// "kernel.scan", and "sequential lanes=1 steps=4"; empty where compilation
  /// began behind the phase fused.
  std::string op;
  std::string schedule;
  std::array<uint32_t, 3> block = {1, 1, 1};
  uint64_t sharedBytes = 0;
};

struct ReportTensor {
  std::string name;
  /// "input", "temporary", ….
  std::string kind;
  /// "bf16[1, 2048, 1024]".
  std::string type;
  uint64_t bytes = 0;
};

struct ReportLaunch {
  /// Index into Report::kernels.
  size_t kernel = 0;
  /// The model's ops that it computes, or parts of.
  std::vector<ReportOp> ops;
  /// The labels of what the bundle can choose from; this is what it takes
  /// without measurements. Empty where there is no choice.
  std::vector<std::string> alternatives;
  std::array<double, 3> grid = {1, 1, 1};
  /// Indices into the entry's tensors.
  std::vector<size_t> reads, writes;
  ReportWork work;
  /// With each step of its ops a kernel of its own: kernels, and bytes moved.
  /// None where compilation began behind the phase ssm.
  std::optional<size_t> unfusedKernels;
  std::optional<double> unfusedBytes;
};

struct ReportEntry {
  std::string name;
  std::vector<std::pair<std::string, uint64_t>> dims;
  std::vector<ReportTensor> tensors;
  std::vector<ReportLaunch> launches;
  /// Copies between buffers: how many, and bytes read and written.
  size_t copies = 0;
  double copyBytes = 0;
};

struct Report {
  std::vector<ReportKernel> kernels;
  std::vector<ReportEntry> entries;
  /// By architecture; empty where compilation stops before the phase ptx.
  std::vector<std::pair<std::string, std::string>> ptx;
};

} // namespace ssmc

#endif // SSMC_COMPILER_REPORT_H
