//===- Compiler.h - The compiler as a function ----------------------------===//
//
// What the command line calls: a model directory or an .mlir file in, the text
// of a phase or the bytes of a bundle out. Free of LLVM.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_COMPILER_COMPILER_H
#define SSMC_COMPILER_COMPILER_H

#include "ssmc/Compiler/Report.h"
#include "ssmc/Support/DType.h"
#include "ssmc/Support/Status.h"
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ssmc {

struct CompileOptions {
  /// A directory with config.json and safetensors, or an .mlir file ("-" is
  /// standard input).
  std::string input;
  /// The text of an .mlir file; `input` is then its name in messages.
  std::optional<std::string> inputText;
  /// Architectures to make PTX for.
  std::vector<std::string> targets = {"sm_80", "sm_90"};
  /// Element type of a model's activations: F32, F16 or BF16. An .mlir file
  /// says its own types.
  DType activation = DType::F32;
  /// Keep the bitcode that the CPU device runs.
  bool bitcode = true;
  /// Makes a cubin for `arch` of its PTX. A bundle then has a cubin beside each
  /// PTX; empty for PTX alone.
  std::function<Result<std::string>(std::string_view ptx,
                                    const std::string &arch)>
      assemble;
  /// What is fused: a named strategy (see Strategies.h), or @FILE of a
  /// transform script.
  std::string fuse = "scan";
  /// Schedule parameters in place of those that the compiler chooses, each
  /// OP:NAME=VALUE,... as in "scan:lanes=4,steps=2"; OP is a kernel op's name.
  std::vector<std::string> schedules;
  /// Schedules that a bundle offers besides, in the same form, each with an
  /// op's name one more: "scan:lanes=2". The runtime chooses among them.
  std::vector<std::string> variants;
  /// The sizes that schedules are chosen for where a model does not fix them;
  /// any others run too.
  int64_t batch = 1, seqlen = 2048;
  /// The phase that an .mlir file is at: "ssm", "fused", "gpu" or "nvvm".
  std::string compileFrom = "ssm";
  /// Where to stop: a phase ("ssm" … "ptx") or "bundle".
  std::string compileTo = "bundle";
  /// Where to write the module after each phase that is passed, as
  /// DIR/N-phase.mlir, the PTX as DIR/ARCH.ptx, and each kernel as
  /// DIR/gpu/NAME.mlir, DIR/nvvm/NAME.mlir and DIR/ptx/NAME.ARCH.ptx; empty for
  /// nowhere.
  std::string dumpTo;
  /// A directory of files to put in the place of kernels, as `dumpTo` has them:
  /// NAME.mlir, NAME.ARCH.ptx and ARCH.ptx; empty for none.
  std::string overrideFrom;
  /// The remarks of the passes whose categories match this regular expression
  /// are among the messages.
  std::optional<std::string> remarks;
  /// Say what was made; needs the phase gpu to be passed.
  std::optional<ReportOptions> report;
  /// Told the name of each phase that begins.
  std::function<void(std::string_view phase)> progress;
};

struct CompileResult {
  /// The text of a module, or the bytes of a bundle.
  std::string output;
  /// Warnings and remarks.
  std::string messages;
  std::optional<Report> report;
};

/// Compiles. Errors of the input are StatusCode::Invalid with every diagnostic,
/// file:line:column first; unknown options are StatusCode::Usage.
Result<CompileResult> compile(const CompileOptions &options);

/// "22.1.8"
std::string llvmVersion();

} // namespace ssmc

#endif // SSMC_COMPILER_COMPILER_H
