//===- Check.h - The check command ----------------------------------------===//

#ifndef SSMC_TOOLS_SSMC_CHECK_H
#define SSMC_TOOLS_SSMC_CHECK_H

#include "tools/cli/Context.h"

namespace ssmc::cli {

/// Compares kernels with the float64 oracle on random configurations.
void addCheckCommand(CLI::App &app, const Context &context, Action &action);

} // namespace ssmc::cli

#endif // SSMC_TOOLS_SSMC_CHECK_H
