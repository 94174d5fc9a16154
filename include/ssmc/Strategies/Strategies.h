//===- Strategies.h - The named fusion strategies -------------------------===//
//
// Transform scripts, as text. Free of LLVM.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_STRATEGIES_STRATEGIES_H
#define SSMC_STRATEGIES_STRATEGIES_H

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ssmc {

struct Strategy {
  std::string_view name;
  /// The text of lib/Strategies/NAME.mlir.
  std::string_view script;
};

/// From the least fused to the most.
const std::vector<Strategy> &namedStrategies();

/// The script of a named strategy.
std::optional<std::string_view> findStrategy(std::string_view name);

/// "none, discretize, scan, conv-scan"
std::string strategyNames();

} // namespace ssmc

#endif // SSMC_STRATEGIES_STRATEGIES_H
