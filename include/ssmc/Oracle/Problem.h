//===- Problem.h - What to run for a case, and what must come out ---------===//

#ifndef SSMC_ORACLE_PROBLEM_H
#define SSMC_ORACLE_PROBLEM_H

#include "ssmc/Oracle/Case.h"

namespace ssmc::oracle {

/// The name of the function in moduleText().
inline constexpr const char *kEntry = "check";

/// What steps are clamped to in a case with limits: exact in f32.
inline constexpr std::array<double, 2> kDeltaLimits = {0.0625, 0.5};

/// The .mlir text of a function that is the case's op and nothing else. Equal
/// for cases of one kernelKey().
std::string moduleText(const Case &it);

/// A result and how far a device's may be from it: by `absolute` plus `ulps`
/// units in the last place of its own type.
struct ExpectedOutput {
  std::string name;
  /// f64
  HostTensor values;
  double absolute = 0;
  double ulps = 0;
};

struct Problem {
  std::vector<std::pair<std::string, HostTensor>> inputs;
  std::vector<ExpectedOutput> outputs;
};

/// Draws the inputs and computes the outputs.
Result<Problem> makeProblem(const Case &it);

/// The error that a scan with f32 state may have, relative to the largest
/// result: an f32 recurrence forgets what it rounded at the rate dt * |A|.
double scanErrorBound(uint64_t seqlen, double minDecay);

/// The same for a convolution, whose sums are short.
inline constexpr double kConvErrorBound = 4e-6;

} // namespace ssmc::oracle

#endif // SSMC_ORACLE_PROBLEM_H
