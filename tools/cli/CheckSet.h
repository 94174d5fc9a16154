//===- CheckSet.h - Cases with the bundles that they run on ---------------===//
//
// A check set is a folder that `ssmc check --emit` writes and that `ssmc-run
// check` runs where there is no compiler: a bundle for each kernel and
// cases.txt, a line for each case: "NNNN.ssmb<TAB>case" and, after another tab,
// the suite that the case is of.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TOOLS_CLI_CHECKSET_H
#define SSMC_TOOLS_CLI_CHECKSET_H

#include "tools/cli/CheckRun.h"

namespace ssmc::cli {

/// The text of cases.txt; bundles are file names in the folder.
std::string printCheckSet(const std::vector<CheckItem> &items);

/// Reads `directory`/cases.txt; the items' bundles are paths. Fails with the
/// line where one is damaged or its bundle is not there.
Result<std::vector<CheckItem>> readCheckSet(const std::string &directory);

/// Which cases of a set to run.
struct CheckSelection {
  /// Cases that have all the words of one of these; all where there are none.
  std::vector<std::string> only;
  /// "i/n": the i-th of n parts, from 1 on; empty for all.
  std::string slice;
};

/// Adds --only and --slice.
void addSelectionOptions(CLI::App &command, CheckSelection &selection);

/// Drops what is not selected. StatusCode::Usage where nothing is left.
Status selectItems(const CheckSelection &selection,
                   std::vector<CheckItem> &items);

/// The plan of a set on a device: threads share it.
CheckPlan planCheckSet(std::vector<CheckItem> items,
                       std::unique_ptr<runtime::Device> device,
                       GuardOptions guards, const CheckOptions &options);

/// The check command of a tool without a compiler.
void addCheckSetCommand(CLI::App &app, const Context &context, Action &action);

} // namespace ssmc::cli

#endif // SSMC_TOOLS_CLI_CHECKSET_H
