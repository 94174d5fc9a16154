//===- SelectiveScan.cpp - The scan in double precision -------------------===//

#include "ssmc/Oracle/SelectiveScan.h"
#include "Shapes.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace ssmc;
using namespace ssmc::oracle;

double oracle::softplus(double x) {
  return x > 20 ? x : std::log1p(std::exp(x));
}

double oracle::silu(double x) { return x / (1 + std::exp(-x)); }

namespace {

struct Sizes {
  uint64_t batch, seqlen, dim, dstate;
};

/// B or C, whichever of its shapes it has.
struct Matrix {
  std::vector<double> values;
  uint64_t perBatch = 0, perStep = 0, perGroup = 0, perState = 0;
  uint64_t channelsPerGroup = 1;

  [[nodiscard]] double at(uint64_t b, uint64_t t, uint64_t d,
                          uint64_t n) const {
    return values[b * perBatch + t * perStep +
                  (d / channelsPerGroup) * perGroup + n * perState];
  }
};

} // namespace

static Result<Matrix> readMatrix(const char *name, const HostTensor *tensor,
                                 const Sizes &sizes, Layout layout) {
  auto [batch, seqlen, dim, dstate] = sizes;
  Matrix matrix;
  size_t rank = tensor ? tensor->shape.size() : 0;
  if (rank == 2) {
    SSMC_TRY(expectShape(name, tensor, {dim, dstate}));
    matrix.values = toDoubles(*tensor);
    matrix.perGroup = dstate;
    matrix.perState = 1;
    return matrix;
  }
  if (rank != 3)
    SSMC_TRY(expectRank(name, tensor, 4));
  bool tokenMajor = layout == Layout::TokenMajor;
  uint64_t groups = rank == 3 ? 1 : tensor->shape[tokenMajor ? 2 : 1];
  if (groups == 0 || dim % groups != 0)
    return Status::invalid(std::string("oracle: ") + name +
                           ": expected a number of groups that divides " +
                           std::to_string(dim) + ", found " +
                           std::to_string(groups));
  std::vector<uint64_t> shape =
      tokenMajor ? std::vector<uint64_t>{batch, seqlen, groups, dstate}
                 : std::vector<uint64_t>{batch, groups, dstate, seqlen};
  if (rank == 3)
    shape.erase(shape.begin() + (tokenMajor ? 2 : 1));
  SSMC_TRY(expectShape(name, tensor, shape));
  matrix.values = toDoubles(*tensor);
  matrix.channelsPerGroup = dim / groups;
  matrix.perBatch = seqlen * groups * dstate;
  matrix.perStep = tokenMajor ? groups * dstate : 1;
  matrix.perGroup = tokenMajor ? dstate : dstate * seqlen;
  matrix.perState = tokenMajor ? 1 : seqlen;
  return matrix;
}

Result<SelectiveScanResult>
oracle::selectiveScan(const SelectiveScanInputs &in) {
  SSMC_TRY(expectRank("u", in.u, 3));
  SSMC_TRY(expectRank("delta", in.delta, 3));
  SSMC_TRY(expectRank("A", in.A, 2));
  bool tokenMajor = in.layout == Layout::TokenMajor;
  const std::vector<uint64_t> &activation = in.u->shape;
  Sizes sizes = {activation[0], activation[tokenMajor ? 1 : 2],
                 activation[tokenMajor ? 2 : 1], in.A->shape[1]};
  auto [batch, seqlen, dim, dstate] = sizes;
  SSMC_TRY(expectShape("u", in.u, activation));
  SSMC_TRY(expectShape("delta", in.delta, activation));
  SSMC_TRY(expectShape("A", in.A, {dim, dstate}));
  SSMC_TRY(expectShape("D", in.D, {dim}));
  SSMC_TRY(expectShape("z", in.z, activation));
  SSMC_TRY(expectShape("delta_bias", in.deltaBias, {dim}));
  Result<std::vector<Sequence>> sequences =
      findSequences(in.cuSeqlens, batch, seqlen);
  if (!sequences.ok())
    return sequences.status();
  uint64_t numStates = sequences->size();
  SSMC_TRY(
      expectShape("initial_state", in.initialState, {numStates, dim, dstate}));
  Result<Matrix> B = readMatrix("B", in.B, sizes, in.layout);
  if (!B.ok())
    return B.status();
  Result<Matrix> C = readMatrix("C", in.C, sizes, in.layout);
  if (!C.ok())
    return C.status();

  std::vector<double> u = elements(in.u), delta = elements(in.delta),
                      A = elements(in.A), D = elements(in.D),
                      z = elements(in.z), bias = elements(in.deltaBias),
                      initial = elements(in.initialState);
  SelectiveScanResult result;
  result.out.resize(u.size());
  result.lastState.resize(numStates * dim * dstate);
  result.minDecay = std::numeric_limits<double>::infinity();

  std::vector<double> h(dstate), magnitude(dstate);
  for (uint64_t s = 0; s < numStates; ++s) {
    auto [b, begin, end] = (*sequences)[s];
    for (uint64_t d = 0; d < dim; ++d) {
      uint64_t stateAt = (s * dim + d) * dstate;
      for (uint64_t n = 0; n < dstate; ++n) {
        h[n] = in.initialState ? initial[stateAt + n] : 0;
        magnitude[n] = std::fabs(h[n]);
      }
      for (uint64_t step = begin; step < end; ++step) {
        uint64_t t = in.reverse ? end - 1 - (step - begin) : step;
        uint64_t at = tokenMajor ? (b * seqlen + t) * dim + d
                                 : (b * dim + d) * seqlen + t;
        double dt = delta[at] + (in.deltaBias ? bias[d] : 0);
        if (in.deltaSoftplus)
          dt = softplus(dt);
        if (in.deltaLimits)
          dt = std::clamp(dt, (*in.deltaLimits)[0], (*in.deltaLimits)[1]);
        double y = 0, yMagnitude = 0;
        for (uint64_t n = 0; n < dstate; ++n) {
          double decay = std::exp(dt * A[d * dstate + n]);
          double input = dt * B->at(b, t, d, n) * u[at];
          double c = C->at(b, t, d, n);
          h[n] = decay * h[n] + input;
          magnitude[n] = decay * magnitude[n] + std::fabs(input);
          y += h[n] * c;
          yMagnitude += magnitude[n] * std::fabs(c);
          result.minDecay =
              std::min(result.minDecay, dt * std::fabs(A[d * dstate + n]));
        }
        if (in.D) {
          y += D[d] * u[at];
          yMagnitude += std::fabs(D[d] * u[at]);
        }
        double gate = in.z ? silu(z[at]) : 1;
        result.out[at] = y * gate;
        result.outMagnitude =
            std::max(result.outMagnitude, yMagnitude * std::fabs(gate));
      }
      for (uint64_t n = 0; n < dstate; ++n) {
        result.lastState[stateAt + n] = h[n];
        result.stateMagnitude = std::max(result.stateMagnitude, magnitude[n]);
      }
    }
  }
  return result;
}
