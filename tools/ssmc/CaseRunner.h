//===- CaseRunner.h - A case of the oracle on a device --------------------===//

#ifndef SSMC_TOOLS_SSMC_CASERUNNER_H
#define SSMC_TOOLS_SSMC_CASERUNNER_H

#include "ssmc/Oracle/Case.h"
#include "ssmc/Runtime/Program.h"

namespace ssmc::cli {

class CaseRunner {
public:
  /// The device must outlive the runner.
  CaseRunner(runtime::Device &device, bool isCpu)
      : device(device), isCpu(isCpu) {}

  /// Compiles the case's op unless the last case had the same kernel, runs it
  /// on drawn data and compares. Returns a line for people about the
  /// differences; StatusCode::Mismatch where they are too large, Invalid where
  /// the op does not compile or the kernel does what it must not.
  Result<std::string> run(const oracle::Case &it);

private:
  Status load(const oracle::Case &it);

  runtime::Device &device;
  bool isCpu;
  std::string loadedKey;
  std::unique_ptr<runtime::Program> program;
};

} // namespace ssmc::cli

#endif // SSMC_TOOLS_SSMC_CASERUNNER_H
