//===- CheckRun.cpp - Many cases, and what to say of them -----------------===//

#include "tools/cli/CheckRun.h"
#include "ssmc/IO/File.h"
#include "ssmc/Oracle/Junit.h"
#include "tools/cli/Output.h"
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <map>
#include <set>
#include <thread>

using namespace ssmc;
using namespace ssmc::cli;

/// Cases of one kernel that a thread takes at a time: enough to be worth
/// loading it, few enough that many cases of one kernel are shared out.
static constexpr uint64_t kMaxTaken = 16;

namespace {

/// A line of the table.
struct SuiteResults {
  uint64_t passed = 0, failed = 0;
  std::set<std::string> kernels;
  double worst = 0;
};

class Run {
public:
  Run(const Context &context, const CheckOptions &options,
      const CheckPlan &plan)
      : options(options), plan(plan), out(context.out), progress(context.err) {}

  Status run();

private:
  struct Taken {
    uint64_t first = 0;
    std::vector<CheckItem> items;
  };

  void work(CaseRunner &runner);
  /// The next cases that share a kernel; none where it is time to stop.
  Taken take();
  void finish(uint64_t index, const CheckItem &item, CaseReport report,
              CaseRunner &runner);
  void printTable();
  Status writeJunit();
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() -
                                         start)
        .count();
  }
  [[nodiscard]] bool isStopped() const {
    return !lost.ok() || failures >= maxFailures();
  }
  [[nodiscard]] uint64_t maxFailures() const {
    return options.failFast ? 1 : plan.maxFailures;
  }

  const CheckOptions &options;
  const CheckPlan &plan;
  std::chrono::steady_clock::time_point start =
      std::chrono::steady_clock::now();

  /// Of everything below.
  std::mutex mutex;
  Output out;
  Progress progress;
  uint64_t next = 0, failures = 0;
  bool isLate = false;
  /// What the device said when it was lost.
  Status lost;
  /// By the case's number.
  std::map<uint64_t, oracle::TestResult> results;
  /// In the order in which they were seen.
  std::vector<std::pair<std::string, SuiteResults>> suites;
};

} // namespace

static std::string kernelOf(const CheckItem &item) {
  return item.bundle.empty() ? oracle::kernelKey(item.it) : item.bundle;
}

Run::Taken Run::take() {
  std::lock_guard<std::mutex> lock(mutex);
  Taken taken;
  isLate |= plan.timeLimit > 0 && seconds() >= plan.timeLimit;
  if (isLate || isStopped())
    return taken;
  taken.first = next;
  std::string kernel;
  while (next < plan.list.size && taken.items.size() < kMaxTaken) {
    CheckItem item = plan.list.at(next);
    if (taken.items.empty())
      kernel = kernelOf(item);
    else if (kernelOf(item) != kernel)
      break;
    taken.items.push_back(std::move(item));
    ++next;
  }
  return taken;
}

void Run::work(CaseRunner &runner) {
  for (Taken taken = take(); !taken.items.empty(); taken = take())
    for (size_t i = 0; i < taken.items.size(); ++i) {
      {
        std::lock_guard<std::mutex> lock(mutex);
        isLate |= plan.timeLimit > 0 && seconds() >= plan.timeLimit;
        if (isLate || isStopped())
          return;
        progress.show(fmt::format("{} of {}, {} failed: {}",
                                  taken.first + i + 1, plan.list.size, failures,
                                  oracle::printCase(taken.items[i].it)));
      }
      CaseReport report = runner.run(taken.items[i]);
      finish(taken.first + i, taken.items[i], std::move(report), runner);
    }
}

void Run::finish(uint64_t index, const CheckItem &item, CaseReport report,
                 CaseRunner &runner) {
  std::lock_guard<std::mutex> lock(mutex);
  std::string name = oracle::printCase(item.it);
  results[index] = {name, report.seconds, report.status.message()};
  auto suite =
      std::find_if(suites.begin(), suites.end(), [&](const auto &entry) {
        return entry.first == item.suite;
      });
  if (suite == suites.end())
    suite = suites.insert(suites.end(), {item.suite, SuiteResults()});
  SuiteResults &row = suite->second;
  row.kernels.insert(kernelOf(item));
  row.worst = std::max(row.worst, report.worst);
  if (report.status.ok()) {
    ++row.passed;
    if (plan.showPassed) {
      progress.clear();
      out.write(fmt::format("passed: {}: {}\n", name, report.lines));
    }
    return;
  }
  ++row.failed;
  ++failures;
  bool isLost = report.status.code() == StatusCode::Device;
  // A lost device fails everything that comes after, this is the cause.
  if (isLost && lost.ok())
    lost = report.status.withContext(
        item.bundle.empty() ? name : name + ": " + item.bundle);
  std::string text = isLost
                         ? report.status.message()
                         : plan.describeFailure(item, report.status, runner,
                                                [&](const std::string &what) {
                                                  progress.show(what);
                                                });
  progress.clear();
  out.write(fmt::format("FAILED: {}\n{}\n", name, text));
  out.flush();
}

void Run::printTable() {
  size_t width = 5;
  for (const auto &[name, row] : suites)
    width = std::max(width, name.size());
  auto line = [&](const std::string &name, const SuiteResults &row) {
    out.write(fmt::format("{:<{}} {:>8} {:>8} {:>8} {:>8} {:>12.3f}\n", name,
                          width, row.passed + row.failed, row.kernels.size(),
                          row.passed, row.failed, row.worst));
  };
  out.write(fmt::format("{:<{}} {:>8} {:>8} {:>8} {:>8} {:>12}\n", "suite",
                        width, "cases", "kernels", "passed", "failed",
                        "error/bound"));
  SuiteResults total;
  for (const auto &[name, row] : suites) {
    line(name, row);
    total.passed += row.passed;
    total.failed += row.failed;
    total.kernels.insert(row.kernels.begin(), row.kernels.end());
    total.worst = std::max(total.worst, row.worst);
  }
  if (suites.size() > 1)
    line("all", total);
}

Status Run::writeJunit() {
  if (options.junit.empty())
    return Status();
  std::vector<oracle::TestResult> list;
  for (auto &[index, result] : results)
    list.push_back(std::move(result));
  return writeFileAtomically(options.junit,
                             oracle::junitXml("ssmc check", list));
}

Status Run::run() {
  std::vector<std::thread> threads;
  for (size_t i = 1; i < plan.runners.size(); ++i)
    threads.emplace_back([this, i] { work(*plan.runners[i]); });
  work(*plan.runners.front());
  for (std::thread &thread : threads)
    thread.join();

  progress.clear();
  size_t done = results.size();
  if (done < plan.list.size)
    out.write(fmt::format("stopped after {} of {} cases: {}\n", done,
                          plan.list.size,
                          !lost.ok() ? "the device is lost"
                          : isLate   ? "the time is up"
                                     : "enough failures to look at"));
  printTable();
  out.write(fmt::format("{} passed, {} failed\n", done - failures, failures));
  Status finished = out.finish();
  SSMC_TRY(writeJunit());
  SSMC_TRY(finished);
  SSMC_TRY(lost);
  if (failures == 0)
    return Status();
  return Status::mismatch(
      fmt::format("{} of {} cases failed on {}", failures, done,
                  options.device.empty() ? "the device" : options.device));
}

Status cli::runChecks(const Context &context, const CheckOptions &options,
                      const CheckPlan &plan) {
  return Run(context, options, plan).run();
}

GuardOptions cli::checkGuards(const CheckOptions &options,
                              GuardOptions guards) {
  guards.bands &= !options.noGuards;
  guards.poison &= !options.noGuards;
  return guards;
}

unsigned cli::checkThreads(const CheckOptions &options) {
  return options.threads != 0
             ? options.threads
             : std::max(1u, std::thread::hardware_concurrency());
}

void cli::addCheckOptions(CLI::App &command, const Context &context,
                          CheckOptions &options) {
  options.device = context.deviceKinds.back();
  command
      .add_option(
          "--device", options.device,
          "Where to run: " +
              fmt::format("{}", fmt::join(context.deviceKinds, " or ")) +
              ", or with a number as in cuda:1 (default " + options.device +
              ")")
      ->type_name("DEVICE");
  command
      .add_option("--repeat", options.repeat,
                  "Run each case this many times and expect the same bits each "
                  "time, the last time in a new session (default 1)")
      ->check(CLI::PositiveNumber);
  command.add_flag("--fail-fast", options.failFast,
                   "Stop at the first case that fails");
  command.add_flag("--no-guards", options.noGuards,
                   "Do not surround and fill what is allocated: for tools that "
                   "look for stray accesses themselves");
  command
      .add_option("--junit", options.junit,
                  "Write the results as JUnit XML to this file")
      ->type_name("FILE");
  command.add_option("--threads", options.threads,
                     "Threads of the host, which draw data, compute what is "
                     "expected and are the CPU device (default: one a core)");
}
