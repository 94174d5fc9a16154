//===- Load.h - From a path on the command line to a program --------------===//
//
// What `generate` and `run` do before their own work: choose a device, open or
// compile the bundle, find its weights, load both.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TOOLS_CLI_LOAD_H
#define SSMC_TOOLS_CLI_LOAD_H

#include "ssmc/Runtime/Program.h"
#include "ssmc/Runtime/Session.h"
#include "tools/cli/Choices.h"

namespace ssmc::cli {

/// The options that say what to load, as given.
struct LoadOptions {
  /// A bundle, a model directory or an .mlir file.
  std::string path;
  /// "cuda", "cuda:1", "cpu"; empty for the best there is.
  std::string device;
  /// A directory or a safetensors file; empty for the default.
  std::string weights;
  ChoiceOptions choices;
  /// What schedules are chosen for where something is compiled.
  runtime::Scalars sizes;
  /// Of parameters that are made up, and said to be, where neither `weights`
  /// nor a default names a checkpoint; none to fail there.
  std::optional<uint64_t> seed;
};

/// A program and what it stands on, in the order in which they must die.
struct LoadedProgram {
  std::unique_ptr<runtime::Device> device;
  std::unique_ptr<runtime::Program> program;
};

/// Adds the positional path, --device, --weights, what decides between variants
/// and the options of the program's own. `options` must outlive the parsing.
void addLoadOptions(CLI::App &command, const Context &context,
                    LoadOptions &options, const std::string &pathHelp);

/// Does all of it; shows progress on a terminal and says which device it chose
/// where the command line does not.
Result<LoadedProgram> loadProgram(const Context &context,
                                  const LoadOptions &options);

/// The device of `spec`, or of the first kind of the context that has one.
Result<std::unique_ptr<runtime::Device>> openDevice(const Context &context,
                                                    const std::string &spec);

/// Where the weights of the bundle at `path` are unless the user says: the
/// model directory it was compiled from, else the bundle's own directory. Fails
/// with both places in the message.
Result<std::string> findWeights(const runtime::BundleView &bundle,
                                const std::string &path);

/// Whether the path is a bundle to open and not a model to compile: a regular
/// file that does not end in ".mlir".
bool isBundlePath(const std::string &path);

} // namespace ssmc::cli

#endif // SSMC_TOOLS_CLI_LOAD_H
