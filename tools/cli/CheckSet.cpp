//===- CheckSet.cpp - Cases with the bundles that they run on -------------===//

#include "tools/cli/CheckSet.h"
#include "ssmc/IO/File.h"
#include "ssmc/IO/Text.h"
#include "tools/cli/Load.h"
#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <sstream>

using namespace ssmc;
using namespace ssmc::cli;
using runtime::BundleView;

static constexpr uint64_t kMaxSetBytes = uint64_t{256} << 20;

static constexpr const char *kFooter = R"(Examples:
  # Where the compiler is:
  ssmc check --suite gpu --emit gpu-set --target sm_90 --no-bitcode
  # Where the GPU is:
  ssmc-run check gpu-set --junit gpu-set.xml
  # One case of it, and all with complex states in f16:
  ssmc-run check gpu-set --only "scan b2 l131 d10 n16 u=f32 D z seed=42"
  ssmc-run check gpu-set --only "complex u=f16")";

std::string cli::printCheckSet(const std::vector<CheckItem> &items) {
  std::string text;
  for (const CheckItem &item : items)
    text += fmt::format("{}\t{}\t{}\n", item.bundle, oracle::printCase(item.it),
                        item.suite);
  return text;
}

Result<std::vector<CheckItem>> cli::readCheckSet(const std::string &directory) {
  std::string path = joinPath(directory, "cases.txt");
  Result<std::string> text = readFile(path, kMaxSetBytes);
  if (!text.ok())
    return text.status();
  std::vector<CheckItem> items;
  std::string line;
  // Each is used by many cases.
  std::map<std::string, std::string> bundles;
  std::istringstream lines(*text);
  for (uint64_t number = 1; std::getline(lines, line); ++number) {
    std::string place = fmt::format("{}:{}", path, number);
    if (line.empty())
      continue;
    size_t tab = line.find('\t');
    if (tab == std::string::npos)
      return Status::invalid(
          fmt::format("{}: expected a bundle's file name, a tab and a case, "
                      "found {}; write "
                      "the set again with 'ssmc check --emit'",
                      place, quoted(line)));
    std::string name = line.substr(0, tab);
    size_t end = std::min(line.find('\t', tab + 1), line.size());
    std::string suite = end < line.size() ? line.substr(end + 1) : "set";
    Result<oracle::Case> it =
        oracle::parseCase(line.substr(tab + 1, end - tab - 1));
    if (!it.ok())
      return Status::invalid(it.status().message()).withContext(place);
    std::string &bundle = bundles[name];
    if (bundle.empty()) {
      Result<std::string> file = resolveInside(directory, name);
      if (!file.ok())
        return file.status().withContext(place);
      bundle = *file;
    }
    items.push_back({*it, suite, bundle});
  }
  if (items.empty())
    return Status::invalid(path + ": there are no cases in it");
  return items;
}

//===----------------------------------------------------------------------===//
// Selection
//===----------------------------------------------------------------------===//

static std::vector<std::string> words(const std::string &text) {
  std::istringstream stream(text);
  std::vector<std::string> list;
  for (std::string word; stream >> word;)
    list.push_back(word);
  std::sort(list.begin(), list.end());
  return list;
}

Status cli::selectItems(const CheckSelection &selection,
                        std::vector<CheckItem> &items) {
  if (!selection.only.empty()) {
    std::vector<std::vector<std::string>> wanted;
    for (const std::string &text : selection.only)
      wanted.push_back(words(text));
    auto isOther = [&](const CheckItem &item) {
      std::vector<std::string> has = words(oracle::printCase(item.it));
      return std::none_of(wanted.begin(), wanted.end(), [&](const auto &list) {
        return std::includes(has.begin(), has.end(), list.begin(), list.end());
      });
    };
    items.erase(std::remove_if(items.begin(), items.end(), isOther),
                items.end());
    if (items.empty())
      return Status::usage("--only: no case of the set has these words");
  }
  if (!selection.slice.empty()) {
    uint64_t part = 0, parts = 0;
    char slash = 0;
    std::istringstream stream(selection.slice);
    if (!(stream >> part >> slash >> parts) || !stream.eof() || slash != '/' ||
        part == 0 || part > parts)
      return Status::usage(
          fmt::format("--slice: expected i/n with i from 1 to n, found {}",
                      quoted(selection.slice)));
    // Neighbours share kernels and stay together.
    uint64_t first = items.size() * (part - 1) / parts;
    uint64_t last = items.size() * part / parts;
    if (first == last)
      return Status::usage(
          fmt::format("--slice: part {} of {} of {} cases is empty", part,
                      parts, items.size()));
    items =
        std::vector<CheckItem>(items.begin() + static_cast<ptrdiff_t>(first),
                               items.begin() + static_cast<ptrdiff_t>(last));
  }
  return Status();
}

void cli::addSelectionOptions(CLI::App &command, CheckSelection &selection) {
  command
      .add_option("--only", selection.only,
                  "Run only the cases that have all these words; can be "
                  "repeated")
      ->type_name("WORDS")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      .add_option("--slice", selection.slice,
                  "Run the i-th of n parts of the set, from 1 on")
      ->type_name("i/n");
}

//===----------------------------------------------------------------------===//
// The command
//===----------------------------------------------------------------------===//

CheckPlan cli::planCheckSet(std::vector<CheckItem> items,
                            std::unique_ptr<runtime::Device> device,
                            GuardOptions guards, const CheckOptions &options) {
  auto openBundle =
      [](const CheckItem &item) -> Result<std::shared_ptr<const BundleView>> {
    Result<std::unique_ptr<BundleView>> bundle = BundleView::open(item.bundle);
    if (!bundle.ok())
      return bundle.status();
    return std::shared_ptr<const BundleView>(std::move(*bundle));
  };
  CheckPlan plan;
  auto runner = std::make_shared<CaseRunner>(std::move(device), guards,
                                             openBundle, options.repeat);
  plan.runners.assign(checkThreads(options), runner);
  auto shared =
      std::make_shared<const std::vector<CheckItem>>(std::move(items));
  plan.list = {shared->size(), [shared](uint64_t i) { return (*shared)[i]; }};
  plan.describeFailure = [](const CheckItem &item, const Status &failure,
                            CaseRunner &, const auto &) {
    return fmt::format("{}\nkernel: {}", failure.message(), item.bundle);
  };
  return plan;
}

namespace {

struct CheckSetCommand {
  std::string directory;
  CheckOptions options;
  CheckSelection selection;
};

} // namespace

static Status runCheckSet(const Context &context,
                          const CheckSetCommand &command) {
  Result<std::vector<CheckItem>> items = readCheckSet(command.directory);
  if (!items.ok())
    return items.status();
  SSMC_TRY(selectItems(command.selection, *items));
  Result<std::unique_ptr<runtime::Device>> device =
      openDevice(context, command.options.device);
  if (!device.ok())
    return device.status();
  CheckPlan plan = planCheckSet(std::move(*items), std::move(*device),
                                checkGuards(command.options), command.options);
  plan.showPassed = !command.selection.only.empty();
  return runChecks(context, command.options, plan);
}

void cli::addCheckSetCommand(CLI::App &app, const Context &context,
                             Action &action) {
  CLI::App *sub = app.add_subcommand(
      "check", "Compare compiled kernels with a float64 oracle");
  auto command = std::make_shared<CheckSetCommand>();
  sub->add_option("set", command->directory,
                  "A folder that 'ssmc check --emit' has written")
      ->required()
      ->type_name("DIR");
  addCheckOptions(*sub, context, command->options);
  addSelectionOptions(*sub, command->selection);
  sub->footer(kFooter);
  sub->callback([&context, &action, command] {
    action = [&context, command] { return runCheckSet(context, *command); };
  });
}
