//===- Sampler.cpp - Drawing tokens from logits ---------------------------===//

#include "Guard.h"
#include "ssmc/Runtime/Generate.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>

namespace ssmc::runtime {

Result<Sampler> Sampler::create(const SamplingOptions &options) {
  // The negations refuse NaN too.
  if (!(options.temperature >= 0) || std::isinf(options.temperature))
    return Status::usage(
        fmt::format("temperature {}: expected a number of at least 0",
                    options.temperature));
  if (!(options.topP > 0 && options.topP <= 1))
    return Status::usage(fmt::format(
        "top-p {}: expected a number above 0 and at most 1", options.topP));
  return Sampler(options);
}

Sampler::Sampler(const SamplingOptions &options)
    : options_(options), state_(options.seed) {}

double Sampler::uniform() {
  // SplitMix64: the standard library's distributions differ by platform.
  uint64_t x = state_ += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  x ^= x >> 31;
  return static_cast<double>(x >> 11) * 0x1p-53;
}

Result<int32_t> Sampler::sample(const float *logits, size_t count) {
  return guarded([&]() -> Result<int32_t> {
    if (count == 0 || count > INT32_MAX)
      return Status::invalid(
          fmt::format("{} logits, expected 1 to {}", count, INT32_MAX));
    size_t best = 0;
    for (size_t i = 0; i < count; ++i) {
      if (std::isnan(logits[i]) || logits[i] == INFINITY)
        return Status::invalid(
            fmt::format("the logit of token {} is {}: the model's numbers "
                        "overflowed; try another --dtype",
                        i, logits[i]));
      if (logits[i] > logits[best])
        best = i;
    }
    if (logits[best] == -INFINITY)
      return Status::invalid("all logits are -inf: the model's numbers "
                             "overflowed; try another --dtype");
    if (options_.temperature == 0)
      return static_cast<int32_t>(best);

    std::vector<int32_t> ids(count);
    std::iota(ids.begin(), ids.end(), 0);
    auto likelier = [&](int32_t a, int32_t b) {
      return logits[a] != logits[b] ? logits[a] > logits[b] : a < b;
    };
    if (options_.topK != 0 && options_.topK < count) {
      std::nth_element(ids.begin(), ids.begin() + options_.topK, ids.end(),
                       likelier);
      ids.resize(options_.topK);
    }
    // Sorted in any case, so that a draw does not depend on how topK selects.
    std::sort(ids.begin(), ids.end(), likelier);

    std::vector<double> weights;
    double total = 0;
    for (int32_t id : ids) {
      double difference = static_cast<double>(logits[id]) - logits[best];
      weights.push_back(std::exp(difference / options_.temperature));
      total += weights.back();
    }
    if (options_.topP < 1) {
      double wanted = options_.topP * total, sum = 0;
      size_t kept = 0;
      while (kept < weights.size() && sum < wanted)
        sum += weights[kept++];
      weights.resize(kept);
      total = sum;
    }
    double rest = uniform() * total;
    size_t chosen = 0;
    while (chosen + 1 < weights.size() && rest >= weights[chosen])
      rest -= weights[chosen++];
    return ids[chosen];
  });
}

} // namespace ssmc::runtime
