//===- Context.h - What a tool's program tells the command lines ----------===//
//
// The command lines of `ssmc` and `ssmc-run` are one library. What differs
// between the two (a compiler, a CPU device) comes in through a Context, so
// that the library needs no LLVM and the lean tool links none.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TOOLS_CLI_CONTEXT_H
#define SSMC_TOOLS_CLI_CONTEXT_H

#include "ssmc/Runtime/BundleView.h"
#include "ssmc/Runtime/Device.h"
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
} // namespace CLI

namespace ssmc::cli {

struct Context;

/// What the command line asks for; runs once all of it is parsed.
using Action = std::function<Status()>;

/// Adds a subcommand to `app`. Parsing it sets `action`. Both references
/// outlive the action's run.
using AddCommand =
    std::function<void(CLI::App &app, const Context &context, Action &action)>;

/// A model directory or .mlir file to be compiled for one device, in memory.
struct CompileRequest {
  std::string path;
  /// "cuda" or "cpu".
  std::string deviceKind;
  const runtime::Device &device;
  /// Sizes that schedules should be good for, by name; empty where nobody
  /// knows.
  std::map<std::string, uint64_t, std::less<>> sizes;
};

struct Context {
  /// The program's name, before its messages.
  std::string name;
  /// One line for the head of --help.
  std::string summary;
  /// What --version says besides the project's version: ", LLVM 22.1.8".
  std::string versionSuffix;

  /// Kinds of devices that runtime::createDevice() knows here, the preferred
  /// first.
  std::vector<std::string> deviceKinds = {"cuda"};

  /// Compiles what is not yet a bundle; empty where there is no compiler.
  std::function<Result<std::shared_ptr<const runtime::BundleView>>(
      const CompileRequest &)>
      compile;
  /// Adds options of the program's own to the commands that open a model and a
  /// device (`generate`, `run`); may be empty. They are parsed before `compile`
  /// and the device factories are called.
  std::function<void(CLI::App &command)> addModelOptions;
  /// Adds options that say how to compile, for `bench`; may be empty.
  std::function<void(CLI::App &command)> addCompileOptions;
  /// A word for what they ask for, to tell measurements apart; may be empty.
  std::function<std::string()> compileLabel;
  /// Commands of the program's own, listed first.
  std::vector<AddCommand> commands;

  /// Where results and messages go.
  std::FILE *out = stdout;
  std::FILE *err = stderr;
};

/// Parses the command line, runs what it asks for and prints what goes wrong.
/// Returns the exit code: that of the Status, 2 for a command line that does
/// not parse. Never throws, never exits.
int runTool(int argc, const char *const *argv, const Context &context);

} // namespace ssmc::cli

#endif // SSMC_TOOLS_CLI_CONTEXT_H
