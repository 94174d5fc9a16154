//===- Inspect.cpp - ssmc inspect: what is in a bundle --------------------===//

#include "ssmc/IO/Tensor.h"
#include "ssmc/IO/Text.h"
#include "tools/cli/Choices.h"
#include "tools/cli/Commands.h"
#include "tools/cli/Inspection.h"
#include "tools/cli/Output.h"
#include "tools/cli/TensorArgs.h"
#include <CLI/CLI.hpp>
#include <charconv>
#include <fmt/format.h>
#include <map>

using namespace ssmc;
using namespace ssmc::cli;
using namespace ssmc::runtime;

namespace {

struct InspectCommand {
  std::string path;
  InspectDetail detail;
  std::vector<std::string> dims, forced;
  std::string ptx, tuning;
  bool json = false;
};

/// What --tuning means without a file.
constexpr const char *kOwnTuning = "own";

/// What --ptx means without an architecture.
constexpr const char *kNewestArch = "newest";

/// The number of "sm_90"; an image of another form sorts first.
int archNumber(const bundle::Image &image) {
  std::string_view arch = image.arch()->string_view();
  int number = 0;
  if (arch.substr(0, 3) == "sm_")
    std::from_chars(arch.data() + 3, arch.data() + arch.size(), number);
  return number;
}

/// The image for `arch`, or the newest one; null where there is none.
const bundle::Image *findImage(const BundleView &bundle,
                               const std::string &arch) {
  const bundle::Image *found = nullptr;
  for (const bundle::Image *image : *bundle.body().images()) {
    if (arch != kNewestArch) {
      if (image->arch()->string_view() == arch)
        return image;
    } else if (found == nullptr || archNumber(*image) > archNumber(*found)) {
      found = image;
    }
  }
  return found;
}

Status printPtx(const BundleView &bundle, const std::string &arch,
                Output &out) {
  const bundle::Image *image = findImage(bundle, arch);
  if (image == nullptr) {
    std::string archs;
    for (const bundle::Image *other : *bundle.body().images())
      archs += (archs.empty() ? "" : ", ") + escaped(other->arch()->str());
    return Status::invalid(fmt::format("{} has no image for {}; it has: {}",
                                       quoted(bundle.name()), escaped(arch),
                                       archs.empty() ? "none" : archs));
  }
  std::string_view text = bundle.section(image->section());
  if (bundle::isCubin(text))
    return Status::invalid(
        fmt::format("{}: the image for {} is machine code, not PTX",
                    quoted(bundle.name()), escaped(image->arch()->str())));
  out.write(text);
  return out.finish();
}

/// Plans every entry at the sizes given, or at sizes that make a good example.
Status planEntries(const BundleView &bundle,
                   const std::vector<std::string> &texts,
                   const ChoiceTable &choices, std::vector<EntryPlan> &plans) {
  std::map<std::string, uint64_t, std::less<>> sizes = {
      {"batch", 1}, {"seqlen", 128}, {"last", 1}};
  std::map<std::string, bool, std::less<>> given;
  for (const std::string &text : texts) {
    Result<std::pair<std::string, uint64_t>> size = parseSize(text);
    if (!size.ok())
      return size.status();
    sizes[size->first] = size->second;
    given[size->first] = false;
  }
  for (const bundle::Entry *entry : *bundle.body().entries()) {
    std::vector<uint64_t> dims;
    for (const flatbuffers::String *dim : *entry->dims()) {
      auto size = sizes.find(dim->string_view());
      dims.push_back(size == sizes.end() ? 1 : size->second);
      if (auto known = given.find(dim->string_view()); known != given.end())
        known->second = true;
    }
    Result<EntryPlan> plan =
        planEntry(bundle, *entry, std::move(dims), choices);
    if (!plan.ok())
      return plan.status();
    plans.push_back(std::move(*plan));
  }
  for (const auto &[name, known] : given)
    if (!known)
      return Status::usage(fmt::format("--dims names {}, which no entry of {} "
                                       "has",
                                       quoted(name), quoted(bundle.name())));
  return {};
}

/// Asks ptxas about the newest PTX, if there are both.
void assembleNewest(Inspection &inspection) {
  const bundle::Image *image = findImage(inspection.bundle, kNewestArch);
  std::optional<std::string> ptxas = findPtxas();
  if (image == nullptr || !ptxas)
    return;
  std::string_view text = inspection.bundle.section(image->section());
  if (bundle::isCubin(text))
    return;
  Result<AssembledPtx> assembled =
      assemblePtx(*ptxas, text, image->arch()->str());
  if (!assembled.ok()) {
    inspection.assemblerFailure = assembled.status().message();
    return;
  }
  inspection.assembledArch = image->arch()->str();
  inspection.resources = std::move(assembled->resources);
}

Status showTuning(const BundleView &bundle, const InspectCommand &command,
                  Output &out) {
  std::string place = command.tuning;
  if (place == kOwnTuning)
    place = findTuning(bundle, command.path);
  if (place.empty())
    return Status::invalid(fmt::format("{}: nothing was measured: there is "
                                       "neither {} nor a file in the cache; "
                                       "use 'tune'",
                                       quoted(bundle.name()),
                                       quoted(tuningPathBeside(command.path))));
  Result<TuningFile> file = TuningFile::read(place);
  if (!file.ok())
    return file.status();
  out.write(printTuning(*file, bundle, place));
  return out.finish();
}

Status inspect(const Context &context, const InspectCommand &command) {
  Result<std::unique_ptr<BundleView>> bundle = BundleView::open(command.path);
  if (!bundle.ok())
    return bundle.status();
  Output out(context.out);
  if (!command.ptx.empty())
    return printPtx(**bundle, command.ptx, out);
  if (!command.tuning.empty())
    return showTuning(**bundle, command, out);

  Inspection inspection{**bundle, {}, "", {}, ""};
  ChoiceTable choices;
  for (const std::string &text : command.forced)
    SSMC_TRY(forceChoice(**bundle, text, choices));
  SSMC_TRY(planEntries(**bundle, command.dims, choices, inspection.plans));
  Progress progress(context.err);
  progress.show("running ptxas");
  assembleNewest(inspection);
  progress.clear();
  out.write(command.json ? printInspectionAsJson(inspection)
                         : printInspection(inspection, command.detail));
  return out.finish();
}

} // namespace

std::string cli::sectionContents(const BundleView &bundle, uint32_t index) {
  if (index == 0)
    return "body";
  if (index == bundle.body().bitcode_section())
    return "LLVM bitcode for the CPU device";
  for (const bundle::Image *image : *bundle.body().images())
    if (image->section() == index || image->cubin_section() == index)
      return fmt::format(
          "{} for {}", bundle::isCubin(bundle.section(index)) ? "cubin" : "PTX",
          escaped(image->arch()->str()));
  return "unused";
}

std::string_view cli::bufferKindName(bundle::BufferKind kind) {
  switch (kind) {
  case bundle::BufferKind::Input:
    return "input";
  case bundle::BufferKind::Output:
    return "output";
  case bundle::BufferKind::Parameter:
    return "parameter";
  case bundle::BufferKind::State:
    return "state";
  case bundle::BufferKind::Derived:
    return "derived";
  case bundle::BufferKind::Temporary:
    return "temporary";
  }
  return "unknown";
}

uint64_t cli::tensorBytes(uint8_t dtype,
                          const flatbuffers::Vector<uint64_t> &shape) {
  // BundleView has checked that this does not overflow.
  Result<uint64_t> bytes =
      byteCount(static_cast<DType>(dtype), {shape.begin(), shape.end()});
  return bytes.ok() ? *bytes : 0;
}

void cli::addInspectCommand(CLI::App &app, const Context &context,
                            Action &action) {
  auto command = std::make_shared<InspectCommand>();
  CLI::App *sub = app.add_subcommand("inspect", "Show what is in a bundle");
  sub->add_option("bundle", command->path, "Bundle (.ssmb)")
      ->required()
      ->type_name("PATH");
  CLI::Option *dims = sub->add_option("--dims", command->dims,
                                      "Sizes to plan the entries at (default: "
                                      "batch=1,seqlen=128,last=1)")
                          ->type_name("NAME=NUMBER,...")
                          ->delimiter(',');
  CLI::Option *plan = sub->add_flag("--plan", command->detail.plan,
                                    "All buffers and steps of each entry");
  CLI::Option *tensors =
      sub->add_flag("--tensors", command->detail.tensors,
                    "All parameters, derived tensors and states");
  CLI::Option *json =
      sub->add_flag("--json", command->json, "Everything, for programs");
  CLI::Option *forced =
      sub->add_option("--choose", command->forced,
                      "Which variant of a group of kernels the plans take, by "
                      "number or by label. Can be repeated")
          ->type_name("GROUP=VARIANT")
          ->expected(1)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  CLI::Option *tuning =
      sub->add_flag(fmt::format("--tuning{{{}}}", kOwnTuning), command->tuning,
                    "Only what 'tune' measured for the bundle, or what is in "
                    "--tuning=FILE")
          ->excludes(dims)
          ->excludes(plan)
          ->excludes(tensors)
          ->excludes(json)
          ->excludes(forced);
  sub->add_flag(fmt::format("--ptx{{{}}}", kNewestArch), command->ptx,
                "Only the PTX, of the newest architecture or of --ptx=sm_80")
      ->excludes(dims)
      ->excludes(plan)
      ->excludes(tensors)
      ->excludes(json)
      ->excludes(forced)
      ->excludes(tuning);
  sub->footer(
      fmt::format("Registers and spills are shown where ptxas is on the PATH.\n"
                  "Examples:\n"
                  "  {0} inspect model.ssmb\n"
                  "  {0} inspect model.ssmb --plan --dims batch=4,seqlen=1000\n"
                  "  {0} inspect model.ssmb --ptx=sm_90 > model.ptx",
                  context.name));
  sub->callback([command, &context, &action] {
    action = [command, &context] { return inspect(context, *command); };
  });
}
