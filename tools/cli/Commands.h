//===- Commands.h - The commands that both tools have ---------------------===//
//
// Each adds its subcommand to an app: see AddCommand in Context.h.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TOOLS_CLI_COMMANDS_H
#define SSMC_TOOLS_CLI_COMMANDS_H

#include "tools/cli/Context.h"

namespace ssmc::cli {

/// Continues a prompt with a model.
void addGenerateCommand(CLI::App &app, const Context &context, Action &action);
/// Runs one entry on tensors from files and compares or stores its results.
void addRunCommand(CLI::App &app, const Context &context, Action &action);
/// Measures an entry, after a look at its results.
void addBenchCommand(CLI::App &app, const Context &context, Action &action);
/// Measures the variants of kernels that a bundle holds.
void addTuneCommand(CLI::App &app, const Context &context, Action &action);
/// Shows what is in a bundle.
void addInspectCommand(CLI::App &app, const Context &context, Action &action);
/// Lists the devices that can be used, and why the others cannot.
void addDevicesCommand(CLI::App &app, const Context &context, Action &action);

} // namespace ssmc::cli

#endif // SSMC_TOOLS_CLI_COMMANDS_H
