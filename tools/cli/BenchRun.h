//===- BenchRun.h - Measurements of one entry -----------------------------===//

#ifndef SSMC_TOOLS_CLI_BENCHRUN_H
#define SSMC_TOOLS_CLI_BENCHRUN_H

#include "tools/cli/BenchTable.h"
#include "tools/cli/Context.h"
#include "tools/cli/DeviceFigures.h"
#include "tools/cli/Meter.h"

namespace ssmc::cli {

/// What results are compared with before they are timed. Auto: what is
/// expected, else the oracle, else a second run.
enum class Verify { Auto, Oracle, Repeat, No };

struct BenchOptions {
  Verify verify = Verify::Auto;
  /// Of random inputs.
  uint64_t seed = 1;
  /// A word for each line; may be empty.
  std::string label;
  /// The command line but for the sizes.
  std::string rerun;
};

/// What an entry is measured on.
struct BenchData {
  /// By name; the others are random.
  std::vector<runtime::NamedTensor> inputs;
  /// By name or by position; may be empty.
  std::vector<runtime::NamedTensor> expected;
  /// Names of the sizes that take several values: those that a verification
  /// at smaller sizes makes smaller.
  std::vector<std::string> swept;
};

/// Measures one entry, one set of sizes after the other. Everything that it is
/// given must outlive it.
class BenchRun {
public:
  BenchRun(const Context &context, const BenchOptions &options,
           const BenchData &data, runtime::Program &program,
           const bundle::Entry &entry, Meter &meter)
      : context_(context), options_(options), data_(data), program_(program),
        entry_(entry), meter_(meter), facts_(program.device().facts()),
        figures_(figuresOf(facts_)) {}

  /// Says on standard error what the floor stands on.
  void explainFloor() const;

  /// Adds a line for each of the points, which have a value for every dim of
  /// the entry. The first failure, after all lines; a mismatch before any
  /// other.
  Status measureAll(const std::vector<runtime::Scalars> &points,
                    BenchTable &table);

private:
  Status measure(const runtime::Scalars &sizes, BenchRow &row);
  void describe(const runtime::EntryPlan &plan, BenchRow &row) const;
  /// So that sizes which do not fit are known to be such before anything is
  /// allocated.
  [[nodiscard]] Status checkMemory(const runtime::EntryPlan &plan) const;
  /// Each set of sizes that the oracle is asked for is asked for once in a row.
  /// Sets `verified` to what the line should say of it, and `needsRepeat` where
  /// that was for smaller sizes, or nothing.
  Status askOracle(const runtime::EntryPlan &plan, std::string &verified,
                   bool &needsRepeat);
  Result<runtime::PreparedCall> prepare(runtime::Session &session,
                                        const runtime::EntryPlan &plan,
                                        const runtime::Scalars &sizes);
  Status compareExpected(runtime::PreparedCall &call) const;

  const Context &context_;
  const BenchOptions &options_;
  const BenchData &data_;
  runtime::Program &program_;
  const bundle::Entry &entry_;
  Meter &meter_;
  runtime::DeviceFacts facts_;
  std::optional<DeviceFigures> figures_;
  /// Dims that the oracle was asked for last, and its case.
  std::optional<std::vector<uint64_t>> lastAsked_;
  std::optional<std::string> lastMatch_;
  bool saidRepeat_ = false, saidSmaller_ = false;
};

} // namespace ssmc::cli

#endif // SSMC_TOOLS_CLI_BENCHRUN_H
