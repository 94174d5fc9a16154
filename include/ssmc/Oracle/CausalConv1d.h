//===- CausalConv1d.h - The convolution in double precision ---------------===//
//
// What ssm.causal_conv1d should compute, as SelectiveScan.h has it for the
// scan.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_ORACLE_CAUSALCONV1D_H
#define SSMC_ORACLE_CAUSALCONV1D_H

#include "ssmc/Oracle/SelectiveScan.h"

namespace ssmc::oracle {

/// An optional input that is absent is null.
struct CausalConv1dInputs {
  /// (batch, seqlen, dim), or (batch, dim, seqlen) where channel-major.
  const HostTensor *x = nullptr;
  /// (dim, width)
  const HostTensor *weight = nullptr;
  /// (dim)
  const HostTensor *bias = nullptr;
  /// (batch, width-1, dim): the inputs before the first, oldest first; with
  /// cuSeqlens (nseqs, width-1, dim), with stateSlots (nslots, width-1, dim).
  const HostTensor *initialState = nullptr;
  /// (nseqs + 1), as for the scan.
  const HostTensor *cuSeqlens = nullptr;
  /// (batch) or (nseqs), as for the scan.
  const HostTensor *stateSlots = nullptr;
  bool silu = false;
  Layout layout = Layout::TokenMajor;
};

struct CausalConv1dResult {
  /// Of the shape and layout of x; 0 at steps of no packed sequence and of
  /// padding.
  std::vector<double> y;
  /// Of the shape of the initial state, whose rows that no sequence has stay as
  /// they are.
  std::vector<double> finalState;
  /// The sum of magnitudes that each element of `y` is a sum of, and the
  /// largest of them.
  std::vector<double> yMagnitudes;
  double yMagnitude = 0;
};

/// Fails where selectiveScan() does.
Result<CausalConv1dResult> causalConv1d(const CausalConv1dInputs &inputs);

} // namespace ssmc::oracle

#endif // SSMC_ORACLE_CAUSALCONV1D_H
