//===- Rerun.cpp - Command lines that repeat something --------------------===//

#include "tools/cli/Rerun.h"
#include <CLI/CLI.hpp>
#include <algorithm>

using namespace ssmc;

std::string cli::shellQuoted(std::string_view text) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
      "_-+=./:,@%^";
  if (!text.empty() && text.find_first_not_of(plain) == std::string_view::npos)
    return std::string(text);
  std::string quoted = "'";
  for (char c : text)
    quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

std::string cli::commandLine(const std::string &tool, const CLI::App &command,
                             const std::vector<std::string> &without) {
  std::string positionals, options;
  for (const CLI::Option *option : command.get_options()) {
    if (option->count() == 0)
      continue;
    if (option->get_lnames().empty()) {
      for (const std::string &value : option->results())
        positionals += " " + shellQuoted(value);
      continue;
    }
    const std::string &name = option->get_lnames().front();
    if (std::find(without.begin(), without.end(), name) != without.end())
      continue;
    bool isFlag = option->get_items_expected_max() == 0;
    for (const std::string &value : option->results()) {
      options += " --" + name;
      if (!isFlag || value != "true")
        options += "=" + shellQuoted(value);
    }
  }
  return shellQuoted(tool) + " " + command.get_name() + positionals + options;
}
