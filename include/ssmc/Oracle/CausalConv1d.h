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
  /// cuSeqlens (nseqs, width-1, dim).
  const HostTensor *initialState = nullptr;
  /// (nseqs + 1), as for the scan.
  const HostTensor *cuSeqlens = nullptr;
  bool silu = false;
  Layout layout = Layout::TokenMajor;
};

struct CausalConv1dResult {
  /// Of the shape and layout of x; 0 at steps of no packed sequence.
  std::vector<double> y;
  /// Of the shape of the initial state.
  std::vector<double> finalState;
  /// The largest sum of magnitudes that an element of `y` is a sum of.
  double yMagnitude = 0;
};

/// Fails where the shapes do not fit each other.
Result<CausalConv1dResult> causalConv1d(const CausalConv1dInputs &inputs);

} // namespace ssmc::oracle

#endif // SSMC_ORACLE_CAUSALCONV1D_H
