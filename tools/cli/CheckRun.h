//===- CheckRun.h - Many cases, and what to say of them -------------------===//
//
// What `check` of both tools shares: threads that take cases, messages about
// those that fail, a table and JUnit XML in the end.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TOOLS_CLI_CHECKRUN_H
#define SSMC_TOOLS_CLI_CHECKRUN_H

#include "tools/cli/CaseRunner.h"
#include "tools/cli/Context.h"

namespace ssmc::cli {

/// The options that both tools have.
struct CheckOptions {
  std::string device;
  uint64_t repeat = 1;
  bool failFast = false;
  bool noGuards = false;
  std::string junit;
  /// Threads of the host; 0 for one a core.
  unsigned threads = 0;
};

/// Adds --device, --repeat, --fail-fast, --no-guards, --junit and --threads.
void addCheckOptions(CLI::App &command, const Context &context,
                     CheckOptions &options);

/// What the options leave of the guards of a device.
GuardOptions checkGuards(const CheckOptions &options, GuardOptions guards = {});

/// The number of threads that the options ask for.
unsigned checkThreads(const CheckOptions &options);

/// Cases by number, so that a million need not be in memory.
struct CheckList {
  uint64_t size = 0;
  /// Thread-safe.
  std::function<CheckItem(uint64_t)> at;
};

/// How to run a list.
struct CheckPlan {
  CheckList list;
  /// One a thread; the same one more than once where threads share a device.
  std::vector<std::shared_ptr<CaseRunner>> runners;
  /// What to print of a case that fails, a line or more. Called by one thread
  /// at a time; may run cases. `progress` is for what takes long.
  std::function<std::string(
      const CheckItem &, const Status &, CaseRunner &,
      const std::function<void(const std::string &)> &progress)>
      describeFailure;
  /// Say of passed cases how large their errors are.
  bool showPassed = false;
  /// Stop after this many failures.
  uint64_t maxFailures = UINT64_MAX;
  /// Take no more cases after this many seconds; 0 for no limit.
  double timeLimit = 0;
};

/// Runs all cases. StatusCode::Mismatch where some fail; StatusCode::Device,
/// with the case, where the device was lost, after which no case can run.
Status runChecks(const Context &context, const CheckOptions &options,
                 const CheckPlan &plan);

} // namespace ssmc::cli

#endif // SSMC_TOOLS_CLI_CHECKRUN_H
