//===- Statistics.h - What repeated measurements say ----------------------===//

#ifndef SSMC_TOOLS_CLI_STATISTICS_H
#define SSMC_TOOLS_CLI_STATISTICS_H

#include <cstddef>
#include <vector>

namespace ssmc::cli {

/// In the unit of the samples.
struct Statistics {
  size_t count = 0;
  double median = 0, mean = 0, min = 0, p10 = 0, p90 = 0, p99 = 0;
  /// Of the population that the samples are of; 0 for a single sample.
  double stddev = 0;
};

/// Of at least one sample. Percentiles lie between the two samples next to
/// them, linearly.
Statistics summarize(std::vector<double> samples);

} // namespace ssmc::cli

#endif // SSMC_TOOLS_CLI_STATISTICS_H
