//===- CausalConv1d.cpp - The convolution in double precision -------------===//

#include "ssmc/Oracle/CausalConv1d.h"
#include "Shapes.h"
#include "ssmc/Oracle/SelectiveScan.h"
#include <algorithm>
#include <cmath>

using namespace ssmc;
using namespace ssmc::oracle;

Result<CausalConv1dResult> oracle::causalConv1d(const CausalConv1dInputs &in) {
  SSMC_TRY(expectRank("x", in.x, 3));
  SSMC_TRY(expectRank("weight", in.weight, 2));
  bool tokenMajor = in.layout == Layout::TokenMajor;
  uint64_t batch = in.x->shape[0], seqlen = in.x->shape[tokenMajor ? 1 : 2],
           dim = in.x->shape[tokenMajor ? 2 : 1], width = in.weight->shape[1];
  if (width == 0)
    return Status::invalid("oracle: weight: expected a width of at least 1");
  uint64_t before = width - 1;
  SSMC_TRY(expectShape("x", in.x, in.x->shape));
  SSMC_TRY(expectShape("weight", in.weight, {dim, width}));
  SSMC_TRY(expectShape("bias", in.bias, {dim}));
  Result<Sequences> sequences =
      findSequences(in.cuSeqlens, in.stateSlots, in.initialState, batch, seqlen,
                    {before, dim});
  if (!sequences.ok())
    return sequences.status();

  std::vector<double> x = elements(in.x), weight = elements(in.weight),
                      bias = elements(in.bias),
                      initial = elements(in.initialState);
  CausalConv1dResult result;
  result.y.resize(x.size());
  result.yMagnitudes.resize(x.size());
  result.finalState = initial;
  result.finalState.resize(sequences->numStates * before * dim);
  for (const Sequence &sequence : sequences->running) {
    auto [b, begin, end, row] = sequence;
    for (uint64_t d = 0; d < dim; ++d) {
      auto offset = [&, b = b](uint64_t t) {
        return tokenMajor ? (b * seqlen + t) * dim + d
                          : (b * dim + d) * seqlen + t;
      };
      // The input `i` steps after the oldest one of the initial state.
      auto inputAt = [&, begin = begin, row = row](uint64_t i) {
        if (i >= before)
          return x[offset(begin + i - before)];
        return in.initialState ? initial[(row * before + i) * dim + d] : 0.0;
      };
      for (uint64_t t = begin; t < end; ++t) {
        double sum = in.bias ? bias[d] : 0, magnitude = std::fabs(sum);
        for (uint64_t w = 0; w < width; ++w) {
          double term = weight[d * width + w] * inputAt(t - begin + w);
          sum += term;
          magnitude += std::fabs(term);
        }
        result.y[offset(t)] = in.silu ? silu(sum) : sum;
        // |silu'| is below 1.1: an error of the sum hardly grows.
        result.yMagnitudes[offset(t)] = magnitude;
        result.yMagnitude = std::max(result.yMagnitude, magnitude);
      }
      for (uint64_t i = 0; i < before; ++i)
        result.finalState[(row * before + i) * dim + d] =
            inputAt(end - begin + i);
    }
  }
  return result;
}
