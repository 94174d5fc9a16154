//===- EmitCases.h - Kernels of cases for another machine -----------------===//

#ifndef SSMC_TOOLS_SSMC_EMITCASES_H
#define SSMC_TOOLS_SSMC_EMITCASES_H

#include "ssmc/Compiler/Compiler.h"
#include "tools/cli/CheckRun.h"

namespace ssmc::cli {

struct EmitOptions {
  std::string directory;
  std::vector<std::string> targets = {"sm_80", "sm_90"};
  bool bitcode = true;
  unsigned threads = 1;
  /// The fusion strategy, as in CompileOptions.
  std::string fuse = CompileOptions().fuse;
};

/// The options that a case's kernels are compiled with, for no target.
CompileOptions caseOptions(const oracle::Case &it, const std::string &fuse);

/// Compiles the kernels of all cases and writes a check set (see CheckSet.h).
/// Says which do not compile and then writes no list of cases.
Status emitCases(const Context &context, const EmitOptions &options,
                 const CheckList &list);

} // namespace ssmc::cli

#endif // SSMC_TOOLS_SSMC_EMITCASES_H
