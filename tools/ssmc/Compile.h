//===- Compile.h - The compile command ------------------------------------===//

#ifndef SSMC_TOOLS_SSMC_COMPILE_H
#define SSMC_TOOLS_SSMC_COMPILE_H

#include "ssmc/Compiler/Compiler.h"
#include "ssmc/Emulator/Emulator.h"
#include "tools/cli/Context.h"

namespace ssmc::cli {

/// Compiles a model or an .mlir file to a bundle or to a phase's text.
void addCompileCommand(CLI::App &app, const Context &context, Action &action);

/// Adds --dtype, which `generate` and `run` have too.
void addDTypeOption(CLI::App &command, DType &dtype);
/// Adds --target, which `bench` has too.
void addTargetOption(CLI::App &command, CompileOptions &options);
/// Adds --schedule, which `bench` has too.
void addScheduleOption(CLI::App &command, CompileOptions &options);
/// Adds --fuse, which `check` and `bench` have too.
void addFuseOption(CLI::App &command, std::string &fuse);
/// Adds --assume, the sizes that schedules are chosen for.
void addAssumeOption(CLI::App &command, CompileOptions &options);
/// Adds --check and --threads of the CPU device.
void addEmulatorOptions(CLI::App &command, emulator::EmulatorOptions &options);

} // namespace ssmc::cli

#endif // SSMC_TOOLS_SSMC_COMPILE_H
