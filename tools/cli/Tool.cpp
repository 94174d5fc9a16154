//===- Tool.cpp - Parsing, running, reporting -----------------------------===//
//
// CLI11 reports by exceptions and may run out of memory; this is where they
// end, whatever a command does.
//
//===----------------------------------------------------------------------===//

#include "ssmc/IO/Text.h"
#include "tools/cli/Commands.h"
#include "tools/cli/Output.h"
#include <CLI/CLI.hpp>
#include <csignal>
#include <fmt/format.h>

using namespace ssmc;
using namespace ssmc::cli;

namespace {

int fail(const Context &context, StatusCode code, const std::string &message) {
  // Not fmt::print, which throws where standard error is closed.
  std::string line = context.name + ": error: " + message + "\n";
  std::fwrite(line.data(), 1, line.size(), context.err);
  return static_cast<int>(code);
}

int show(const Context &context, const std::string &text) {
  Output out(context.out);
  out.write(text);
  Status status = out.finish();
  return status.ok() ? 0 : fail(context, status.code(), status.message());
}

int parseAndRun(int argc, const char *const *argv, const Context &context) {
  CLI::App app(context.summary, context.name);
  app.set_version_flag("--version",
                       context.name + " " SSMC_VERSION + context.versionSuffix);
  app.require_subcommand(1);
  app.footer("Exit codes: 0 success, 1 wrong input, 2 wrong command line, 3 "
             "results differ from\nthe expected ones, 4 no usable device.\n'" +
             context.name + " COMMAND --help' says more of a command.");

  Action action;
  for (const AddCommand &addCommand : context.commands)
    addCommand(app, context, action);
  for (const auto &addCommand :
       {addGenerateCommand, addRunCommand, addBenchCommand, addTuneCommand,
        addInspectCommand, addDevicesCommand})
    addCommand(app, context, action);

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp &) {
    return show(context, app.help());
  } catch (const CLI::CallForVersion &) {
    return show(context, app.version() + "\n");
  } catch (const CLI::ParseError &error) {
    const std::vector<CLI::App *> chosen = app.get_subcommands();
    std::string message = error.what(), command = context.name;
    if (!chosen.empty())
      command += " " + chosen.front()->get_name();
    else if (argc > 1 && argv[1][0] != '-')
      message = fmt::format("unknown command {}", quoted(argv[1]));
    return fail(context, StatusCode::Usage,
                fmt::format("{}\nTry '{} --help'.", message, command));
  }

  Status status = action();
  return status.ok() ? 0 : fail(context, status.code(), status.message());
}

} // namespace

int cli::runTool(int argc, const char *const *argv, const Context &context) {
  // A reader that closes the pipe is seen by Output as a failed write; a signal
  // would end the program in the middle of what it does.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return parseAndRun(argc, argv, context);
  } catch (const std::bad_alloc &) {
    return fail(context, StatusCode::Invalid,
                "out of memory; the input is too large for this machine");
  } catch (const std::exception &error) {
    return fail(
        context, StatusCode::Invalid,
        fmt::format("unexpected failure: {}; this is a bug", error.what()));
  }
}
