//===- Tune.cpp - ssmc tune: measure the variants of a bundle -------------===//
//
// One group of kernels at a time is varied, and the whole entry timed: what a
// variant costs its neighbours (a cache, a wait) counts too. A group that has
// been measured keeps its fastest variant while the next one is.
//
//===----------------------------------------------------------------------===//

#include "ssmc/IO/File.h"
#include "ssmc/IO/Text.h"
#include "tools/cli/Commands.h"
#include "tools/cli/Compare.h"
#include "tools/cli/Load.h"
#include "tools/cli/Meter.h"
#include "tools/cli/Output.h"
#include "tools/cli/RandomData.h"
#include "tools/cli/Sizes.h"
#include "tools/cli/Statistics.h"
#include <CLI/CLI.hpp>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>

using namespace ssmc;
using namespace ssmc::cli;
using namespace ssmc::runtime;

namespace {

struct TuneCommand {
  LoadOptions load;
  std::string entry;
  std::vector<std::string> dims, sweeps;
  MeterOptions meter;
  bool noGraph = false;
  bool noVerify = false;
  uint64_t seed = 1;
};

/// A group of the plan and the class of its sizes.
struct Subject {
  uint32_t group;
  std::string shapeClass;
};

/// Variants of one kernel add up in another order, no more.
Tolerance toleranceOf(DType dtype) {
  Tolerance tolerance = defaultTolerance(dtype);
  tolerance.maxRelative = std::max(tolerance.maxRelative, 1e-3);
  return tolerance;
}

/// Measures the groups of one entry at one set of sizes.
class SizeTuner {
public:
  SizeTuner(const TuneCommand &command, Program &program,
            const bundle::Entry &entry, Scalars sizes, Meter &meter)
      : command_(command), program_(program), entry_(entry),
        sizes_(std::move(sizes)), meter_(meter) {}

  /// Adds what is measured to `choices`, `file` and standard output.
  Status tune(ChoiceTable &choices, TuningFile &file, Output &out) {
    Result<std::vector<uint64_t>> dims = dimsOf(entry_, sizes_);
    if (!dims.ok())
      return dims.status();
    Result<EntryPlan> plan =
        planEntry(program_.bundle(), entry_, std::move(*dims), choices);
    if (!plan.ok())
      return plan.status();
    SSMC_TRY(prepareData(*plan));
    out.write(fmt::format("{} at {}\n", escaped(entry_.name()->string_view()),
                          sizes_.empty() ? "its only size"
                                         : escaped(printSizes(sizes_))));
    std::vector<Subject> subjects = subjectsOf(*plan);
    if (subjects.empty())
      out.write("  nothing to choose\n");
    for (const Subject &subject : subjects)
      SSMC_TRY(tuneGroup(subject, choices, file, out));
    return {};
  }

private:
  std::vector<Subject> subjectsOf(const EntryPlan &plan) {
    std::vector<Subject> subjects;
    for (const ChoiceMade &choice : plan.choices) {
      const auto &step = *entry_.steps()->Get(choice.step);
      Subject subject = {
          choice.group,
          shapeClass(entry_, *step.action_as_Choose(), plan.dims)};
      bool isNew = true;
      for (const Subject &known : subjects)
        isNew &= known.group != subject.group ||
                 known.shapeClass != subject.shapeClass;
      if (isNew)
        subjects.push_back(std::move(subject));
    }
    return subjects;
  }

  Status prepareData(const EntryPlan &plan) {
    for (uint32_t i = 0; i < plan.buffers.size(); ++i) {
      const bundle::Buffer &buffer = *entry_.buffers()->Get(i);
      if (buffer.kind() != bundle::BufferKind::Input)
        continue;
      Result<HostTensor> tensor =
          randomInput(program_.bundle(), plan, i, command_.seed + i);
      if (!tensor.ok())
        return tensor.status();
      inputs_.push_back({buffer.name()->str(), std::move(*tensor)});
    }
    uint64_t batch = 1;
    for (uint32_t i = 0; i < plan.buffers.size(); ++i)
      if (entry_.buffers()->Get(i)->kind() == bundle::BufferKind::State)
        batch = plan.buffers[i].shape[0];
    Result<std::unique_ptr<Session>> session = Session::create(program_, batch);
    if (!session.ok())
      return session.status();
    session_ = std::move(*session);
    return {};
  }

  Status tuneGroup(const Subject &subject, ChoiceTable &choices,
                   TuningFile &file, Output &out) {
    const bundle::VariantGroup &group =
        program_.bundle().variantGroup(subject.group);
    out.write(fmt::format(
        "  {} for {}\n", escaped(group.name()->string_view()),
        subject.shapeClass.empty() ? "any size" : escaped(subject.shapeClass)));
    TuningRecord record;
    record.device = deviceKey(program_.device());
    record.key = group.key();
    record.group = group.name()->str();
    record.shapeClass = subject.shapeClass;
    record.measuredAt = entry_.name()->str();
    if (!sizes_.empty())
      record.measuredAt += " at " + printSizes(sizes_);
    std::vector<NamedTensor> expected;
    for (uint32_t i = 0; i < group.labels()->size(); ++i) {
      std::string label = group.labels()->Get(i)->str();
      ChoiceTable forced = choices;
      forced.force(subject.group, i);
      session_->setChoices(std::move(forced));
      Result<PreparedCall> call =
          session_->prepare(entry_.name()->string_view(), inputs_, sizes_);
      if (!call.ok()) {
        // Too large a grid or too much memory: no choice for these sizes.
        out.write(fmt::format("    {:>12}  {}: {}\n", "-", escaped(label),
                              call.status().message()));
        continue;
      }
      SSMC_TRY(check(*call, expected).withContext(quoted(label)));
      Result<std::vector<double>> times = meter_.measure(*call);
      if (!times.ok())
        return times.status().withContext(quoted(label));
      Statistics statistics = summarize(std::move(*times));
      out.write(fmt::format("    {:>9.3f} us  {} (p10 {:.3f}, p90 {:.3f}, {} "
                            "runs)\n",
                            statistics.median * 1e6, escaped(label),
                            statistics.p10 * 1e6, statistics.p90 * 1e6,
                            statistics.count));
      record.alternatives.push_back(
          {std::move(label),
           static_cast<uint64_t>(std::llround(statistics.median * 1e9))});
    }
    if (record.alternatives.empty())
      return Status::invalid(
          fmt::format("none of the variants of {} can run at these sizes",
                      quoted(group.name()->string_view())));
    out.write(fmt::format("    takes {}\n", escaped(record.best().label)));
    for (uint32_t i = 0; i < group.labels()->size(); ++i)
      if (group.labels()->Get(i)->string_view() == record.best().label)
        choices.setMeasured(subject.group, subject.shapeClass, i);
    file.set(std::move(record));
    return {};
  }

  /// Compares the results with those of the first variant, unless told not to:
  /// a fast kernel that is wrong is no choice.
  Status check(PreparedCall &call, std::vector<NamedTensor> &expected) {
    if (command_.noVerify)
      return {};
    SSMC_TRY(session_->reset());
    SSMC_TRY(call.start());
    Result<std::vector<NamedTensor>> outputs = call.outputs();
    if (!outputs.ok())
      return outputs.status();
    if (expected.empty()) {
      expected = std::move(*outputs);
      return {};
    }
    for (size_t i = 0; i < outputs->size(); ++i) {
      const HostTensor &tensor = (*outputs)[i].tensor;
      Result<std::string> line =
          compareTensors((*outputs)[i].name, tensor, expected[i].tensor,
                         toleranceOf(tensor.dtype));
      if (!line.ok())
        return line.status().withContext(
            "the results are not those of the first variant");
    }
    return {};
  }

  const TuneCommand &command_;
  Program &program_;
  const bundle::Entry &entry_;
  Scalars sizes_;
  Meter &meter_;
  std::vector<NamedTensor> inputs_;
  std::unique_ptr<Session> session_;
};

/// What is known so far: the records of the file that will be replaced.
TuningFile readKnown(const Context &context, const std::string &place,
                     const BundleView &bundle) {
  if (place.empty() || !pathExists(place))
    return {};
  Result<TuningFile> file = TuningFile::read(place);
  if (!file.ok()) {
    note(context, fmt::format("warning: {}; it will be replaced",
                              file.status().message()));
    return {};
  }
  file->dropStale(bundle);
  return std::move(*file);
}

/// Writes to the place that was asked for, else beside the bundle, else to the
/// user's cache.
Status store(const Context &context, const TuneCommand &command,
             const BundleView &bundle, const TuningFile &file) {
  std::string place = command.load.choices.tuning;
  bool isNamed = !place.empty();
  if (!isNamed)
    place = tuningPathBeside(command.load.path);
  Status status = file.write(place);
  if (!status.ok() && !isNamed) {
    std::string beside = place;
    place = tuningPathInCache(bundle);
    if (place.empty())
      return status;
    std::error_code error;
    std::filesystem::create_directories(
        std::filesystem::path(place).parent_path(), error);
    note(context, fmt::format("cannot write {} ({}), so in the cache",
                              quoted(beside), status.message()));
    status = file.write(place);
  }
  if (status.ok())
    note(context,
         fmt::format("stored {} measurement{} in {}", file.records().size(),
                     file.records().size() == 1 ? "" : "s",
                     quoted(place, 4096)));
  return status;
}

Status tune(const Context &context, TuneCommand &command) {
  // Everything that the command line says is read before a device is asked for.
  Result<Scalars> fixed = parseSizes(command.dims);
  if (!fixed.ok())
    return fixed.status();
  std::vector<Sweep> sweeps;
  for (const std::string &text : command.sweeps) {
    Result<Sweep> sweep = parseSweep(text);
    if (!sweep.ok())
      return sweep.status();
    sweeps.push_back(std::move(*sweep));
  }
  Result<std::vector<Scalars>> points = sizePoints(*fixed, sweeps);
  if (!points.ok())
    return points.status();

  // The file is read below, where it may be missing or damaged.
  LoadOptions load = command.load;
  load.choices.tuning.clear();
  load.choices.noTuning = true;
  Result<LoadedProgram> loaded = loadProgram(context, load);
  if (!loaded.ok())
    return loaded.status();
  Program &program = *loaded->program;
  const BundleView &bundle = program.bundle();
  if (bundle.variantGroupCount() == 0)
    return Status::invalid(fmt::format(
        "{} holds no variants to choose from; compile it with --variants, as "
        "in --variants scan:lanes=2",
        quoted(command.load.path)));
  Result<const bundle::Entry *> entry = chooseEntry(bundle, command.entry);
  if (!entry.ok())
    return entry.status();
  for (const Scalars &sizes : *points)
    if (Result<std::vector<uint64_t>> dims = dimsOf(**entry, sizes); !dims.ok())
      return dims.status();
  command.meter.graph = !command.noGraph && loaded->device->canRecord();
  Result<Meter> meter = Meter::create(*loaded->device, command.meter);
  if (!meter.ok())
    return meter.status();

  std::string known = command.load.choices.tuning;
  if (known.empty())
    known = findTuning(bundle, command.load.path);
  TuningFile file = readKnown(context, known, bundle);
  ChoiceTable choices = program.choices();
  if (!command.load.choices.noTuning)
    applyTuning(file, bundle, deviceKey(*loaded->device), choices);
  Output out(context.out);
  out.write(fmt::format("{}\n", loaded->device->description()));
  Status status;
  for (size_t i = 0; i < points->size() && status.ok(); ++i)
    status = SizeTuner(command, program, **entry, (*points)[i], *meter)
                 .tune(choices, file, out);
  // What was measured before a failure stays known.
  Status stored;
  if (!file.records().empty())
    stored = store(context, command, bundle, file);
  Status written = out.finish();
  return !status.ok() ? status : !stored.ok() ? stored : written;
}

} // namespace

void cli::addTuneCommand(CLI::App &app, const Context &context,
                         Action &action) {
  auto command = std::make_shared<TuneCommand>();
  CLI::App *sub = app.add_subcommand(
      "tune", "Measure the variants of a bundle and keep the fastest");
  addLoadOptions(*sub, context, command->load, "Bundle (.ssmb)");
  sub->add_option("--entry", command->entry,
                  "Entry to measure (default: the only one)");
  sub->add_option("--dims", command->dims, "Sizes to measure at")
      ->type_name("NAME=NUMBER,...")
      ->delimiter(',');
  sub->add_option("--sweep", command->sweeps,
                  "Sizes to measure at in turn: seqlen=512:262144:*2, "
                  "seqlen=64:512:+64 or seqlen=1,7,4096. Several make every "
                  "combination")
      ->type_name("NAME=VALUES")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  sub->add_option("--runs", command->meter.minRuns,
                  "Runs of each variant, at least (default 10)")
      ->check(CLI::Range(uint64_t{1}, Meter::kMaxRuns));
  sub->add_option("--min-time", command->meter.minTime,
                  "Seconds that the runs of a variant take, at least (default "
                  "0.1)")
      ->check(CLI::NonNegativeNumber);
  sub->add_option("--warmup", command->meter.warmup,
                  "Seconds to run before anything counts (default 0.025)")
      ->check(CLI::NonNegativeNumber);
  sub->add_flag("--no-graph", command->noGraph,
                "Launch each kernel where the device could replay all of them "
                "at once, as it does for calls that repeat");
  sub->add_flag("--no-verify", command->noVerify,
                "Do not compare the results of the variants, which takes the "
                "host a while where they are large");
  sub->footer(fmt::format(
      "The choice holds for sizes that round up to the same powers of two. It "
      "is stored\nbeside the bundle, in BUNDLE.tune, or where that cannot be "
      "written in the user's\ncache, and taken by every command that runs the "
      "bundle on the same device with\nthe same driver.\n"
      "Examples:\n"
      "  {0} tune scan.ssmb --dims batch=1 --sweep seqlen=512:65536:*2\n"
      "  {0} inspect scan.ssmb --tuning",
      context.name));
  sub->callback([command, &context, &action] {
    action = [command, &context] { return tune(context, *command); };
  });
}
