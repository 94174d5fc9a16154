//===- CaseRunner.cpp - Cases of the oracle on a device -------------------===//

#include "tools/cli/CaseRunner.h"
#include "runtime/Guard.h"
#include "tools/cli/ChunkedRun.h"
#include "tools/cli/CompareOutput.h"
#include <algorithm>
#include <chrono>
#include <fmt/format.h>

using namespace ssmc;
using namespace ssmc::cli;
using namespace ssmc::runtime;

/// Programs kept at a time: several threads work on neighbouring kernels.
static constexpr size_t kMaxPrograms = 32;

/// Beyond this many calls, what a call of a session costs would be most of the
/// time.
static constexpr size_t kManyCalls = 1000;

CaseRunner::SharedProgram CaseRunner::findProgram(const std::string &key) {
  auto found =
      std::find_if(programs.begin(), programs.end(),
                   [&](const auto &kept) { return kept.first == key; });
  if (found == programs.end())
    return nullptr;
  programs.splice(programs.begin(), programs, found);
  return programs.front().second;
}

Result<CaseRunner::SharedProgram>
CaseRunner::addProgram(std::shared_ptr<const BundleView> bundle,
                       const std::string &key) {
  Result<std::unique_ptr<Program>> program =
      Program::create(std::move(bundle), device, nullptr);
  if (!program.ok())
    return program.status();
  programs.emplace_front(key, std::move(*program));
  if (programs.size() > kMaxPrograms)
    programs.pop_back();
  return programs.front().second;
}

/// The first result of `again` that is not the same bits as that of `first`.
static Status compareBits(const std::vector<NamedTensor> &first,
                          const std::vector<NamedTensor> &again,
                          uint64_t number) {
  for (size_t i = 0; i < first.size(); ++i) {
    const HostTensor &expected = first[i].tensor, &got = again[i].tensor;
    auto [e, g] = std::mismatch(expected.data.begin(), expected.data.end(),
                                got.data.begin(), got.data.end());
    if (e == expected.data.end() && g == got.data.end())
      continue;
    return Status::mismatch(fmt::format(
        "{}: run {} of the same call gives other bits than the first one, "
        "element {} on",
        first[i].name, number,
        static_cast<size_t>(e - expected.data.begin()) /
            dtypeSize(expected.dtype)));
  }
  return Status();
}

Result<CaseRunner::Outputs> CaseRunner::runAll(Program &program,
                                               const oracle::Case &it,
                                               const oracle::Problem &problem) {
  bool isMany = problem.calls.size() > kManyCalls;
  std::unique_ptr<Session> session;
  Outputs first;
  for (uint64_t i = 1; i <= repeat; ++i) {
    if (i == 1 || i == repeat) {
      session.reset();
      Result<std::unique_ptr<Session>> created =
          Session::create(program, it.batch);
      if (!created.ok())
        return created.status();
      session = std::move(*created);
    }
    Result<Outputs> outputs =
        isMany ? runManyCalls(program, problem) : runCalls(*session, problem);
    if (!outputs.ok())
      return outputs;
    if (i == 1)
      first = std::move(*outputs);
    else
      SSMC_TRY(compareBits(first, *outputs, i));
  }
  return first;
}

Status CaseRunner::check(const CheckItem &item, CaseReport &report) {
  Result<oracle::Problem> problem = oracle::makeProblem(item.it);
  if (!problem.ok())
    return problem.status();
  std::string key =
      item.bundle.empty() ? oracle::kernelKey(item.it) : item.bundle;
  std::shared_ptr<const BundleView> bundle;
  Result<Outputs> outputs = Outputs();
  for (bool done = false; !done;) {
    std::unique_lock<std::mutex> lock(mutex);
    SharedProgram program = findProgram(key);
    if (!program && !bundle) {
      // Not with the mutex held: others can use the device meanwhile.
      lock.unlock();
      Result<std::shared_ptr<const BundleView>> made = source(item);
      if (!made.ok())
        return made.status();
      bundle = std::move(*made);
      continue;
    }
    if (!program) {
      Result<SharedProgram> added = addProgram(std::move(bundle), key);
      if (!added.ok())
        return added.status();
      program = std::move(*added);
    }
    outputs = runAll(*program, item.it, *problem);
    // What a stray write hits is often seen as a wrong result elsewhere.
    Status guards = device.checkGuards();
    if (!outputs.ok())
      return outputs.status();
    SSMC_TRY(guards);
    done = true;
  }
  std::string mismatches;
  for (size_t i = 0; i < outputs->size(); ++i) {
    OutputDifference difference =
        compareOutput(problem->outputs[i], (*outputs)[i].tensor);
    std::string &text = difference.isWithin ? report.lines : mismatches;
    text += (text.empty() ? "" : "; ") + difference.text;
    report.worst = std::max(report.worst, difference.fraction);
  }
  return mismatches.empty() ? Status() : Status::mismatch(mismatches);
}

CaseReport CaseRunner::run(const CheckItem &item) {
  auto start = std::chrono::steady_clock::now();
  CaseReport report;
  report.status = guarded([&] { return check(item, report); });
  report.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  return report;
}
