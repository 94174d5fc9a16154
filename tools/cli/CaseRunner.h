//===- CaseRunner.h - Cases of the oracle on a device ---------------------===//

#ifndef SSMC_TOOLS_CLI_CASERUNNER_H
#define SSMC_TOOLS_CLI_CASERUNNER_H

#include "ssmc/Oracle/Problem.h"
#include "ssmc/Runtime/Session.h"
#include "tools/cli/GuardedDevice.h"
#include <functional>
#include <list>
#include <mutex>

namespace ssmc::cli {

/// One case to be run.
struct CheckItem {
  oracle::Case it;
  /// What the case was chosen by, for the table of results.
  std::string suite;
  /// The file with the case's kernels; empty where they are compiled on demand.
  std::string bundle;
};

/// What came of a case.
struct CaseReport {
  /// StatusCode::Mismatch where results differ, Device where the device is
  /// lost, else Invalid: the op does not compile, or a kernel does what it must
  /// not.
  Status status;
  /// For people, of the results that are right: "out max difference …".
  std::string lines;
  /// The largest error of all results as a fraction of what is allowed.
  double worst = 0;
  double seconds = 0;
};

/// Makes the bundle that an item runs on. Thread-safe.
using BundleSource =
    std::function<Result<std::shared_ptr<const runtime::BundleView>>(
        const CheckItem &)>;

/// Runs cases on one device. Thread-safe: data is drawn, results are compared
/// and bundles are made side by side, only the device does one thing at a time.
class CaseRunner {
public:
  /// Each case is run `repeat` times, the last time in a new session, and all
  /// results must be bit-identical.
  CaseRunner(std::unique_ptr<runtime::Device> device, GuardOptions guards,
             BundleSource source, uint64_t repeat = 1)
      : inner(std::move(device)), device(*inner, guards),
        source(std::move(source)), repeat(repeat) {}

  [[nodiscard]] CaseReport run(const CheckItem &item);

private:
  using SharedProgram = std::shared_ptr<runtime::Program>;
  using Outputs = std::vector<runtime::NamedTensor>;

  Status check(const CheckItem &item, CaseReport &report);
  /// With the mutex held: the program of `key` if it is kept.
  SharedProgram findProgram(const std::string &key);
  /// With the mutex held.
  Result<SharedProgram>
  addProgram(std::shared_ptr<const runtime::BundleView> bundle,
             const std::string &key);
  /// With the mutex held: all runs of the case.
  Result<Outputs> runAll(runtime::Program &program, const oracle::Case &it,
                         const oracle::Problem &problem);

  std::unique_ptr<runtime::Device> inner;
  GuardedDevice device;
  BundleSource source;
  uint64_t repeat;
  std::mutex mutex;
  /// By what they were made for, the last used first.
  std::list<std::pair<std::string, SharedProgram>> programs;
};

} // namespace ssmc::cli

#endif // SSMC_TOOLS_CLI_CASERUNNER_H
