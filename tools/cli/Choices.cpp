//===- Choices.cpp - Which alternatives a command takes -------------------===//

#include "tools/cli/Choices.h"
#include "ssmc/IO/File.h"
#include "ssmc/IO/Text.h"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

using namespace ssmc;
using namespace ssmc::cli;
using namespace ssmc::runtime;

void cli::note(const Context &context, const std::string &text) {
  std::string line = fmt::format("{}: {}\n", context.name, text);
  std::fwrite(line.data(), 1, line.size(), context.err);
}

void cli::addChoiceOptions(CLI::App &command, ChoiceOptions &options) {
  command
      .add_option("--choose", options.forced,
                  "Which variant of a group of kernels to take, by number or "
                  "by label; 'inspect' lists them. Can be repeated")
      ->type_name("GROUP=VARIANT")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  CLI::Option *tuning =
      command
          .add_option("--tuning", options.tuning,
                      "File in which 'tune' left what it measured (default: "
                      "the bundle's name with .tune, else the one in the "
                      "user's cache)")
          ->type_name("FILE");
  command
      .add_flag("--no-tuning", options.noTuning,
                "Leave the choice of variants to the compiler's estimates")
      ->excludes(tuning);
}

std::string cli::findTuning(const BundleView &bundle, const std::string &path) {
  for (const std::string &place :
       {tuningPathBeside(path), tuningPathInCache(bundle)})
    if (!place.empty() && pathExists(place) && !isDirectory(place))
      return place;
  return {};
}

Result<ChoiceTable> cli::loadChoices(const Context &context,
                                     const ChoiceOptions &options,
                                     const std::string &path,
                                     const BundleView &bundle,
                                     const Device &device) {
  ChoiceTable choices;
  bool isNamed = !options.tuning.empty();
  std::string place = options.tuning;
  if (!isNamed && !options.noTuning && bundle.variantGroupCount() != 0)
    place = findTuning(bundle, path);
  if (!place.empty()) {
    Result<TuningFile> file = TuningFile::read(place);
    if (!file.ok() && isNamed)
      return file.status();
    if (!file.ok()) {
      note(context,
           fmt::format("warning: {}; it is ignored", file.status().message()));
    } else {
      TuningUse use = applyTuning(*file, bundle, deviceKey(device), choices);
      if (use.stale != 0)
        note(context,
             fmt::format("warning: {}: {} of {} records are of kernels that {} "
                         "does not have, and are ignored; tune again",
                         quoted(place), use.stale, file->records().size(),
                         quoted(path)));
    }
  }
  for (const std::string &text : options.forced)
    SSMC_TRY(forceChoice(bundle, text, choices));
  return choices;
}

std::string cli::describeChoice(const BundleView &bundle,
                                const ChoiceMade &choice) {
  const bundle::VariantGroup &group = bundle.variantGroup(choice.group);
  return fmt::format(
      "{} takes {}, {} ({})", escaped(group.name()->string_view()),
      choice.alternative,
      quoted(group.labels()->Get(choice.alternative)->string_view()),
      choiceReasonName(choice.reason));
}

std::string cli::printTuning(const TuningFile &file, const BundleView &bundle,
                             const std::string &place) {
  std::string text =
      fmt::format("{}: {} measurement{}\n", escaped(place, 4096),
                  file.records().size(), file.records().size() == 1 ? "" : "s");
  for (const TuningRecord &record : file.records()) {
    bool isKnown = false;
    for (uint32_t g = 0; g < bundle.variantGroupCount(); ++g)
      isKnown |= bundle.variantGroup(g).key() == record.key;
    text += fmt::format(
        "\n{}{} for {} on {}\n  measured with {}\n", escaped(record.group),
        isKnown ? "" : " (not in this bundle)",
        record.shapeClass.empty() ? "any size" : escaped(record.shapeClass),
        escaped(record.device), escaped(record.measuredAt));
    for (const TuningRecord::Alternative &alternative : record.alternatives)
      text += fmt::format("  {:>14.3f} us  {}{}\n",
                          static_cast<double>(alternative.nanoseconds) / 1e3,
                          escaped(alternative.label),
                          &alternative == &record.best() ? "  <- taken" : "");
  }
  return text;
}
