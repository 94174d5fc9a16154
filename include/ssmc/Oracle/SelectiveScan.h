//===- SelectiveScan.h - The scan in double precision ---------------------===//
//
// What ssm.selective_scan should compute: plain loops in double, written from
// the equations of the op's description and from nothing else. Inputs are
// tensors of any floating-point type, taken as they are, so that what a kernel
// loses by rounding is seen and what its inputs lost is not.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_ORACLE_SELECTIVESCAN_H
#define SSMC_ORACLE_SELECTIVESCAN_H

#include "ssmc/IO/Tensor.h"
#include <array>
#include <optional>
#include <vector>

namespace ssmc::oracle {

/// How activations lie: (batch, seqlen, dim) or (batch, dim, seqlen).
enum class Layout { TokenMajor, ChannelMajor };

/// Shapes are those of the table in the description of ssm.selective_scan; an
/// optional input that is absent is null. Where A has a trailing dimension of 2
/// it is complex, and so are B, C and the states: (re, im).
struct SelectiveScanInputs {
  const HostTensor *u = nullptr;
  const HostTensor *delta = nullptr;
  /// (dim, dstate)
  const HostTensor *A = nullptr;
  /// Each constant, (dim, dstate), or variable with or without groups.
  const HostTensor *B = nullptr;
  const HostTensor *C = nullptr;
  /// (dim)
  const HostTensor *D = nullptr;
  const HostTensor *z = nullptr;
  /// (dim)
  const HostTensor *deltaBias = nullptr;
  /// (batch, dim, dstate), or (nseqs, dim, dstate) with cuSeqlens, or (nslots,
  /// dim, dstate) with stateSlots.
  const HostTensor *initialState = nullptr;
  /// (nseqs + 1), from 0 to seqlen and not decreasing: sequence s of the packed
  /// ones is the steps from element s up to, not including, element s + 1.
  /// Batch is 1.
  const HostTensor *cuSeqlens = nullptr;
  /// (batch), or (nseqs) with cuSeqlens: the row of the initial state that each
  /// sequence starts from and ends in, no two the same. A sequence of a
  /// negative one is padding.
  const HostTensor *stateSlots = nullptr;
  bool deltaSoftplus = false;
  /// What dt is clamped to, the lower first.
  std::optional<std::array<double, 2>> deltaLimits;
  /// Time runs from the last step to the first.
  bool reverse = false;
  Layout layout = Layout::TokenMajor;
};

struct SelectiveScanResult {
  /// Of the shape and layout of u; 0 at steps of no packed sequence and of
  /// padding.
  std::vector<double> out;
  /// Of the shape of the initial state, whose rows that no sequence has stay as
  /// they are.
  std::vector<double> lastState;
  /// The least dt * |Re A| of all steps, whose inverse is how many steps the
  /// slowest state remembers; infinite where there is no step.
  double minDecay = 0;
  /// The largest |dt * Im A|; 0 where A is real.
  double maxPhase = 0;
  /// The sum of magnitudes that an element of `out`, or of `lastState`, is a
  /// sum of: what rounding is relative to where terms cancel. Each of the shape
  /// of what it belongs to, without a trailing 2.
  std::vector<double> outMagnitudes, stateMagnitudes;
  /// The largest of them.
  double outMagnitude = 0, stateMagnitude = 0;
};

/// Fails where the shapes do not fit each other, and where sequences or slots
/// are not as said above.
Result<SelectiveScanResult> selectiveScan(const SelectiveScanInputs &inputs);

/// The numerically safe log(1 + exp(x)); x itself beyond 20, as the reference
/// code has it.
double softplus(double x);
/// x / (1 + exp(-x))
double silu(double x);

} // namespace ssmc::oracle

#endif // SSMC_ORACLE_SELECTIVESCAN_H
