//===- Bench.cpp - ssmc bench: how long an entry takes --------------------===//

#include "ssmc/IO/Text.h"
#include "tools/cli/BenchReference.h"
#include "tools/cli/BenchTable.h"
#include "tools/cli/Commands.h"
#include "tools/cli/Compare.h"
#include "tools/cli/DeviceFigures.h"
#include "tools/cli/Load.h"
#include "tools/cli/Meter.h"
#include "tools/cli/RandomData.h"
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

/// p90 over p10 beyond which a measurement is doubtful: clocks change, or
/// somebody else works on the device.
static constexpr double kMaxSpread = 1.2;

namespace {

enum class Verify { Auto, Oracle, Repeat, No };

struct BenchCommand {
  LoadOptions load;
  std::string entry, label;
  std::vector<std::string> dims, sweeps, inputs, expected;
  MeterOptions meter;
  bool flushL2 = true;
  Verify verify = Verify::Auto;
  BenchFormat format = BenchFormat::Table;
  uint64_t seed = 1;
  /// The command line but for what differs from line to line of the result.
  std::string rerun;
};

/// Everything that the command line names, read before a device is asked for.
struct BenchInput {
  std::vector<NamedTensor> inputs, expected;
  std::vector<Sweep> sweeps;
  std::vector<Scalars> points;
};

Result<BenchInput> readInput(const BenchCommand &command) {
  BenchInput read;
  Result<std::vector<NamedTensor>> inputs = loadTensors(command.inputs);
  if (!inputs.ok())
    return inputs.status();
  read.inputs = std::move(*inputs);
  for (const NamedTensor &input : read.inputs)
    if (input.name.empty())
      return Status::usage("--input needs a name here: NAME=@FILE; inputs that "
                           "are not given are random");
  Result<std::vector<NamedTensor>> expected = loadTensors(command.expected);
  if (!expected.ok())
    return expected.status();
  read.expected = std::move(*expected);
  if (!read.expected.empty() && command.verify != Verify::Auto)
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

/// Bytes of device memory that a call of the plan takes.
double callBytes(const EntryPlan &plan) {
  auto sum = static_cast<double>(plan.arenaBytes);
  for (uint32_t i = 0; i < plan.buffers.size(); ++i) {
    bundle::BufferKind kind = plan.entry->buffers()->Get(i)->kind();
    if (kind == bundle::BufferKind::Input || kind == bundle::BufferKind::Output)
      sum += static_cast<double>(plan.buffers[i].bytes);
  }
  return sum;
}

/// Measures one entry, one set of sizes after the other.
class Bench {
public:
  Bench(const Context &context, const BenchCommand &command,
        const BenchInput &input, Program &program, const bundle::Entry &entry,
        Meter &meter)
      : context_(context), command_(command), input_(input), program_(program),
        entry_(entry), meter_(meter), facts_(program.device().facts()),
        figures_(figuresOf(facts_)) {
    for (const Sweep &sweep : input.sweeps)
      swept_.push_back(sweep.name);
  }

  /// Adds a line for each set of sizes. The first failure, after all lines; a
  /// mismatch before any other.
  Status run(const std::vector<Scalars> &points, BenchTable &table,
             const std::string &label) {
    Status failure;
    for (const Scalars &sizes : points) {
      BenchRow row;
      row.device = facts_.name;
      row.driver = facts_.driver;
      row.entry = entry_.name()->str();
      row.label = label;
      for (const flatbuffers::String *name : *entry_.dims())
        row.dims.emplace_back(name->str(),
                              sizes.find(name->string_view())->second);
      row.rerun = command_.rerun;
      if (!sizes.empty())
        row.rerun += " --dims=" + shellQuoted(printSizes(sizes));
      Status status = measure(sizes, row);
      if (!status.ok()) {
        row.problem = status.message();
        if (status.code() == StatusCode::Mismatch)
          row.verified = "failed";
        if (failure.ok() || (status.code() == StatusCode::Mismatch &&
                             failure.code() != StatusCode::Mismatch))
          failure =
              status.withContext(row.dims.empty() ? row.entry : printDims(row));
      }
      table.add(row);
    }
    return failure;
  }

  /// Says on standard error what the floor stands on.
  void explainFloor() const {
    if (figures_)
      note(context_, fmt::format("floor: {:.3g} B/s, {:.3g} special functions "
                                 "and {:.3g} multiply-adds a second, {}",
                                 figures_->bytes, figures_->mufu, figures_->fma,
                                 figures_->source));
    else
      note(context_, "no floor: nothing is known of what the device can do");
  }

private:
  Status measure(const Scalars &sizes, BenchRow &row) {
    Result<std::vector<uint64_t>> dims = dimsOf(entry_, sizes);
    if (!dims.ok())
      return dims.status();
    Result<EntryPlan> plan = planEntry(program_.bundle(), entry_,
                                       std::move(*dims), program_.choices());
    if (!plan.ok())
      return plan.status();
    describe(*plan, row);
    SSMC_TRY(checkMemory(*plan));

    std::string verified;
    bool needsRepeat = command_.verify == Verify::Repeat;
    if ((command_.verify == Verify::Auto && input_.expected.empty()) ||
        command_.verify == Verify::Oracle)
      SSMC_TRY(askOracle(*plan, verified, needsRepeat));

    Result<std::unique_ptr<Session>> session = makeSession(program_, *plan);
    if (!session.ok())
      return session.status();
    Result<PreparedCall> call = prepare(**session, *plan, sizes);
    if (!call.ok())
      return call.status();
    if (!input_.expected.empty()) {
      SSMC_TRY(compareExpected(*call));
      verified = "expected";
    } else if (needsRepeat) {
      SSMC_TRY(verifyByRepeating(**session, *call));
      verified += verified.empty() ? "repeat" : "+repeat";
    }
    row.verified = verified.empty() ? "no" : verified;
    SSMC_TRY((*session)->reset());
    Result<std::vector<double>> times = meter_.measure(*call);
    if (!times.ok())
      return times.status();
    row.times = summarize(std::move(*times));
    if (row.times->p90 > kMaxSpread * row.times->p10)
      note(context_,
           fmt::format("warning: {}: p90 is {:.2f} times p10; the clocks of "
                       "the device change, or it has other work",
                       printDims(row), row.times->p90 / row.times->p10));
    return {};
  }

  void describe(const EntryPlan &plan, BenchRow &row) const {
    row.bytes = movedBytes(plan);
    if (figures_)
      row.floor = floorSeconds(plan, *figures_);
    const BundleView &bundle = program_.bundle();
    for (const ChoiceMade &choice : plan.choices)
      row.variants.push_back(describeChoice(bundle, choice));
    for (const StepPlan &step : plan.steps) {
      const auto *launch = std::get_if<LaunchPlan>(&step);
      if (!launch)
        continue;
      const bundle::Kernel &kernel =
          *bundle.body().kernels()->Get(launch->kernel);
      BenchLaunch item;
      item.kernel = kernel.name()->str();
      if (kernel.summary())
        item.computes = kernel.summary()->str();
      item.grid = launch->grid;
      for (uint32_t i = 0; i < 3; ++i)
        item.block[i] = kernel.block()->Get(i);
      row.launches.push_back(std::move(item));
    }
  }

  /// So that sizes which do not fit are known to be such before anything is
  /// allocated.
  [[nodiscard]] Status checkMemory(const EntryPlan &plan) const {
    constexpr double kGiB = 1 << 30;
    Result<uint64_t> free = program_.device().freeMemory();
    if (!free.ok())
      return free.status();
    double needed = callBytes(plan);
    if (needed <= static_cast<double>(*free))
      return {};
    return Status::invalid(fmt::format(
        "does not fit: needs {:.1f} GiB of device memory, {:.1f} GiB are free",
        needed / kGiB, static_cast<double>(*free) / kGiB));
  }

  /// Each set of sizes that the oracle is asked for is asked for once.
  Status askOracle(const EntryPlan &plan, std::string &verified,
                   bool &needsRepeat) {
    Result<std::optional<EntryPlan>> small =
        planForOracle(program_.bundle(), plan, swept_);
    if (!small.ok())
      return small.status();
    bool isKnown = *small && (*small)->dims == lastAsked_;
    Result<std::optional<std::string>> match = lastMatch_;
    if (*small && !isKnown)
      match = verifyByOracle(program_, **small, plan.choices, command_.seed);
    if (!match.ok())
      return match.status();
    if (!*small || !*match) {
      if (command_.verify == Verify::Oracle)
        return Status::usage(fmt::format(
            "--verify=oracle: entry {} is no op that the oracle knows by the "
            "names, types and shapes of its inputs; use --verify=repeat or "
            "--expected-output",
            quoted(entry_.name()->string_view())));
      if (!saidRepeat_)
        note(context_, "verified by two runs that are bit-identical and "
                       "finite: the entry is no op that the oracle knows");
      saidRepeat_ = needsRepeat = true;
      return {};
    }
    if (!isKnown)
      note(context_,
           fmt::format("verified against the oracle, case '{}'", **match));
    lastAsked_ = (*small)->dims;
    lastMatch_ = *match;
    verified = "oracle";
    if ((*small)->dims != plan.dims) {
      if (!saidSmaller_)
        note(context_, "larger sizes are verified by two runs that are "
                       "bit-identical and finite: the oracle is slow");
      saidSmaller_ = needsRepeat = true;
    }
    return {};
  }

  Result<PreparedCall> prepare(Session &session, const EntryPlan &plan,
                               const Scalars &sizes) {
    std::vector<NamedTensor> inputs = input_.inputs;
    for (uint32_t i = 0; i < plan.buffers.size(); ++i) {
      const bundle::Buffer &buffer = *entry_.buffers()->Get(i);
      bool isGiven = buffer.kind() != bundle::BufferKind::Input;
      for (const NamedTensor &input : input_.inputs)
        isGiven |= input.name == buffer.name()->string_view();
      if (isGiven)
        continue;
      Result<HostTensor> tensor =
          randomInput(program_.bundle(), plan, i, command_.seed);
      if (!tensor.ok())
        return tensor.status().withContext(
            "input " + quoted(buffer.name()->string_view()));
      inputs.push_back({buffer.name()->str(), std::move(*tensor)});
    }
    return session.prepare(entry_.name()->string_view(), inputs, sizes);
  }

  Status compareExpected(PreparedCall &call) const {
    SSMC_TRY(call.start());
    Result<std::vector<NamedTensor>> results = call.outputs();
    if (!results.ok())
      return results.status();
    std::vector<TensorArg> wanted;
    for (const NamedTensor &tensor : input_.expected)
      wanted.push_back({tensor.name, "", ""});
    Result<std::vector<size_t>> matches =
        matchResults(wanted, *results, "--expected-output");
    if (!matches.ok())
      return matches.status();
    for (size_t i = 0; i < input_.expected.size(); ++i) {
      const NamedTensor &result = (*results)[(*matches)[i]];
      Result<std::string> line =
          compareTensors(result.name, result.tensor, input_.expected[i].tensor,
                         defaultTolerance(result.tensor.dtype));
      if (!line.ok())
        return line.status();
    }
    return {};
  }

  const Context &context_;
  const BenchCommand &command_;
  const BenchInput &input_;
  Program &program_;
  const bundle::Entry &entry_;
  Meter &meter_;
  DeviceFacts facts_;
  std::optional<DeviceFigures> figures_;
  std::vector<std::string> swept_;
  /// Dims that the oracle was asked for last, and its case.
  std::optional<std::vector<uint64_t>> lastAsked_;
  std::optional<std::string> lastMatch_;
  bool saidRepeat_ = false, saidSmaller_ = false;
};

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
  command.load.seed = command.seed;
  Result<LoadedProgram> loaded = loadProgram(context, command.load);
  if (!loaded.ok())
    return loaded.status();
  Result<const bundle::Entry *> entry =
      chooseEntry(loaded->program->bundle(), command.entry);
  if (!entry.ok())
    return entry.status();
  std::vector<Scalars> points = input->points;
  for (Scalars &sizes : points) {
    addInputSizes(**entry, input->inputs, sizes);
    if (Result<std::vector<uint64_t>> dims = dimsOf(**entry, sizes); !dims.ok())
      return dims.status();
  }
  Result<Meter> meter = Meter::create(*loaded->device, command.meter);
  if (!meter.ok())
    return meter.status();

  size_t widest = 0;
  for (const Scalars &sizes : points)
    widest = std::max(widest, printSizes(sizes).size());
  std::string label = command.label;
  if (label.empty() && context.compileLabel && !isBundlePath(command.load.path))
    label = context.compileLabel();
  Output out(context.out);
  BenchTable table(command.format, out);
  Bench bench(context, command, *input, *loaded->program, **entry, *meter);
  bench.explainFloor();
  DeviceFacts facts = loaded->device->facts();
  table.begin(facts.name, facts.driver, widest, label.size());
  Status status = bench.run(points, table, label);
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
      sub, "--verify", command.verify,
      {{"auto", Verify::Auto},
       {"oracle", Verify::Oracle},
       {"repeat", Verify::Repeat},
       {"no", Verify::No}},
      "What results are compared with before they are timed: oracle (float64, "
      "for entries that are one op), repeat (a second run), no, or the best "
      "there is (auto)");
  sub.add_flag_callback(
         "--no-verify", [&command] { command.verify = Verify::No; },
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
  sub->add_option("--seed", command->seed,
                  "Of random inputs and weights (default 1)");
  addMeterOptions(*sub, *command);
  addVerifyOptions(*sub, *command);
  sub->add_option("--label", command->label,
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
    command->rerun = commandLine(context.name, *sub, {"dims", "sweep"});
    action = [command, compileOptions, &context] {
      SSMC_TRY(checkCompileOptions(compileOptions, command->load.path));
      return bench(context, *command);
    };
  });
}
