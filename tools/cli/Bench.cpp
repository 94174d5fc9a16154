//===- Bench.cpp - ssmc bench: how long an entry takes --------------------===//

#include "ssmc/IO/Text.h"
#include "tools/cli/BenchRun.h"
#include "tools/cli/Commands.h"
#include "tools/cli/Load.h"
#include "tools/cli/Meter.h"
#include "tools/cli/Rerun.h"
#include "tools/cli/Sizes.h"
#include "tools/cli/TensorArgs.h"
#include <CLI/CLI.hpp>
#include <cmath>
#include <fmt/format.h>
#include <set>

using namespace ssmc;
using namespace ssmc::cli;
using namespace ssmc::runtime;

namespace {

struct BenchCommand {
  LoadOptions load;
  std::string entry;
  std::vector<std::string> dims, sweeps, inputs, expected;
  MeterOptions meter;
  bool flushL2 = true;
  BenchFormat format = BenchFormat::Table;
  BenchOptions options;
};

/// Everything that the command line names, read before a device is asked for.
struct BenchInput {
  BenchData data;
  std::vector<Sweep> sweeps;
  std::vector<Scalars> points;
};

Result<BenchInput> readInput(const BenchCommand &command) {
  BenchInput read;
  Result<std::vector<NamedTensor>> inputs = loadTensors(command.inputs);
  if (!inputs.ok())
    return inputs.status();
  read.data.inputs = std::move(*inputs);
  for (const NamedTensor &input : read.data.inputs)
    if (input.name.empty())
      return Status::usage("--input needs a name here: NAME=@FILE; inputs that "
                           "are not given are random");
  Result<std::vector<NamedTensor>> expected = loadTensors(command.expected);
  if (!expected.ok())
    return expected.status();
  read.data.expected = std::move(*expected);
  if (!read.data.expected.empty() && command.options.verify != Verify::Auto)
    return Status::usage("--expected-output says how to verify; leave out "
                         "--verify and --no-verify");
  Result<Scalars> fixed = parseSizes(command.dims);
  if (!fixed.ok())
    return fixed.status();
  for (const std::string &text : command.sweeps) {
    Result<Sweep> sweep = parseSweep(text);
    if (!sweep.ok())
      return sweep.status();
    read.sweeps.push_back(std::move(*sweep));
  }
  Result<std::vector<Scalars>> points = sizePoints(*fixed, read.sweeps);
  if (!points.ok())
    return points.status();
  read.points = std::move(*points);
  return read;
}

/// The sizes that one choice of schedules should be good for: of a sweep, the
/// geometric middle.
Scalars middleOf(const std::vector<Scalars> &points) {
  Scalars middle;
  for (const auto &[name, size] : points.front()) {
    double logarithms = 0;
    for (const Scalars &point : points)
      logarithms += std::log(
          std::max<double>(1, static_cast<double>(point.find(name)->second)));
    middle[name] = static_cast<uint64_t>(std::llround(
        std::exp(logarithms / static_cast<double>(points.size()))));
  }
  return middle;
}

Status bench(const Context &context, BenchCommand &command) {
  Result<BenchInput> input = readInput(command);
  if (!input.ok())
    return input.status();
  command.load.sizes = middleOf(input->points);
  command.load.seed = command.options.seed;
  Result<LoadedProgram> loaded = loadProgram(context, command.load);
  if (!loaded.ok())
    return loaded.status();
  Result<const bundle::Entry *> entry =
      chooseEntry(loaded->program->bundle(), command.entry);
  if (!entry.ok())
    return entry.status();
  std::vector<Scalars> points = input->points;
  for (Scalars &sizes : points) {
    addInputSizes(**entry, input->data.inputs, sizes);
    if (Result<std::vector<uint64_t>> dims = dimsOf(**entry, sizes); !dims.ok())
      return dims.status();
  }
  Result<Meter> meter = Meter::create(*loaded->device, command.meter);
  if (!meter.ok())
    return meter.status();

  size_t widest = 0;
  for (const Scalars &sizes : points)
    widest = std::max(widest, printSizes(sizes).size());
  std::string &label = command.options.label;
  if (label.empty() && context.compileLabel && !isBundlePath(command.load.path))
    label = context.compileLabel();
  Output out(context.out);
  BenchTable table(command.format, out);
  for (const Sweep &sweep : input->sweeps)
    input->data.swept.push_back(sweep.name);
  BenchRun run(context, command.options, input->data, *loaded->program, **entry,
               *meter);
  run.explainFloor();
  DeviceFacts facts = loaded->device->facts();
  table.begin(facts.name, facts.driver, widest, label.size());
  Status status = run.measureAll(points, table);
  table.end();
  Status written = out.finish();
  return status.ok() ? written : status;
}

void addMeterOptions(CLI::App &sub, BenchCommand &command) {
  sub.add_option("--warmup", command.meter.warmup,
                 "Seconds to run before anything counts (default 0.025)")
      ->check(CLI::NonNegativeNumber);
  sub.add_option("--min-time", command.meter.minTime,
                 "Seconds that the runs of a line take, at least (default 0.1)")
      ->check(CLI::NonNegativeNumber);
  sub.add_option("--runs", command.meter.minRuns,
                 "Runs of a line, at least (default 10)")
      ->check(CLI::Range(uint64_t{1}, Meter::kMaxRuns));
  sub.add_flag("--flush-l2,!--no-flush-l2", command.flushL2,
               "Overwrite the second-level cache before each run, or leave in "
               "it what the run before left (default: overwrite, on a device "
               "that has one)");
  sub.add_flag("--graph,!--no-graph", command.meter.graph,
               "Replay a recording of the launches, or launch each (default)");
}

/// An option that takes one of the words. Unlike CLI11's transformers it leaves
/// the word that was given in place, for the command line that repeats it.
template <typename T>
CLI::Option *addWordOption(CLI::App &sub, const std::string &name, T &value,
                           const std::map<std::string, T> &words,
                           const std::string &help) {
  std::vector<std::string> names;
  for (const auto &[word, meaning] : words)
    names.push_back(word);
  return sub
      .add_option_function<std::string>(
          name,
          [&value, words](const std::string &word) { value = words.at(word); },
          help)
      ->check(CLI::IsMember(names))
      ->type_name("WORD");
}

void addVerifyOptions(CLI::App &sub, BenchCommand &command) {
  CLI::Option *verify = addWordOption(
      sub, "--verify", command.options.verify,
      {{"auto", Verify::Auto},
       {"oracle", Verify::Oracle},
       {"repeat", Verify::Repeat},
       {"no", Verify::No}},
      "What results are compared with before they are timed: oracle (float64, "
      "for entries that are one op), repeat (a second run), no, or the best "
      "there is (auto)");
  sub.add_flag_callback(
         "--no-verify", [&command] { command.options.verify = Verify::No; },
         "The same as --verify=no")
      ->excludes(verify);
  sub.add_option("--expected-output", command.expected,
                 "What a result should be, by name or by position; a "
                 "difference is exit code 3")
      ->type_name("[NAME=]@FILE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

/// Those of `options` that were given, where nothing is compiled.
Status checkCompileOptions(const std::vector<CLI::Option *> &options,
                           const std::string &path) {
  for (const CLI::Option *option : options)
    if (option->count() != 0 && isBundlePath(path))
      return Status::usage(
          fmt::format("{} says how to compile, and {} is compiled already",
                      option->get_name(), quoted(path)));
  return {};
}

} // namespace

void cli::addBenchCommand(CLI::App &app, const Context &context,
                          Action &action) {
  auto command = std::make_shared<BenchCommand>();
  CLI::App *sub =
      app.add_subcommand("bench", "Measure how long an entry takes");
  addLoadOptions(*sub, context, command->load,
                 context.compile ? "Bundle (.ssmb), .mlir file or model "
                                   "directory"
                                 : "Bundle (.ssmb)");
  std::vector<CLI::Option *> compileOptions = sub->get_options();
  if (context.addCompileOptions)
    context.addCompileOptions(*sub);
  size_t before = compileOptions.size();
  compileOptions = sub->get_options();
  compileOptions.erase(compileOptions.begin(),
                       compileOptions.begin() + static_cast<ptrdiff_t>(before));
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
  sub->add_option("-i,--input", command->inputs,
                  "Input by name (default: random numbers)")
      ->type_name("NAME=@FILE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  sub->add_option("--seed", command->options.seed,
                  "Of random inputs and weights (default 1)");
  addMeterOptions(*sub, *command);
  addVerifyOptions(*sub, *command);
  sub->add_option("--label", command->options.label,
                  "A word for each line, to tell measurements apart");
  addWordOption(*sub, "--format", command->format,
                {{"table", BenchFormat::Table},
                 {"md", BenchFormat::Markdown},
                 {"csv", BenchFormat::Csv},
                 {"json", BenchFormat::Json}},
                "Of the results (default table)");
  std::string compiles =
      context.compile
          ? "A model is compiled for the sizes that are measured, those of a "
            "sweep for their\ngeometric middle, unless --assume says other "
            "ones.\n"
          : "";
  sub->footer(fmt::format(
      "Only the launches are timed, with the device's own clock: nothing that "
      "is copied\nto or from it, and no planning. The floor is what the bytes "
      "or operations of the\nlaunches take at least on the device.\n{1}"
      "Examples:\n"
      "  {0} bench scan.ssmb --dims batch=1 --sweep seqlen=512:262144:*2\n"
      "  {0} bench model.ssmb --entry=step --dims batch=1 --graph "
      "--format=json",
      context.name, compiles));
  sub->callback([command, sub, compileOptions, &context, &action] {
    if (sub->get_option("--flush-l2")->count() != 0)
      command->meter.flushL2 = command->flushL2;
    command->options.rerun = commandLine(context.name, *sub, {"dims", "sweep"});
    action = [command, compileOptions, &context] {
      SSMC_TRY(checkCompileOptions(compileOptions, command->load.path));
      return bench(context, *command);
    };
  });
}
