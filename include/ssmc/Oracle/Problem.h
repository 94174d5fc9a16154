//===- Problem.h - What to run for a case, and what must come out ---------===//

#ifndef SSMC_ORACLE_PROBLEM_H
#define SSMC_ORACLE_PROBLEM_H

#include "ssmc/Oracle/Case.h"
#include <limits>

namespace ssmc::oracle {

/// The name of the function in moduleText().
inline constexpr const char *kEntry = "check";

/// What steps are clamped to in a case with limits: exact in f32.
inline constexpr std::array<double, 2> kDeltaLimits = {0.0625, 0.5};

/// The .mlir text of a function that is the case's op and nothing else. Equal
/// for cases of one kernelKey().
std::string moduleText(const Case &it);

/// The elements offset, offset + step, ... of one axis of a tensor.
struct Slice {
  uint64_t offset = 0, step = 1;
  /// The extent of that axis, unsliced.
  uint64_t whole = 0;
};

/// Which columns (dim, or dstate of B and C) of the tensor `name` are the
/// operand of a strided case's op. Does not depend on the seed.
Slice inputSlice(std::string_view name, uint64_t extent);

/// An argument of the function in moduleText().
struct ProblemInput {
  std::string name;
  HostTensor tensor;
  /// The axis with an element per step of time, if there is one: what a call of
  /// fewer steps takes a part of.
  std::optional<size_t> timeAxis;
};

/// A result and how far a device's may be from it: by `absolute` plus `ulps`
/// units in the last place of its own type. NaN and infinities must be where
/// they are expected; besides, an element may be an infinity where its type
/// does not hold the largest (or least) number allowed.
struct ExpectedOutput {
  std::string name;
  /// f64
  HostTensor values;
  double absolute = 0;
  double ulps = 0;
  /// Not empty in a case of special data, one number an element: what is
  /// allowed in place of `absolute`, so that a huge element hides no other.
  std::vector<double> allowed;
  /// What the sum of squared errors may be of the sum of squares; infinite
  /// where nothing is promised.
  double nmse = std::numeric_limits<double>::infinity();
  /// As in ProblemInput: what the results of calls are parts of. A result
  /// without one is the last call's.
  std::optional<size_t> timeAxis;
  /// The input that takes this result in the next call; empty for none.
  std::string feeds;
};

/// What a case is run on. The calls take `calls[i]` steps each, one after the
/// other along the time axes of the inputs; there is one call of all steps
/// unless the case has chunks.
struct Problem {
  std::vector<ProblemInput> inputs;
  std::vector<ExpectedOutput> outputs;
  std::vector<uint64_t> calls;
};

/// Draws the inputs and computes the outputs.
Result<Problem> makeProblem(const Case &it);

/// The error that a scan with f32 state may have, relative to the largest
/// result: an f32 recurrence forgets what it rounded at the rate dt * |Re A|.
/// Where dt itself is rounded (softplus, delta_bias), the phase dt * Im A of a
/// complex decay is off by as much relative to its size: `maxPhase` is the
/// largest one there, and 0 where dt is an input as it stands, whose sines and
/// cosines can and must be accurate however large they are.
double scanErrorBound(uint64_t seqlen, double minDecay, double maxPhase = 0);

/// The same for a convolution, whose sums are short.
inline constexpr double kConvErrorBound = 4e-6;

/// ExpectedOutput::nmse of results in f32 where no state remembers more than 20
/// steps; more where the terms of their sums cancel more than independent ones
/// would, since errors are relative to the terms.
inline constexpr double kMaxNmse = 1e-12;

} // namespace ssmc::oracle

#endif // SSMC_ORACLE_PROBLEM_H
