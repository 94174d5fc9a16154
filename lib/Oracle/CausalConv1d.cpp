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
  uint64_t batch = in.x->shape[0], seqlen = in.x->shape[1],
           dim = in.x->shape[2], width = in.weight->shape[1];
  if (width == 0)
    return Status::invalid("oracle: weight: expected a width of at least 1");
  uint64_t before = width - 1;
  SSMC_TRY(expectShape("x", in.x, in.x->shape));
  SSMC_TRY(expectShape("weight", in.weight, {dim, width}));
  SSMC_TRY(expectShape("bias", in.bias, {dim}));
  SSMC_TRY(expectShape("initial_state", in.initialState, {batch, before, dim}));

  std::vector<double> x = elements(in.x), weight = elements(in.weight),
                      bias = elements(in.bias),
                      initial = elements(in.initialState);
  // The input `before + t` steps after the oldest one of the initial state.
  auto inputAt = [&](uint64_t b, uint64_t step, uint64_t d) {
    if (step >= before)
      return x[(b * seqlen + step - before) * dim + d];
    return in.initialState ? initial[(b * before + step) * dim + d] : 0.0;
  };

  CausalConv1dResult result;
  result.y.resize(x.size());
  result.finalState.resize(batch * before * dim);
  for (uint64_t b = 0; b < batch; ++b) {
    for (uint64_t d = 0; d < dim; ++d) {
      for (uint64_t t = 0; t < seqlen; ++t) {
        double sum = in.bias ? bias[d] : 0, magnitude = std::fabs(sum);
        for (uint64_t w = 0; w < width; ++w) {
          double term = weight[d * width + w] * inputAt(b, t + w, d);
          sum += term;
          magnitude += std::fabs(term);
        }
        result.y[(b * seqlen + t) * dim + d] = in.silu ? silu(sum) : sum;
        // |silu'| is below 1.1: an error of the sum hardly grows.
        result.yMagnitude = std::max(result.yMagnitude, magnitude);
      }
      for (uint64_t i = 0; i < before; ++i)
        result.finalState[(b * before + i) * dim + d] =
            inputAt(b, seqlen + i, d);
    }
  }
  return result;
}
