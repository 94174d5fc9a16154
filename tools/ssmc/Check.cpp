//===- Check.cpp - The check command --------------------------------------===//

#include "tools/ssmc/Check.h"
#include "ssmc/Emulator/Emulator.h"
#include "ssmc/IO/File.h"
#include "ssmc/Oracle/Junit.h"
#include "ssmc/Oracle/Shrink.h"
#include "tools/cli/Load.h"
#include "tools/cli/Output.h"
#include "tools/ssmc/CaseRunner.h"
#include <CLI/CLI.hpp>
#include <chrono>
#include <fmt/format.h>

using namespace ssmc;
using namespace ssmc::cli;
using ssmc::oracle::Case;
using ssmc::oracle::CaseOp;

/// A fault that shows in most cases is known after a few.
static constexpr size_t kMaxFailures = 10;

static constexpr const char *kFooter = R"(Examples:
  # The scan on 500 random configurations, on the CPU device with its checks on:
  ssmc check --op=scan --count 500
  # One configuration, as a failure prints it:
  ssmc check --only "scan b2 l131 d10 n16 u=bf16 D z bias softplus groups=2 seed=42"

A case: scan or conv, then b(atch) l(ength) d(im) and n(states) or k (taps);
u= out= bc= w= h= are the element types of activations, result, B and C, other
weights and states; D z bias softplus limits silu h0 hT reverse are what is
there; seqs= (packed sequences), groups=, B=const|var|groups, C=...,
layout=channel, static (extents fixed in the kernel), seed= (of the data). The error allowed is in the description of the op; half-
precision results may have half a unit in the last place besides.)";

namespace {

struct CheckCommand {
  std::string op = "all";
  uint64_t count = 100;
  uint64_t seed = 1;
  std::vector<std::string> only;
  std::string device = "cpu";
  bool noEmulatorChecks = false;
  unsigned threads = 0;
  double timeLimit = 0;
  std::string junit;
};

class Checker {
public:
  Checker(const Context &context, const CheckCommand &command,
          runtime::Device &device)
      : command(command), out(context.out), progress(context.err),
        runner(device, isCpu(command)) {}

  static bool isCpu(const CheckCommand &command) {
    return command.device.substr(0, command.device.find(':')) == "cpu";
  }

  /// Runs all cases. StatusCode::Mismatch where one fails.
  Status run(const std::vector<Case> &only);

private:
  Status check(const Case &it);
  void report(const Case &it, const Status &failure);
  [[nodiscard]] Case drawCase(uint64_t index) const;
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() -
                                         start)
        .count();
  }

  const CheckCommand &command;
  Output out;
  Progress progress;
  CaseRunner runner;
  std::chrono::steady_clock::time_point start =
      std::chrono::steady_clock::now();
  std::vector<oracle::TestResult> results;
  size_t failures = 0;
};

} // namespace

/// Shrinks a failing case and says how to see it again.
void Checker::report(const Case &it, const Status &failure) {
  StatusCode code = failure.code();
  Case smallest = oracle::shrink(it, [&](const Case &step) {
    progress.show("shrinking: " + oracle::printCase(step));
    Result<std::string> result = runner.run(step);
    return !result.ok() && result.status().code() == code;
  });
  // The message of the smallest case, which the reader will look at.
  Result<std::string> again = runner.run(smallest);
  progress.clear();
  out.write(fmt::format(
      "FAILED: {}\n{}\nrerun: ssmc check --device={}{} --only \"{}\"\n",
      oracle::printCase(it),
      again.ok() ? failure.message() + "\nThe smallest case fails at times only"
                 : again.status().message(),
      command.device, command.noEmulatorChecks ? " --no-emulator-checks" : "",
      oracle::printCase(smallest)));
  out.flush();
}

Status Checker::check(const Case &it) {
  double before = seconds();
  Result<std::string> result = runner.run(it);
  // A lost device fails everything that comes after.
  if (!result.ok() && result.status().code() == StatusCode::Device)
    return result.status().withContext(oracle::printCase(it));
  results.push_back({oracle::printCase(it), seconds() - before,
                     result.ok() ? "" : result.status().message()});
  if (!result.ok()) {
    ++failures;
    report(it, result.status());
  } else if (!command.only.empty()) {
    progress.clear();
    out.write(fmt::format("passed: {}: {}\n", oracle::printCase(it), *result));
  }
  return Status();
}

Case Checker::drawCase(uint64_t index) const {
  CaseOp op = command.op == "conv" ? CaseOp::Conv : CaseOp::Scan;
  // A convolution has fewer ways to be wrong. Four cases share a kernel.
  if (command.op == "all" && index / 4 % 4 == 3)
    op = CaseOp::Conv;
  return oracle::randomCase(op, command.seed, index);
}

Status Checker::run(const std::vector<Case> &only) {
  uint64_t count = only.empty() ? command.count : only.size();
  for (uint64_t i = 0; i < count; ++i) {
    bool isLate = command.timeLimit > 0 && seconds() >= command.timeLimit;
    if (isLate || failures >= kMaxFailures) {
      progress.clear();
      out.write(fmt::format("stopped after {} of {} cases: {}\n", i, count,
                            isLate ? "the time is up"
                                   : "enough failures to look at"));
      break;
    }
    Case it = only.empty() ? drawCase(i) : only[i];
    progress.show(fmt::format("{} of {}, {} failed: {}", i + 1, count, failures,
                              oracle::printCase(it)));
    SSMC_TRY(check(it));
  }
  progress.clear();
  if (!command.junit.empty())
    SSMC_TRY(writeFileAtomically(command.junit,
                                 oracle::junitXml("ssmc check", results)));
  out.write(fmt::format("{} passed, {} failed\n", results.size() - failures,
                        failures));
  SSMC_TRY(out.finish());
  if (failures == 0)
    return Status();
  return Status::mismatch(fmt::format("{} of {} cases failed on {}", failures,
                                      results.size(), command.device));
}

static Status runCheck(const Context &context, const CheckCommand &command) {
  std::vector<Case> only;
  for (const std::string &text : command.only) {
    Result<Case> it = oracle::parseCase(text);
    if (!it.ok())
      return it.status();
    only.push_back(*it);
  }
  emulator::EmulatorOptions emulator;
  emulator.check = !command.noEmulatorChecks;
  emulator.threads = command.threads;
  emulator.shuffleBlocks = true;
  emulator.seed = command.seed;
  Result<std::unique_ptr<runtime::Device>> device =
      Checker::isCpu(command) ? emulator::createCpuDevice(emulator)
                              : openDevice(context, command.device);
  if (!device.ok())
    return device.status();
  return Checker(context, command, **device).run(only);
}

void ssmc::cli::addCheckCommand(CLI::App &app, const Context &context,
                                Action &action) {
  CLI::App *sub = app.add_subcommand(
      "check",
      "Compare kernels with a float64 oracle on random configurations");
  auto command = std::make_shared<CheckCommand>();
  sub->add_option("--op", command->op, "scan, conv or all (default all)")
      ->check(CLI::IsMember({"scan", "conv", "all"}, CLI::ignore_case))
      ->type_name("OP");
  sub->add_option("-n,--count", command->count,
                  "How many configurations (default 100)")
      ->check(CLI::PositiveNumber);
  sub->add_option("--seed", command->seed,
                  "What they are drawn from (default 1)");
  sub->add_option("--only", command->only,
                  "Check this case and no random ones; can be repeated")
      ->type_name("CASE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  sub->add_option("--device", command->device,
                  "Where to run: cpu or cuda, or with a number as in cuda:1 "
                  "(default cpu)")
      ->type_name("DEVICE");
  sub->add_flag("--no-emulator-checks", command->noEmulatorChecks,
                "On the CPU device, do not check every memory access and "
                "meeting point (faster)");
  sub->add_option("--threads", command->threads,
                  "Threads of the CPU device (default: one a core)");
  sub->add_option("--time-limit", command->timeLimit,
                  "Stop drawing cases after this many seconds")
      ->type_name("SECONDS")
      ->check(CLI::PositiveNumber);
  sub->add_option("--junit", command->junit,
                  "Write the results as JUnit XML to this file")
      ->type_name("FILE");
  sub->footer(kFooter);
  sub->callback([&context, &action, command] {
    action = [&context, command] { return runCheck(context, *command); };
  });
}
