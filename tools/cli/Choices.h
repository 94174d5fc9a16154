//===- Choices.h - Which alternatives a command takes ---------------------===//
//
// The options that decide between the alternatives of a bundle, for every
// command that runs one, and the tuning file that decides without them.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TOOLS_CLI_CHOICES_H
#define SSMC_TOOLS_CLI_CHOICES_H

#include "ssmc/Runtime/Tuning.h"
#include "tools/cli/Context.h"

namespace ssmc::cli {

/// As given.
struct ChoiceOptions {
  /// "scan.0=1" or "scan.0=sequential lanes=2".
  std::vector<std::string> forced;
  /// A tuning file; empty for the one of the bundle, if it has one.
  std::string tuning;
  bool noTuning = false;
};

/// Adds --choose, --tuning and --no-tuning. `options` must outlive the parsing.
void addChoiceOptions(CLI::App &command, ChoiceOptions &options);

/// The tuning file of the bundle at `path`: beside it, else in the user's
/// cache; empty where there is none.
std::string findTuning(const runtime::BundleView &bundle,
                       const std::string &path);

/// What the options say for the bundle at `path` on the device. A tuning file
/// that nobody named and that cannot be used is a warning on standard error.
Result<runtime::ChoiceTable> loadChoices(const Context &context,
                                         const ChoiceOptions &options,
                                         const std::string &path,
                                         const runtime::BundleView &bundle,
                                         const runtime::Device &device);

/// "scan.0 takes 1, 'sequential lanes=2' (measured)".
std::string describeChoice(const runtime::BundleView &bundle,
                           const runtime::ChoiceMade &choice);

/// The records of the tuning file at `place`, as a table; those that are not
/// the bundle's are marked.
std::string printTuning(const runtime::TuningFile &file,
                        const runtime::BundleView &bundle,
                        const std::string &place);

/// A line on standard error.
void note(const Context &context, const std::string &text);

} // namespace ssmc::cli

#endif // SSMC_TOOLS_CLI_CHOICES_H
