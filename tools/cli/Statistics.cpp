//===- Statistics.cpp - What repeated measurements say --------------------===//

#include "tools/cli/Statistics.h"
#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

using namespace ssmc::cli;

/// Of sorted samples; `fraction` is from 0 to 1.
static double percentile(const std::vector<double> &samples, double fraction) {
  double position = fraction * static_cast<double>(samples.size() - 1);
  auto below = static_cast<size_t>(position);
  size_t above = std::min(below + 1, samples.size() - 1);
  double weight = position - static_cast<double>(below);
  return samples[below] + weight * (samples[above] - samples[below]);
}

Statistics ssmc::cli::summarize(std::vector<double> samples) {
  assert(!samples.empty() && "nothing was measured");
  std::sort(samples.begin(), samples.end());
  auto count = static_cast<double>(samples.size());
  Statistics result;
  result.count = samples.size();
  result.min = samples.front();
  result.median = percentile(samples, 0.5);
  result.p10 = percentile(samples, 0.1);
  result.p90 = percentile(samples, 0.9);
  result.p99 = percentile(samples, 0.99);
  result.mean = std::accumulate(samples.begin(), samples.end(), 0.0) / count;
  double squares = 0;
  for (double sample : samples)
    squares += (sample - result.mean) * (sample - result.mean);
  if (samples.size() > 1)
    result.stddev = std::sqrt(squares / (count - 1));
  return result;
}
