//===- BenchTable.h - Measurements as lines -------------------------------===//
//
// One line for each size, written as soon as it is known: a machine that is
// taken away in the middle leaves what was measured.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TOOLS_CLI_BENCHTABLE_H
#define SSMC_TOOLS_CLI_BENCHTABLE_H

#include "ssmc/Runtime/Session.h"
#include "tools/cli/Output.h"
#include "tools/cli/Statistics.h"

namespace ssmc::cli {

/// A kernel launch of the entry, for machines.
struct BenchLaunch {
  std::string kernel, computes;
  std::array<uint32_t, 3> grid = {}, block = {};
};

struct BenchRow {
  std::string device, driver, entry, label;
  /// Values of the entry's dims, in their order.
  std::vector<std::pair<std::string, uint64_t>> dims;
  /// How: "oracle", "oracle+repeat" where that was for smaller sizes,
  /// "expected", "repeat", "no"; "failed" with `problem`.
  std::string verified;
  /// Seconds; none where `problem` says why.
  std::optional<Statistics> times;
  std::string problem;
  /// Bytes that the launches move, and seconds that they take at least.
  std::optional<double> bytes, floor;
  std::vector<BenchLaunch> launches;
  /// Which variant was taken of each group that has some.
  std::vector<std::string> variants;
  /// The command that measures this line alone.
  std::string rerun;
};

enum class BenchFormat { Table, Markdown, Csv, Json };

class BenchTable {
public:
  BenchTable(BenchFormat format, Output &out) : format(format), out(out) {}

  /// `dimsWidth` is that of the longest printDims() to come.
  void begin(const std::string &device, const std::string &driver,
             size_t dimsWidth, size_t labelWidth);
  void add(const BenchRow &row);
  /// Also after a failure, so that what was written is whole.
  void end();

private:
  [[nodiscard]] std::vector<std::string> cells(const BenchRow &row) const;
  void writeCells(const std::vector<std::string> &cells);

  BenchFormat format;
  Output &out;
  std::vector<size_t> widths;
  bool hasRows = false;
};

/// "batch=1,seqlen=512", or "-" where there are none.
std::string printDims(const BenchRow &row);

} // namespace ssmc::cli

#endif // SSMC_TOOLS_CLI_BENCHTABLE_H
