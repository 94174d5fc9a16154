//===- Check.cpp - The check command --------------------------------------===//

#include "tools/ssmc/Check.h"
#include "ssmc/Emulator/Emulator.h"
#include "ssmc/Oracle/Shrink.h"
#include "ssmc/Oracle/Suite.h"
#include "tools/cli/CheckSet.h"
#include "tools/cli/Load.h"
#include "tools/ssmc/Compile.h"
#include "tools/ssmc/EmitCases.h"
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <fmt/format.h>

using namespace ssmc;
using namespace ssmc::cli;
using ssmc::oracle::Case;
using ssmc::oracle::CaseOp;

/// A fault that shows in most cases is known after a few.
static constexpr uint64_t kMaxFailures = 10;

static constexpr const char *kFooter = R"(Examples:
  # The scan on 500 random configurations, on the CPU device with its checks on:
  ssmc check --op=scan --count 500
  # One configuration, as a failure prints it:
  ssmc check --only "scan b2 l131 d10 n16 u=bf16 D z bias softplus groups=2 seed=42"
  # The kernels of another fusion strategy:
  ssmc check --fuse=none --suite covering
  # All ways to combine three flags, and 100 random configurations besides:
  ssmc check --suite covering --count 100
  # For a machine that has a GPU and no compiler, where 'ssmc-run check' runs it:
  ssmc check --suite gpu --emit gpu-set --target sm_90 --no-bitcode

A case: scan or conv, then b(atch) l(ength) d(im) and n(states) or k (taps);
u= out= bc= w= h= are the element types of activations, result, B and C, other
weights and states; D z bias softplus limits silu h0 hT reverse complex are what
is there; seqs= (packed sequences), gap (steps of none), slots= (rows of a pool
of states), groups=, B=const|var|groups, C=..., layout=channel, strided (inputs
are slices), static (extents fixed in the kernel), chunk= (steps of a call),
family= lanes= steps= threads= segments= … (a schedule to force), data=special, seed= (of the data).
The error allowed is in the description of the op; half-precision results may
have half a unit in the last place besides.

Every allocation is surrounded by guards and filled with NaNs before it is used;
a kernel that writes next to its results or leaves some unwritten fails.)";

namespace {

struct CheckCommand {
  std::string set;
  std::string op = "all";
  uint64_t count = 100;
  bool hasCount = false;
  uint64_t seed = 1;
  std::vector<std::string> suites, only;
  std::string slice;
  CheckOptions options;
  bool noEmulatorChecks = false;
  bool noBitcode = false;
  double timeLimit = 0;
  EmitOptions emit;

  [[nodiscard]] bool isCpu() const {
    return options.device.substr(0, options.device.find(':')) == "cpu";
  }
  /// On the CPU device, what checks every access must know the true bounds.
  [[nodiscard]] GuardOptions guards() const {
    GuardOptions guards;
    guards.hostAddresses = isCpu();
    guards.bands = !isCpu() || noEmulatorChecks;
    return checkGuards(options, guards);
  }
};

} // namespace

static Case drawCase(const CheckCommand &command, uint64_t index) {
  CaseOp op = command.op == "conv" ? CaseOp::Conv : CaseOp::Scan;
  // A convolution has fewer ways to be wrong. Four cases share a kernel.
  if (command.op == "all" && index / 4 % 4 == 3)
    op = CaseOp::Conv;
  return oracle::randomCase(op, command.seed, index);
}

/// The cases that the command line asks for.
static Result<CheckList> listCases(const CheckCommand &command) {
  std::vector<CheckItem> items;
  for (const std::string &text : command.only) {
    Result<Case> it = oracle::parseCase(text);
    if (!it.ok())
      return it.status();
    items.push_back({*it, "only", ""});
  }
  for (const std::string &name : command.suites) {
    Result<std::vector<Case>> cases = oracle::suiteCases(name, command.seed);
    if (!cases.ok())
      return cases.status();
    for (const Case &it : *cases)
      if (command.op == "all" ||
          (command.op == "conv") == (it.op == CaseOp::Conv))
        items.push_back({it, name, ""});
  }
  bool isRandom = items.empty() || command.hasCount;
  CheckList list;
  list.size = items.size() + (isRandom ? command.count : 0);
  list.at = [items = std::move(items), &command](uint64_t index) {
    if (index < items.size())
      return items[index];
    return CheckItem{drawCase(command, index - items.size()), "random", ""};
  };
  return list;
}

static Result<std::unique_ptr<runtime::Device>>
makeDevice(const Context &context, const CheckCommand &command,
           unsigned threads) {
  if (!command.isCpu())
    return openDevice(context, command.options.device);
  emulator::EmulatorOptions options;
  options.check = !command.noEmulatorChecks;
  options.threads = threads;
  options.shuffleBlocks = true;
  options.seed = command.seed;
  return emulator::createCpuDevice(options);
}

/// Compiles for the device, in memory.
static Result<std::shared_ptr<const runtime::BundleView>>
compileItem(const CheckItem &item, const std::string &fuse, bool isCpu) {
  CompileOptions options = caseOptions(item.it, fuse);
  options.bitcode = isCpu;
  if (!isCpu)
    options.targets = CompileOptions().targets;
  Result<CompileResult> compiled = compile(options);
  if (!compiled.ok())
    return compiled.status();
  const std::string &bytes = compiled->output;
  auto bundle = runtime::BundleView::fromBytes(
      std::vector<uint8_t>(bytes.begin(), bytes.end()), options.input);
  if (!bundle.ok())
    return bundle.status();
  return std::shared_ptr<const runtime::BundleView>(std::move(*bundle));
}

/// Whether two failures are of one kind: results that differ, or the same
/// refusal or fault but for numbers and addresses. A simpler case can be
/// refused for another reason, such as a schedule that does not go with it.
static bool areAlike(const Status &lhs, const Status &rhs) {
  auto words = [](const Status &status) {
    std::string line = status.message();
    line.resize(std::min(line.size(), line.find('\n')));
    line.erase(
        std::remove_if(line.begin(), line.end(),
                       [](unsigned char c) { return std::isxdigit(c) != 0; }),
        line.end());
    return line;
  };
  return lhs.code() == rhs.code() &&
         (lhs.code() == StatusCode::Mismatch || words(lhs) == words(rhs));
}

/// Shrinks a failing case and says how to see it again.
static std::string
describeFailure(const CheckCommand &command, const CheckItem &item,
                const Status &failure, CaseRunner &runner,
                const std::function<void(const std::string &)> &progress) {
  Case smallest = item.it;
  std::string message = failure.message();
  if (!command.options.failFast) {
    smallest = oracle::shrink(item.it, [&](const Case &step) {
      progress("shrinking: " + oracle::printCase(step));
      return areAlike(runner.run({step, item.suite, ""}).status, failure);
    });
    // The message of the smallest case, which the reader will look at.
    CaseReport again = runner.run({smallest, item.suite, ""});
    message = again.status.ok()
                  ? message + "\nThe smallest case fails at times only"
                  : again.status.message();
  }
  std::string fuse = command.emit.fuse == CompileOptions().fuse
                         ? ""
                         : " --fuse=" + command.emit.fuse;
  return fmt::format("{}\nrerun: ssmc check --device={}{}{}{}{} --only \"{}\"",
                     message, command.options.device, fuse,
                     command.noEmulatorChecks ? " --no-emulator-checks" : "",
                     command.options.noGuards ? " --no-guards" : "",
                     command.options.repeat > 1
                         ? fmt::format(" --repeat {}", command.options.repeat)
                         : "",
                     oracle::printCase(smallest));
}

static Status runSet(const Context &context, const CheckCommand &command) {
  if (!command.suites.empty() || command.hasCount ||
      !command.emit.directory.empty())
    return Status::usage("the cases of a set are given: --suite, --count and "
                         "--emit do not go with DIR");
  if (command.emit.fuse != CompileOptions().fuse)
    return Status::usage("the kernels of a set are compiled; --fuse goes with "
                         "--emit, which writes it");
  Result<std::vector<CheckItem>> items = readCheckSet(command.set);
  if (!items.ok())
    return items.status();
  SSMC_TRY(selectItems({command.only, command.slice}, *items));
  Result<std::unique_ptr<runtime::Device>> device =
      makeDevice(context, command, checkThreads(command.options));
  if (!device.ok())
    return device.status();
  CheckPlan plan = planCheckSet(std::move(*items), std::move(*device),
                                command.guards(), command.options);
  plan.showPassed = !command.only.empty();
  plan.timeLimit = command.timeLimit;
  return runChecks(context, command.options, plan);
}

static Status runCheck(const Context &context, CheckCommand &command) {
  if (!command.set.empty())
    return runSet(context, command);
  if (!command.slice.empty())
    return Status::usage("--slice is for the cases of a set; give its DIR");
  CheckPlan plan;
  Result<CheckList> list = listCases(command);
  if (!list.ok())
    return list.status();
  plan.list = std::move(*list);
  unsigned threads = checkThreads(command.options);
  if (!command.emit.directory.empty()) {
    command.emit.threads = threads;
    command.emit.bitcode = !command.noBitcode;
    return emitCases(context, command.emit, plan.list);
  }
  plan.showPassed = !command.only.empty();
  plan.maxFailures = kMaxFailures;
  plan.timeLimit = command.timeLimit;
  plan.describeFailure = [&command](const CheckItem &item,
                                    const Status &failure, CaseRunner &runner,
                                    const auto &progress) {
    return describeFailure(command, item, failure, runner, progress);
  };

  // Threads share a GPU. Each has a CPU device of its own, which knows nothing
  // of the others, unless there are fewer cases than threads.
  auto count = static_cast<unsigned>(
      std::min<uint64_t>(threads, std::max<uint64_t>(1, plan.list.size)));
  bool isCpu = command.isCpu();
  for (unsigned i = 0; i < count; ++i) {
    if (i > 0 && !isCpu) {
      plan.runners.push_back(plan.runners.front());
      continue;
    }
    Result<std::unique_ptr<runtime::Device>> device =
        makeDevice(context, command, threads / count);
    if (!device.ok())
      return device.status();
    plan.runners.push_back(std::make_shared<CaseRunner>(
        std::move(*device), command.guards(),
        [isCpu, &fuse = command.emit.fuse](const CheckItem &item) {
          return compileItem(item, fuse, isCpu);
        },
        command.options.repeat));
  }
  return runChecks(context, command.options, plan);
}

static std::string suiteHelp() {
  std::string text = "Check the cases of a suite and no random ones; can be "
                     "repeated:";
  for (const oracle::SuiteInfo &suite : oracle::suites())
    text += fmt::format("\n{}: {}", suite.name, suite.summary);
  return text;
}

void ssmc::cli::addCheckCommand(CLI::App &app, const Context &context,
                                Action &action) {
  CLI::App *sub = app.add_subcommand(
      "check", "Compare kernels with a float64 oracle on random or chosen "
               "configurations");
  auto command = std::make_shared<CheckCommand>();
  sub->add_option("set", command->set,
                  "A folder that --emit has written: run its cases")
      ->type_name("DIR");
  sub->add_option("--op", command->op, "scan, conv or all (default all)")
      ->check(CLI::IsMember({"scan", "conv", "all"}, CLI::ignore_case))
      ->type_name("OP");
  CLI::Option *count =
      sub->add_option("-n,--count", command->count,
                      "How many random configurations (default 100, or none "
                      "with --suite or --only)")
          ->check(CLI::PositiveNumber);
  sub->add_option("--seed", command->seed,
                  "What they are drawn from (default 1)");
  sub->add_option("--suite", command->suites, suiteHelp())
      ->type_name("NAME")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  sub->add_option("--only", command->only,
                  "Check this case and no random ones; can be repeated. Of a "
                  "set, run the cases that have all these words")
      ->type_name("CASE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  sub->add_option("--slice", command->slice,
                  "Of a set, run the i-th of n parts, from 1 on")
      ->type_name("i/n");
  addCheckOptions(*sub, context, command->options);
  addFuseOption(*sub, command->emit.fuse);
  sub->add_flag("--no-emulator-checks", command->noEmulatorChecks,
                "On the CPU device, do not check every memory access and "
                "meeting point (faster)");
  sub->add_option("--time-limit", command->timeLimit,
                  "Take no more cases after this many seconds")
      ->type_name("SECONDS")
      ->check(CLI::PositiveNumber);
  sub->add_option("--emit", command->emit.directory,
                  "Run nothing; write the cases and their kernels to this "
                  "folder, for 'ssmc-run check'")
      ->type_name("DIR");
  sub->add_option("--target", command->emit.targets,
                  "Architectures to make PTX for with --emit (default "
                  "sm_80,sm_90)")
      ->delimiter(',')
      ->type_name("ARCH,...");
  sub->add_flag("--no-bitcode", command->noBitcode,
                "Leave out of what --emit writes what the CPU device runs");
  sub->footer(kFooter);
  sub->callback([&context, &action, command, count] {
    command->hasCount = count->count() != 0;
    action = [&context, command] { return runCheck(context, *command); };
  });
}
