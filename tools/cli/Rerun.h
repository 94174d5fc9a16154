//===- Rerun.h - Command lines that repeat something ----------------------===//

#ifndef SSMC_TOOLS_CLI_RERUN_H
#define SSMC_TOOLS_CLI_RERUN_H

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
} // namespace CLI

namespace ssmc::cli {

/// `text` as one word of a POSIX shell, quoted where it must be.
std::string shellQuoted(std::string_view text);

/// "tool command model --option=value": the command line that `command` was
/// parsed from, but for the options called `without` (long names).
std::string commandLine(const std::string &tool, const CLI::App &command,
                        const std::vector<std::string> &without);

} // namespace ssmc::cli

#endif // SSMC_TOOLS_CLI_RERUN_H
