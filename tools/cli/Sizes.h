//===- Sizes.h - Sizes and sweeps on the command line ---------------------===//
//
// "seqlen=512:262144:*2", "seqlen=64:512:+64" and "seqlen=1,7,4096" are sweeps:
// sizes that take one value after the other.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TOOLS_CLI_SIZES_H
#define SSMC_TOOLS_CLI_SIZES_H

#include "ssmc/Runtime/Plan.h"
#include "ssmc/Runtime/Session.h"

namespace ssmc::cli {

/// What a size takes in turn, in the order written.
struct Sweep {
  std::string name;
  std::vector<uint64_t> values;
};

/// Values that all sweeps together may lead to.
inline constexpr size_t kMaxSizePoints = 10000;

/// StatusCode::Usage where the text is no sweep or has too many values.
Result<Sweep> parseSweep(const std::string &text);

/// Parses "NAME=NUMBER" texts. StatusCode::Usage where a name occurs twice.
Result<runtime::Scalars> parseSizes(const std::vector<std::string> &texts);

/// Every combination of the sweeps' values with the fixed sizes, the last sweep
/// the fastest. StatusCode::Usage where a name occurs twice or there are more
/// than kMaxSizePoints.
Result<std::vector<runtime::Scalars>>
sizePoints(const runtime::Scalars &fixed, const std::vector<Sweep> &sweeps);

/// "batch=1,seqlen=512", as --dims takes it, in the order of the names.
std::string printSizes(const runtime::Scalars &sizes);

/// The entry of that name, else the only one there is. "init" runs by itself
/// and is no choice.
Result<const bundle::Entry *> chooseEntry(const runtime::BundleView &bundle,
                                          const std::string &name);

/// The value of each dim of `entry`, from `sizes`, in their order.
/// StatusCode::Usage where one has none, or `sizes` names one that the entry
/// lacks.
Result<std::vector<uint64_t>> dimsOf(const bundle::Entry &entry,
                                     const runtime::Scalars &sizes);

/// Adds to `sizes` those that the shapes of `inputs` fix and `sizes` lacks.
void addInputSizes(const bundle::Entry &entry,
                   const std::vector<runtime::NamedTensor> &inputs,
                   runtime::Scalars &sizes);

} // namespace ssmc::cli

#endif // SSMC_TOOLS_CLI_SIZES_H
