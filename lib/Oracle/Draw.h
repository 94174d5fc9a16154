//===- Draw.h - The inputs of a case, by chance ---------------------------===//

#ifndef SSMC_LIB_ORACLE_DRAW_H
#define SSMC_LIB_ORACLE_DRAW_H

#include "Random.h"
#include "Signature.h"
#include "ssmc/Oracle/Problem.h"

namespace ssmc::oracle {

/// Each tensor is drawn from a sequence of its own, so that a flag that adds
/// one leaves the others as they are. Those of strided cases are not yet parts
/// of larger ones. The case must be normalized.
std::vector<ProblemInput> drawInputs(const Case &it);

/// Replaces a few elements of one input, which one and where by chance. The
/// values are such that float64 and f32, in whatever order a schedule
/// multiplies and adds, agree on which results are finite, infinite and NaN,
/// provided that the rest was drawn from scanRange() or is what a convolution
/// has.
void makeSpecial(const Case &it, std::vector<ProblemInput> &inputs);

/// What the inputs of a scan are drawn from.
struct ScanRange {
  /// A is from -16 * slope to -slope.
  double slope = 1;
  /// dt is around this, from a tenth to double of it without softplus.
  double step = 1;
  /// Magnitudes of Im A are from 0 to this, evenly; or, where isFast, from a
  /// hundredth of it, their logarithms evenly.
  double frequency = 0;
  bool isFast = false;
};
ScanRange scanRange(const Case &it);

/// The bits of the number of `dtype` (f32, f16, bf16) next to `value`.
uint32_t encode(DType dtype, double value);
/// Sets element `index` of `tensor` to these bits.
void store(HostTensor &tensor, uint64_t index, uint32_t bits);

} // namespace ssmc::oracle

#endif // SSMC_LIB_ORACLE_DRAW_H
