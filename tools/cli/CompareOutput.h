//===- CompareOutput.h - Results against those of the oracle --------------===//

#ifndef SSMC_TOOLS_CLI_COMPAREOUTPUT_H
#define SSMC_TOOLS_CLI_COMPAREOUTPUT_H

#include "ssmc/Oracle/Problem.h"

namespace ssmc::cli {

struct OutputDifference {
  bool isWithin = false;
  /// The largest error, or the normalized mean square error, as a fraction of
  /// what is allowed, whichever is larger; infinite where an element is of
  /// another class (NaN, infinite, finite) than it should be.
  double fraction = 0;
  /// One line for people, with the name of the output.
  std::string text;
};

/// Compares element by element in double precision, as ExpectedOutput says.
OutputDifference compareOutput(const oracle::ExpectedOutput &expected,
                               const HostTensor &got);

} // namespace ssmc::cli

#endif // SSMC_TOOLS_CLI_COMPAREOUTPUT_H
